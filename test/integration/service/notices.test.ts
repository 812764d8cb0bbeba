import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { Tandem } from '../../support/tandem.js';

const SECRET = 'a secret of the tests, long enough';
const MINUTE = 60_000;

test(
  'the service posts an entry that ends in Error to NOTIFY_URL, signed with NOTIFY_SECRET',
  async () => {
    const received: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
    const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      received.push({ headers: request.headers, body });
      response.writeHead(204).end();
    };
    const receiver = createServer((request, response) => void take(request, response));
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo;
    try {
      await using tandem = await Tandem.open({
        NOTIFY_URL: `http://127.0.0.1:${port}/hook`,
        NOTIFY_SECRET: SECRET.replaceAll(' ', '-'),
      });
      await tandem.start();
      // The service is ready a little before it has made the connection of the sandbox.
      const connection = await eventually('a connection', async () => {
        const { connectionSetups } = await tandem.ask('{ connectionSetups(first: 1) { edges { node { id } } } }');
        return connectionSetups.edges[0]?.node;
      });
      const { createJobQueueEntry } = await tandem.ask(
        `mutation ($input: CreateJobQueueEntryInput!) {
        createJobQueueEntry(input: $input) { jobQueueEntry { id } userErrors { message } }
      }`,
        {
          input: {
            code: 'NIGHTLY',
            task: 'FULL_SYNCH',
            connectionSetupId: connection.id,
            parameterString: 'EVERYTHING',
            maximumRetries: 0,
            status: 'READY',
          },
        },
      );
      expect(createJobQueueEntry.userErrors).toEqual([]);
      const told = (kind: string) =>
        eventually(`${kind} was posted`, () => received.find(({ body }) => JSON.parse(body).kind === kind), {
          withinMs: MINUTE,
        });
      const { headers, body } = await told('ENTRY_IN_ERROR');
      expect(JSON.parse(body)).toMatchObject({
        code: 'NIGHTLY',
        error: { class: 'CONFIGURATION', code: 'BAD_PARAMETER' },
        jobQueueEntryId: createJobQueueEntry.jobQueueEntry.id,
      });
      const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
      const signature = createHmac('sha256', SECRET.replaceAll(' ', '-')).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    } finally {
      receiver.closeAllConnections();
      receiver.close();
    }
  },
  3 * MINUTE,
);
