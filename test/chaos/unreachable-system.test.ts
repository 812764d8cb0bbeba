import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Tandem } from '../support/tandem.js';

/** The connectors ask again for a while before they give up, later each time. */
const GIVES_UP_MS = 120_000;

test('a run whose system cannot be reached ends in ERROR with the reason, and what it did not do is done once it is back', async () => {
  await using tandem = await Tandem.open();
  await tandem.start();
  await tandem.firstSynchronization();
  await tandem.stop();
  // Without a sandbox of its own the service does not bring the dead one back.
  await tandem.start({ SANDBOX: 'off' });
  const [pair] = await tandem.all(
    'couplings',
    'businessId salesId',
    'filter: { mapping: ["CUSTOMER"], state: [COUPLED] }',
  );
  await tandem.editAsPerson('BUSINESS', 'customers', pair?.businessId, { phoneNumber: '+47 99 88 77 66' });
  await tandem.stopSandbox();

  const { jobQueueEntry } = await tandem.ask('{ jobQueueEntry(code: "CUSTOMER") { id } }');
  await tandem.ask('mutation($id: ID!) { runJobQueueEntryOnce(input: { id: $id }) { run { code } } }', {
    id: jobQueueEntry.id,
  });
  const [failed] = await eventually(
    'the run has failed',
    async () => {
      const runs = await tandem.all(
        'jobQueueLogEntries',
        'code attempt error { class code message side retryable }',
        'filter: { status: [ERROR] }',
      );
      return runs.length > 0 && runs;
    },
    { withinMs: GIVES_UP_MS, everyMs: 500 },
  );
  expect(failed).toMatchObject({ attempt: 1, error: { class: 'TRANSIENT', code: 'UNREACHABLE', retryable: true } });
  expect(failed?.error.message).toMatch(/cannot be reached|refused/i);

  await tandem.startSandbox();
  await tandem.runOnce('CUSTOMER');
  const account = (await tandem.salesRows('accounts')).find(({ accountid }) => accountid === pair?.salesId);
  expect(account).toMatchObject({ telephone1: '+47 99 88 77 66' });
}, 180_000);
