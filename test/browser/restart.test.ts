import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { Tandem } from '../support/tandem.js';
import { Visitor } from './visitor.js';

const setStatus =
  'mutation($id: ID!, $status: JobQueueEntryStatus!) { setJobQueueEntryStatus(input: { id: $id, status: $status }) { userErrors { message } } }';

test('After the service was restarted a page goes on where it stopped, without a reload', async () => {
  await using tandem = await Tandem.open();
  const PORT = String(await freePort());
  await tandem.start({ PORT });
  await tandem.firstSynchronization();
  const { jobQueueEntry } = await tandem.ask('{ jobQueueEntry(code: "CURRENCY") { id } }');
  await using visitor = await Visitor.open('/entries?search=CURRENCY', { url: tandem.url, token: tandem.token });
  const { page } = visitor;
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  await page.evaluate('window.wasNotReloaded = true');

  await tandem.kill();
  await page.getByText('No connection to the service').waitFor();

  // What happens before the page is connected again is not missed.
  await tandem.start({ PORT });
  await tandem.ask(setStatus, { id: jobQueueEntry.id, status: 'ON_HOLD' });
  await page.getByRole('row').filter({ hasText: 'CURRENCY' }).locator('[data-status=ON_HOLD]').waitFor();
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  expect(await page.getByText('No connection to the service').count()).toBe(0);
  expect(await page.evaluate('window.wasNotReloaded')).toBe(true);
});
