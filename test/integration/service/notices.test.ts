import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { Tandem } from '../../support/tandem.js';

const SECRET = 'a secret of the tests, long enough';
const MINUTE = 60_000;

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Takes what is posted to it. */
class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server = createServer((request, response) => void this.#take(request, response));

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  of(kind: string): Received[] {
    return this.received.filter(({ body }) => JSON.parse(body).kind === kind);
  }

  /** The nth of this kind, from 1, once it was posted. */
  told(kind: string, number = 1): Promise<Received> {
    return eventually(`${kind} ${number} was posted`, () => this.of(kind)[number - 1], { withinMs: MINUTE });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    this.received.push({ headers: request.headers, body });
    response.writeHead(204).end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const refuseSecret = (tandem: Tandem) =>
  tandem.control('POST', '/faults', {
    system: 'SALES',
    operation: 'token',
    effect: { kind: 'error', status: 401, code: 'invalid_client', message: 'The client secret keys are expired.' },
  });

test(
  'the service posts an entry that ends in Error to NOTIFY_URL, signed with NOTIFY_SECRET',
  async () => {
    await using receiver = new Receiver();
    await using tandem = await Tandem.open({
      NOTIFY_URL: await receiver.listen(),
      NOTIFY_SECRET: SECRET.replaceAll(' ', '-'),
    });
    await tandem.control('POST', '/settings', { tokenLifetimeSeconds: 1 });
    await tandem.start();
    // The service is ready a little before it has set up the connection of the sandbox.
    const mapping = await eventually('the mapping of customers', async () => {
      const found = await tandem.ask('{ integrationTableMapping(name: "CUSTOMER") { id connectionSetup { id } } }');
      return found.integrationTableMapping ?? undefined;
    });
    await refuseSecret(tandem);
    const { createJobQueueEntry } = await tandem.ask(
      `mutation ($input: CreateJobQueueEntryInput!) {
        createJobQueueEntry(input: $input) { jobQueueEntry { id } userErrors { message } }
      }`,
      {
        input: {
          code: 'NIGHTLY',
          task: 'INTEGRATION_SYNCH',
          connectionSetupId: mapping.connectionSetup.id,
          mappingId: mapping.id,
          maximumRetries: 0,
          status: 'READY',
        },
      },
    );
    expect(createJobQueueEntry.userErrors).toEqual([]);
    const { headers, body } = await eventually(
      'the entry was posted',
      () => receiver.of('ENTRY_IN_ERROR').find((one) => JSON.parse(one.body).code === 'NIGHTLY'),
      { withinMs: MINUTE },
    );
    expect(JSON.parse(body)).toMatchObject({
      error: { class: 'AUTHENTICATION', side: 'SALES' },
      jobQueueEntryId: createJobQueueEntry.jobQueueEntry.id,
    });
    const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
    const signature = createHmac('sha256', SECRET.replaceAll(' ', '-')).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
  },
  3 * MINUTE,
);

test(
  'a system that refuses the credentials is posted once, however many runs fail, and again only after it was well meanwhile',
  async () => {
    await using receiver = new Receiver();
    await using tandem = await Tandem.open({ NOTIFY_URL: await receiver.listen() });
    // A token that lasts would hide for an hour that the secret is worth nothing any more.
    await tandem.control('POST', '/settings', { tokenLifetimeSeconds: 1 });
    await tandem.start();
    // A run of it that still succeeds after the first refusal would mean that the system is well again.
    await tandem.firstSynchronization();

    const run = async (code: string) => {
      const { jobQueueEntry } = await tandem.ask('query ($code: String!) { jobQueueEntry(code: $code) { id } }', {
        code,
      });
      await tandem.ask('mutation ($id: ID!) { runJobQueueEntryOnce(input: { id: $id }) { run { id } } }', {
        id: jobQueueEntry.id,
      });
    };
    const refused = async () => {
      const failed = await tandem.all('jobQueueLogEntries', 'code error { class }', 'filter: { status: [ERROR] }');
      return failed.filter(({ error }) => error.class === 'AUTHENTICATION').length;
    };

    // A token that is still good lets the first runs in.
    const runUntilRefused = async (times: number) => {
      const before = await refused();
      await refuseSecret(tandem);
      await eventually(
        `a run was refused, time ${times}`,
        async () => {
          await run('CUSTOMER');
          return (await refused()) > before;
        },
        { withinMs: MINUTE, everyMs: 1_500 },
      );
    };

    await runUntilRefused(1);
    const { body } = await receiver.told('CONNECTION_FAILED');
    expect(JSON.parse(body)).toMatchObject({ error: { class: 'AUTHENTICATION', side: 'SALES' } });
    expect(body).not.toContain('sandbox-secret');
    await run('CONTACTS');
    await eventually('more than one run was refused', async () => (await refused()) > 1, { withinMs: MINUTE });
    expect(receiver.of('CONNECTION_FAILED')).toHaveLength(1);

    await tandem.control('DELETE', '/faults');
    const { liveCursor } = await tandem.ask('{ liveCursor }');
    await run('CUSTOMER');
    for await (const { from, to } of tandem.transitions(liveCursor))
      if (from === 'IN_PROCESS' && ['FINISHED', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT'].includes(to)) break;

    await runUntilRefused(2);
    await receiver.told('CONNECTION_FAILED', 2);
  },
  5 * MINUTE,
);
