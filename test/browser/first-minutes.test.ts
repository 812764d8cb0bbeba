import { expect, test } from 'vitest';
import { Person } from '../support/person.js';
import { ask, Visitor } from './visitor.js';
import { dashboard } from './world.js';

test('The first five minutes: signed in, both systems tested, all synchronized, and a change seen on its way to the other side', async () => {
  await using visitor = await Visitor.open('/', { token: null });
  const { page } = visitor;
  await page.getByLabel('Token').fill(dashboard.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(/of [1-9][\d,]* pairs in step/).waitFor();
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();

  await page.getByRole('link', { name: 'Connections', exact: true }).first().click();
  await page.getByRole('link', { name: 'Set up' }).first().click();
  await page.getByRole('button', { name: 'Test both' }).click();
  const tests = page.getByRole('region', { name: '2. Whether both answer' });
  await expect.poll(() => tests.locator('.step-ok').count()).toBeGreaterThan(8);
  expect(await tests.locator('.step-bad').count()).toBe(0);

  await page.getByRole('link', { name: 'Full synchronization' }).click();
  await page.getByRole('radio', { name: /Match, then create/ }).check();
  await page.getByRole('button', { name: 'Start' }).click();
  await page.waitForURL(/\/full\//);
  await page.locator('.page-head [data-status=SUCCESS]').waitFor({ timeout: 90_000 });

  const { couplings } = await ask(
    '{ couplings(last: 1, filter: { mapping: ["CONTACTS"], state: [COUPLED] }) { edges { node { title businessId salesId } } } }',
  );
  const { title, salesId } = couplings.edges[0].node;
  await page.getByRole('link', { name: 'Couplings' }).click();
  await page.getByLabel('Search a name or an id').fill(salesId);
  await page.getByRole('link', { name: title }).click();
  const both = page.getByRole('region', { name: 'Both sides now' });
  await both.getByRole('row').nth(2).waitFor();

  const person = new Person(dashboard.sandboxUrl);
  await person.update('SALES', 'contacts', salesId, { mobilephone: '555 0199' });
  // Nobody presses anything: the job wakes, and the pair's history tells what it wrote.
  const history = page.getByRole('table', { name: 'History of writes' });
  await history.getByText('555 0199').first().waitFor({ timeout: 90_000 });
  expect(visitor.complaints).toEqual([]);
});
