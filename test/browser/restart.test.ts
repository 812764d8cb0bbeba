import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { startAnother } from './another-process.js';
import { makeIdleEntry, setStatus } from './entries.js';
import { Visitor } from './visitor.js';

test('After the service was restarted a page goes on where it stopped, without a reload', async () => {
  const PORT = String(await freePort());
  await using first = await startAnother({ PORT });
  await using _entry = await makeIdleEntry('HELD-MEANWHILE');
  await using visitor = await Visitor.open('/entries?search=HELD-MEANWHILE', { url: first.url });
  const { page } = visitor;
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  await page.evaluate('window.wasNotReloaded = true');

  await first.kill();
  await page.getByText('No connection to the service').waitFor();
  expect(await visitor.violations()).toEqual([]);

  // What happens before the page is connected again is not missed.
  await setStatus('HELD-MEANWHILE', 'ON_HOLD');
  await using _second = await startAnother({ PORT });
  const row = page.getByRole('row').filter({ hasText: 'HELD-MEANWHILE' });
  await row.locator('[data-status=ON_HOLD]').waitFor();
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  expect(await page.getByText('No connection to the service').count()).toBe(0);
  expect(await page.evaluate('window.wasNotReloaded')).toBe(true);
  await setStatus('HELD-MEANWHILE', 'READY');
  await row.locator('[data-status=READY]').waitFor();
});
