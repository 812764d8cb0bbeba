import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { startAnother } from './another-process.js';
import { ask, Visitor } from './visitor.js';

const setStatus =
  'mutation($id: ID!, $status: JobQueueEntryStatus!) { setJobQueueEntryStatus(input: { id: $id, status: $status }) { userErrors { message } } }';

test('After the service was restarted a page goes on where it stopped, without a reload', async () => {
  const PORT = String(await freePort());
  await using first = await startAnother({ PORT });
  const { jobQueueEntry } = await ask('{ jobQueueEntry(code: "CURRENCY") { id } }');
  await using visitor = await Visitor.open('/entries?search=CURRENCY', { url: first.url });
  const { page } = visitor;
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  await page.evaluate('window.wasNotReloaded = true');

  await first.kill();
  await page.getByText('No connection to the service').waitFor();

  // What happens before the page is connected again is not missed.
  await ask(setStatus, { id: jobQueueEntry.id, status: 'ON_HOLD' });
  await using _second = await startAnother({ PORT });
  const held = page.getByRole('row').filter({ hasText: 'CURRENCY' }).locator('[data-status=ON_HOLD]');
  await held.waitFor();
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  expect(await page.getByText('No connection to the service').count()).toBe(0);
  expect(await page.evaluate('window.wasNotReloaded')).toBe(true);
  await ask(setStatus, { id: jobQueueEntry.id, status: 'READY' });
  await held.waitFor({ state: 'detached' });
});
