import { expect, test } from 'vitest';
import { ask, Visitor } from './visitor.js';

const mappingOf = async (name: string): Promise<Record<string, any>> =>
  (
    await ask(
      'query($name: String!) { integrationTableMapping(name: $name) { id revision tableFilter { field expression } fields { field transformations } } }',
      { name },
    )
  ).integrationTableMapping;

test('A filter tells how many records it matches while it is typed, and what is wrong with it', async () => {
  const { id } = await mappingOf('SALESPEOPLE');
  await using visitor = await Visitor.open(`/mappings/${id}`);
  const { page } = visitor;
  const filters = page.getByRole('group', { name: 'Filter on salespeoplePurchasers' });
  const filter = filters.getByRole('textbox', { name: 'Filter 1 on salespeoplePurchasers' });
  await filters.getByText('records match now').waitFor();
  await filters.getByRole('button', { name: 'Filter', exact: true }).click();
  await filters.getByRole('combobox', { name: 'Field 1 on salespeoplePurchasers' }).fill('code');
  await filter.fill('(');
  await filters.locator('.problem-lines').getByText('Error:').first().waitFor();
  await filter.fill('<>NOBODY');
  await filters.locator('.problem-lines').waitFor({ state: 'detached' });
  await filters.getByText(/[1-9]\d* records? match(es)? now/).waitFor();
  expect(await visitor.violations()).toEqual([]);
  await page.getByRole('group', { name: 'Unsaved changes' }).getByRole('button', { name: 'Undo' }).click();
  await filters.getByText('All records.').waitFor();
});

test('A field gets a transformation, which is tried on a real record before it is saved', async () => {
  await using visitor = await Visitor.open('/rules');
  const { page } = visitor;
  await page.getByRole('button', { name: 'New rule' }).click();
  await page.getByLabel('Code').fill('NO-BLANKS');
  await page.getByLabel('What it makes of a value').selectOption('REPLACE');
  await page.getByLabel('What comes in its place').fill('_');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/findValue: expected/).waitFor();
  await page.getByLabel('What is looked for').fill(' ');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('NO-BLANKS was saved.').waitFor();
  expect(await visitor.violations()).toEqual([]);

  const resource = await mappingOf('RESOURCE-PRODUCT');
  await visitor.goTo(`/mappings/${resource['id']}`);
  await page.getByRole('button', { name: 'Change name' }).click();
  await page.getByLabel('Add a transformation').selectOption('NO-BLANKS');
  const line = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Change name' }) });
  await line.getByText('cannot be applied both ways').waitFor();
  await line.getByLabel('Direction').selectOption('To Dataverse');
  await line.getByText('cannot be applied both ways').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Try it', exact: true }).click();
  await page.getByRole('radio').first().check();
  const tried = page.getByRole('region', { name: 'Values tried out' });
  await tried.getByRole('row').filter({ hasText: 'NO-BLANKS' }).first().waitFor();
  expect(await visitor.violations()).toEqual([]);
  await page.getByRole('group', { name: 'Unsaved changes' }).getByRole('button', { name: 'Save' }).click();
  await page.getByText('RESOURCE-PRODUCT was saved.').waitFor();
  const saved = (await mappingOf('RESOURCE-PRODUCT')).fields.find(({ field }: { field: string }) => field === 'name');
  expect(saved.transformations).toEqual(['NO-BLANKS']);
});

test('A mapping is made from two tables of the systems, and deleted', async () => {
  await using visitor = await Visitor.open('/mappings');
  const { page } = visitor;
  await page.getByRole('link', { name: 'New mapping' }).click();
  await page.getByLabel('Name', { exact: true }).fill('VENDOR-ACCOUNT');
  await page.getByLabel('Business table').fill('vendors');
  await page.getByLabel('Dataverse table').fill('accounts');
  await page.getByRole('button', { name: 'Field', exact: true }).click();
  await page.getByLabel('Business field').fill('displayName');
  await page.getByLabel('Dataverse field').fill('name');
  await page
    .locator('.type-words')
    .getByText(/Text, at most \d+ characters/)
    .first()
    .waitFor();
  expect(await visitor.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Make the mapping' }).click();
  await page.getByRole('heading', { level: 1, name: 'VENDOR-ACCOUNT' }).waitFor();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { level: 1, name: 'Integration table mappings' }).waitFor();
  await page.getByText('VENDOR-ACCOUNT was deleted.').waitFor();
});
