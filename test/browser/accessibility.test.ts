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
  { name: 'an address that leads nowhere', path: () => '/nowhere' },
];

async function runOf(code: string): Promise<string> {
  const { jobQueueLogEntries } = await ask(
    'query($code: [String!]) { jobQueueLogEntries(first: 1, filter: { code: $code }) { edges { node { id } } } }',
    { code: [code] },
  );
  return jobQueueLogEntries.edges[0].node.id;
}

test.each(pages)('axe finds nothing on $name, light and dark', async ({ path }) => {
  await using visitor = await Visitor.open(await path());
  await visitor.settled();
  expect(await visitor.violations()).toEqual([]);
  await visitor.page.emulateMedia({ colorScheme: 'dark' });
  expect(await visitor.violations()).toEqual([]);
  expect(visitor.complaints).toEqual([]);
});

test('axe finds nothing on the sign-in page', async () => {
  await using visitor = await Visitor.open('/', { token: null });
  await visitor.page.getByLabel('Token').waitFor();
  expect(await visitor.violations()).toEqual([]);
});
