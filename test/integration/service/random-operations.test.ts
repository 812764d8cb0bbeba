import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RandomOperation, RandomOperations } from '../../support/random-operations.js';
import { Seeded } from '../../support/seeded.js';
import { firstSeed } from '../../support/seeds.js';
import { Tandem } from '../../support/tandem.js';

const OPERATIONS = process.env.TEST_LONG === '1' ? 10_000 : 500;
const SEED = firstSeed();
/** After so many operations what some of them switched off is switched on again. */
const MEND_AFTER = 40;
/** How often what was not reached by chance is asked for by name. */
const MOST_ROUNDS = 100;
/** How long a subscription is listened to: most have something to tell at once, the others are left alone. */
const LISTEN_MS = 300;

interface Outcome {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

describe(`random operations, TEST_SEED=${SEED}`, () => {
  let tandem: Tandem;
  let socket: Client;
  const operations = new RandomOperations(buildSchema(readFileSync('schema/schema.graphql', 'utf8')), new Seeded(SEED));
  const reached = new Set<string>();
  const untyped: unknown[] = [];
  const codes = new Map<string, number>();
  let answered = 0;

  beforeAll(async () => {
    tandem = await Tandem.open();
    await tandem.start({ LIMIT_OPERATION_SECONDS: '12' });
    await tandem.firstSynchronization();
    socket = tandem.webSocket();
    for (let round = 0; round < 3; round += 1) operations.learn(await tandem.ask(LESSON));
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  async function send({ kind, query, variables }: RandomOperation): Promise<Outcome> {
    return kind === 'subscription' ? listen(socket, query, variables) : tandem.askRaw(query, variables);
  }

  function judge(operation: RandomOperation, { data, errors = [] }: Outcome): void {
    operations.learn(data);
    const values = Object.values(data ?? {}).filter((value) => value !== null);
    if (values.length > 0) {
      answered += 1;
      reached.add(operation.root);
    } else if (operation.kind === 'subscription' && errors.length === 0) reached.add(operation.root);
    for (const { message, extensions } of errors) {
      const code = extensions?.code ?? 'none';
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (code === 'none' || code === 'INTERNAL_SERVER_ERROR') untyped.push({ ...operation, message, code });
    }
  }

  test(`${OPERATIONS} of them are answered with data or a typed error`, async () => {
    for (let sent = 1; sent <= OPERATIONS; sent += 1) {
      const operation = operations.next();
      judge(operation, await send(operation));
      if (sent % MEND_AFTER === 0) await switchOn(tandem, operations);
    }
    const unreached = () => operations.rootNames.filter((name) => !reached.has(name));
    for (let round = 0; round < MOST_ROUNDS && unreached().length > 0; round += 1) {
      // What is known may be gone by now: deleted by one of the operations, or switched off.
      await switchOn(tandem, operations);
      operations.learn(await tandem.ask(LESSON));
      for (const name of unreached()) {
        const operation = operations.ofRoot(name);
        judge(operation, await send(operation));
      }
    }
    expect(untyped).toEqual([]);
    expect(tandem.output).not.toContain('failed unexpectedly');
    process.stdout.write(
      `${answered} of ${OPERATIONS} random operations had data; errors: ${JSON.stringify(Object.fromEntries(codes))}\n`,
    );
    expect(unreached()).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(OPERATIONS / 2);
  }, 3_600_000);
});

/** What a page would show first: ids and names that the operations begin with. */
const LESSON = `{
  connectionSetups { edges { cursor node { __typename id name business { baseUrl } sales { baseUrl } } } }
  integrationTableMappings(first: 20) { edges { cursor node { __typename id mappingName: name table integrationTable fields { field integrationField } } } }
  jobQueueEntries(first: 20) { edges { cursor node { __typename id code } } }
  jobQueueLogEntries(first: 10) { edges { cursor node { __typename id } } }
  synchJobs(first: 10) { edges { cursor node { __typename id } } }
  couplings(first: 20) { edges { cursor node { __typename id title businessId salesId } } }
  synchJobErrors(first: 5) { edges { cursor node { __typename id error { code field } } } }
  fullSynchronizations(first: 5) { edges { cursor node { __typename id } } }
  transformationRules(first: 5) { edges { cursor node { __typename id code } } }
  liveCursor
}`;

/** The first answer of a subscription; nothing when none comes soon. */
async function listen(socket: Client, query: string, variables: Record<string, unknown>): Promise<Outcome> {
  const events = socket.iterate({ query, variables });
  const timer = setTimeout(() => void events.return?.(), LISTEN_MS);
  try {
    const { value } = await events.next();
    return (value as Outcome | undefined) ?? {};
  } catch (error) {
    // A refusal before the first event comes as the list of its errors.
    if (Array.isArray(error)) return { errors: error };
    throw error;
  } finally {
    clearTimeout(timer);
    await events.return?.();
  }
}

/** The operations make, change and delete what they like; a connection that reaches its systems is there again after this. */
async function switchOn(tandem: Tandem, operations: RandomOperations): Promise<void> {
  const { connectionSetups } = await tandem.ask(
    '{ connectionSetups(first: 100) { edges { node { __typename id name enabled } } } }',
  );
  operations.learn(connectionSetups);
  for (const { node } of connectionSetups.edges) {
    if (node.enabled) continue;
    const { enableConnectionSetup } = await tandem.ask(
      'mutation ($id: ID!) { enableConnectionSetup(input: { id: $id }) { userErrors { code message } } }',
      { id: node.id },
    );
    operations.learn(enableConnectionSetup);
  }
}
