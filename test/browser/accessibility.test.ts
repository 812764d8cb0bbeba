import { expect, test } from 'vitest';
import { ask, Visitor } from './visitor.js';

const pages: readonly { readonly name: string; readonly path: () => Promise<string> | string }[] = [
  { name: 'overview', path: () => '/' },
  { name: 'job queue entries', path: () => '/entries' },
  { name: 'job queue entries without a match', path: () => '/entries?search=no-such-entry' },
  {
    name: 'an entry',
    path: async () => `/entries/${(await ask('{ jobQueueEntry(code: "CUSTOMER") { id } }')).jobQueueEntry.id}`,
  },
  { name: 'the log', path: () => '/runs' },
  { name: 'a run with errors', path: async () => `/runs/${await runOf('CUSTOMER#1')}` },
  { name: 'couplings', path: () => '/couplings' },
  { name: 'couplings of one state', path: () => '/couplings?state=FAILED' },
  {
    name: 'a pair in conflict',
    path: async () => `/couplings/${await firstNode('couplings(first: 1, filter: { state: [CONFLICT] })')}`,
  },
  { name: 'errors by cause', path: () => '/errors' },
  {
    name: 'a synch job',
    path: async () => `/synch-jobs/${await firstNode('synchJobs(last: 1, filter: { mapping: ["CUSTOMER"] })')}`,
  },
  { name: 'mappings', path: () => '/mappings' },
  {
    name: 'a mapping',
    path: async () =>
      `/mappings/${(await ask('{ integrationTableMapping(name: "CUSTOMER") { id } }')).integrationTableMapping.id}`,
  },
  { name: 'full synchronizations', path: () => '/full' },
  { name: 'a full synchronization', path: async () => `/full/${await firstNode('fullSynchronizations(first: 1)')}` },
  { name: 'connections', path: () => '/connections' },
  { name: 'a connection', path: async () => `/connections/${await firstNode('connectionSetups(first: 1)')}` },
  { name: 'a new entry', path: () => '/entries/new' },
  { name: 'a new mapping', path: () => '/mappings/new' },
  { name: 'a new connection', path: () => '/connections/new' },
  { name: 'transformation rules', path: () => '/rules' },
  { name: 'API tokens', path: () => '/tokens' },
  { name: 'the audit', path: () => '/audit' },
  { name: 'an object that is gone', path: () => '/couplings/Q291cGxpbmc6bm9uZQ' },
  { name: 'an address that leads nowhere', path: () => '/nowhere' },
];

async function firstNode(field: string): Promise<string> {
  const [connection] = Object.values(await ask(`{ ${field} { edges { node { id } } } }`));
  return connection.edges[0].node.id;
}

async function runOf(code: string): Promise<string> {
  const { jobQueueLogEntries } = await ask(
    'query($code: [String!]) { jobQueueLogEntries(first: 1, filter: { code: $code }) { edges { node { id } } } }',
    { code: [code] },
  );
  return jobQueueLogEntries.edges[0].node.id;
}

test.concurrent.each(pages)('axe finds nothing on $name, light and dark', async ({ path }) => {
  await using visitor = await Visitor.open(await path());
  await visitor.settled();
  expect(await visitor.violations()).toEqual([]);
  // Only colours differ in the dark.
  await visitor.page.emulateMedia({ colorScheme: 'dark' });
  expect(await visitor.violations(['color-contrast'])).toEqual([]);
  expect(visitor.complaints).toEqual([]);
});

test('axe finds nothing on the sign-in page', async () => {
  await using visitor = await Visitor.open('/', { token: null });
  await visitor.page.getByLabel('Token').waitFor();
  expect(await visitor.violations()).toEqual([]);
});
