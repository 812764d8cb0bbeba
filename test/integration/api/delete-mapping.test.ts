import { expect, test } from 'vitest';
import { globalId } from '../../../src/api/global-id.js';
import type { JobQueueEntryStatus } from '../../../src/job-queue/job-queue-entry.js';
import { connectionSetup, mapping } from './records.js';
import { runningApi } from './running-api.js';

const running = runningApi();

const DELETE =
  'mutation ($id: ID!) { deleteIntegrationTableMapping(input: { id: $id }) { deletedId userErrors { code message } } }';

async function mappingWithOneOff(status: JobQueueEntryStatus) {
  const { connectionSetups, mappings, jobQueue } = running.services;
  const setup = connectionSetup();
  await connectionSetups.insert(setup);
  const made = mapping(setup.id, 'CUSTOMER');
  await mappings.insert(made);
  const { entry } = await jobQueue.createOneOff({
    connectionSetupId: setup.id,
    task: 'INTEGRATION_SYNCH',
    mappingId: made.id,
    mappingName: made.name,
    actor: 'test',
  });
  await running.store.db
    .collection<{ _id: string }>('jobQueueEntries')
    .updateOne({ _id: entry._id }, { $set: { status, currentRunId: null } });
  return globalId('IntegrationTableMapping', made.id);
}

test.each(['FINISHED', 'ERROR'] as const)('a mapping goes that only a run needs which ended as %s', async (status) => {
  const id = await mappingWithOneOff(status);
  expect((await running.data(DELETE, { id })).deleteIntegrationTableMapping).toEqual({ deletedId: id, userErrors: [] });
});

test.each(['READY', 'IN_PROCESS', 'WAITING', 'ON_HOLD'] as const)(
  'a mapping stays that a run needs which is %s',
  async (status) => {
    const id = await mappingWithOneOff(status);
    expect((await running.data(DELETE, { id })).deleteIntegrationTableMapping).toMatchObject({
      deletedId: null,
      userErrors: [{ code: 'IN_USE', message: expect.stringContaining('CUSTOMER#') }],
    });
  },
);
