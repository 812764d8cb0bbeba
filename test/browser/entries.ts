import { expect } from 'vitest';
import { ask } from './visitor.js';

const setStatusById =
  'mutation($id: ID!, $status: JobQueueEntryStatus!) { setJobQueueEntryStatus(input: { id: $id, status: $status }) { userErrors { message } } }';

/** Of an entry, by its code. */
export async function idOfEntry(code: string): Promise<string> {
  return (await ask('query($code: String!) { jobQueueEntry(code: $code) { id } }', { code })).jobQueueEntry.id;
}

export async function statusOf(code: string): Promise<string> {
  return (await ask('query($code: String!) { jobQueueEntry(code: $code) { status } }', { code })).jobQueueEntry.status;
}

/** As somebody else does it while a visitor looks. */
export async function setStatus(code: string, status: 'READY' | 'ON_HOLD'): Promise<void> {
  const { setJobQueueEntryStatus } = await ask(setStatusById, { id: await idOfEntry(code), status });
  expect(setJobQueueEntryStatus.userErrors).toEqual([]);
}

const runsOf =
  'query($mapping: String!) { jobQueueLogEntries(filter: { mapping: [$mapping], status: [IN_PROCESS] }) { totalCount } }';

/**
 * The entry of a mapping on hold, with nothing of the mapping running: what only a run would end stays as it is while a
 * test looks at it. Ready again afterwards.
 */
export async function holdMapping(mapping: string): Promise<AsyncDisposable> {
  const { integrationTableMapping } = await ask(
    'query($name: String!) { integrationTableMapping(name: $name) { jobQueueEntry { code } } }',
    { name: mapping },
  );
  const { code } = integrationTableMapping.jobQueueEntry;
  await setStatus(code, 'ON_HOLD');
  await expect.poll(async () => (await ask(runsOf, { mapping })).jobQueueLogEntries.totalCount).toBe(0);
  return { [Symbol.asyncDispose]: () => setStatus(code, 'READY') };
}

const created =
  'mutation($input: CreateJobQueueEntryInput!) { createJobQueueEntry(input: $input) { jobQueueEntry { id } userErrors { message } } }';
const deleted = 'mutation($id: ID!) { deleteJobQueueEntry(input: { id: $id }) { userErrors { message } } }';

/** An entry that is not due for decades: it has the status that somebody gave it, and no other. Deleted afterwards. */
export async function makeIdleEntry(code: string): Promise<AsyncDisposable> {
  const { createJobQueueEntry } = await ask(created, {
    input: { code, task: 'RETENTION', runOn: ['MONDAY'], earliestStartAt: '2099-01-01T00:00:00Z', status: 'READY' },
  });
  expect(createJobQueueEntry.userErrors).toEqual([]);
  const { id } = createJobQueueEntry.jobQueueEntry;
  return {
    async [Symbol.asyncDispose]() {
      expect((await ask(deleted, { id })).deleteJobQueueEntry.userErrors).toEqual([]);
    },
  };
}
