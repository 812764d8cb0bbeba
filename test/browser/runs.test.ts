import { test } from 'vitest';
import { holdMapping } from './entries.js';
import { ask, Visitor } from './visitor.js';
import { dashboard } from './world.js';

/** Lets Dataverse take long over contacts until it is disposed of. */
async function slowContacts(): Promise<AsyncDisposable> {
  const faults = `${dashboard.sandboxUrl}/control/faults`;
  await fetch(faults, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ system: 'SALES', path: 'contacts', effect: { kind: 'delay', ms: 20_000 } }),
  });
  return {
    async [Symbol.asyncDispose]() {
      await fetch(faults, { method: 'DELETE' });
    },
  };
}

test('What runs is seen on the overview with its rate, and stopped from its page', async () => {
  await using _held = await holdMapping('CONTACTS');
  await using _slow = await slowContacts();
  const { integrationTableMapping } = await ask('{ integrationTableMapping(name: "CONTACTS") { id } }');
  await using visitor = await Visitor.open(`/mappings/${integrationTableMapping.id}`);
  const { page } = visitor;
  await page.getByLabel('all records').check();
  await page.getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL(/\/runs\//);
  const address = new URL(page.url()).pathname;
  const code = (await page.getByRole('heading', { level: 1, name: /^CONTACTS#/ }).textContent()) ?? '';
  await page.locator('[data-status=IN_PROCESS]').first().waitFor();

  await page.getByRole('link', { name: 'Overview' }).click();
  const running = page.getByRole('list', { name: 'Runs now' }).getByRole('listitem').filter({ hasText: code });
  await running.getByText(/read, [\d,]+ a minute/).waitFor();
  await running.getByRole('link', { name: code }).click();
  await page.waitForURL(new RegExp(address));
  await page.getByRole('button', { name: `Stop the run of ${code}` }).click();
  await page.locator('[data-status=CANCELLED]').first().waitFor();
  await page.getByRole('button', { name: `Stop the run of ${code}` }).waitFor({ state: 'detached' });
});
