import { expect, test } from 'vitest';
import { Person } from '../support/person.js';
import { holdMapping } from './entries.js';
import { ask, Visitor } from './visitor.js';
import { dashboard } from './world.js';

test('A dry run is looked at as a plan, applied in part, and what it wrote is undone by a plan of its own', async () => {
  const person = new Person(dashboard.sandboxUrl);
  const { couplings, integrationTableMapping } = await ask(
    '{ couplings(last: 3, filter: { mapping: ["CUSTOMER"], state: [COUPLED] }) { edges { node { title businessId salesId } } } integrationTableMapping(name: "CUSTOMER") { id } }',
  );
  const [one, other] = couplings.edges.map((edge: { node: Record<string, string> }) => edge.node);
  const phoneOf = async ({ salesId }: Record<string, string>): Promise<unknown> =>
    (await person.rows('SALES', 'accounts')).find(({ accountid }) => accountid === salesId)?.['telephone1'];
  const before = [await phoneOf(one), await phoneOf(other)];
  // Nothing but this test carries the changes over.
  await using _held = await holdMapping('CUSTOMER');
  for (const { businessId } of [one, other])
    await person.update('BUSINESS', 'customers', businessId, { phoneNumber: '555 0101' });

  await using visitor = await Visitor.open(`/mappings/${integrationTableMapping.id}`);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Dry run' }).click();
  const plan = page.getByRole('region', { name: 'Plan' });
  const group = plan.getByRole('region', { name: 'Would be changed in Dataverse' });
  await group.getByRole('listitem').filter({ hasText: one.title }).getByText('555 0101').waitFor();
  expect(await visitor.violations()).toEqual([]);
  expect([await phoneOf(one), await phoneOf(other)]).toEqual(before);

  // With keys alone: the row is gone to, and x takes it out.
  await group.getByRole('link', { name: other.title }).focus();
  await page.keyboard.press('x');
  expect(await group.getByRole('checkbox', { name: `Apply to ${other.title}` }).isChecked()).toBe(false);
  await plan.getByRole('button', { name: /^Apply \d+ changes?$/ }).click();
  await plan.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Dry run of CUSTOMER applied').waitFor();
  const planUndo = page.getByRole('button', { name: 'Plan the undo' });
  await planUndo.waitFor();
  expect([await phoneOf(one), await phoneOf(other)]).toEqual(['555 0101', before[1]]);

  await planUndo.click();
  await page.getByRole('region', { name: 'Would be changed in Dataverse' }).getByText('555 0101').waitFor();
  expect(await phoneOf(one)).toBe('555 0101');
  await page.getByRole('button', { name: 'Undo as planned' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'To Dataverse' }).waitFor();
  await expect.poll(() => phoneOf(one), { timeout: 20_000 }).toBe(before[0]);
});

test('A plan is applied whole', async () => {
  const person = new Person(dashboard.sandboxUrl);
  const { couplings, integrationTableMapping } = await ask(
    '{ couplings(last: 2, filter: { mapping: ["CUSTOMER"], state: [COUPLED] }) { edges { node { title businessId salesId } } } integrationTableMapping(name: "CUSTOMER") { id } }',
  );
  const pairs: readonly Record<string, string>[] = couplings.edges.map((edge: { node: object }) => edge.node);
  await using _held = await holdMapping('CUSTOMER');
  for (const { businessId } of pairs)
    await person.update('BUSINESS', 'customers', businessId ?? '', { faxNumber: '555 0202' });

  await using visitor = await Visitor.open(`/mappings/${integrationTableMapping.id}`);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Dry run' }).click();
  const plan = page.getByRole('region', { name: 'Plan' });
  for (const { title } of pairs)
    await plan
      .getByRole('listitem')
      .filter({ hasText: title ?? '' })
      .getByText('555 0202')
      .waitFor();
  await plan.getByRole('button', { name: /^Apply (all|\d+ changes?)/ }).click();
  await plan.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Dry run of CUSTOMER applied').waitFor();
  await page.getByRole('button', { name: 'Plan the undo' }).waitFor();
  const accounts = await person.rows('SALES', 'accounts');
  const faxOf = (id: string | undefined): unknown => accounts.find(({ accountid }) => accountid === id)?.['fax'];
  expect(pairs.map(({ salesId }) => faxOf(salesId))).toEqual(['555 0202', '555 0202']);
});
