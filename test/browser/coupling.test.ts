import { expect, test } from 'vitest';
import { Person } from '../support/person.js';
import { ask, Visitor } from './visitor.js';
import { dashboard } from './world.js';

test('Two records are picked in both systems and coupled by hand, and uncoupled again', async () => {
  const person = new Person(dashboard.sandboxUrl);
  const name = `Fjordline ${Date.now()}`;
  await person.create('BUSINESS', 'customers', { displayName: name });
  await person.create('SALES', 'accounts', { name: `${name} A/S`, customertypecode: 3 });
  const { integrationTableMapping } = await ask('{ integrationTableMapping(name: "CUSTOMER") { id } }');
  await using visitor = await Visitor.open(`/mappings/${integrationTableMapping.id}`);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Pick two by hand' }).click();
  for (const side of ['Business record', 'Dataverse record']) {
    const picker = page.getByRole('group', { name: side });
    await picker.getByRole('searchbox').fill(name);
    await picker.getByRole('radio', { name }).check();
  }
  expect(await visitor.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Couple', exact: true }).click();
  await page.waitForURL(/\/couplings\//);
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await page.getByRole('button', { name: 'Uncouple' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Uncouple' }).click();
  await page.getByText('The pair is forgotten; both records stay.').waitFor();
});

test('Where matching finds several counterparts a person picks one of them', async () => {
  const person = new Person(dashboard.sandboxUrl);
  const name = `Havnegade ${Date.now()}`;
  await person.create('BUSINESS', 'customers', { displayName: name, city: 'Aarhus' });
  for (const telephone1 of ['1', '2'])
    await person.create('SALES', 'accounts', { name, address1_city: 'Aarhus', customertypecode: 3, telephone1 });
  const { integrationTableMapping } = await ask('{ integrationTableMapping(name: "CUSTOMER") { id } }');
  await using visitor = await Visitor.open(`/mappings/${integrationTableMapping.id}`);
  const { page } = visitor;
  await page.getByRole('button', { name: 'Match and couple' }).click();
  const line = page.getByRole('listitem').filter({ hasText: `${name} agrees` });
  await line
    .getByRole('button', { name: /^Couple with/ })
    .first()
    .waitFor({ timeout: 90_000 });
  expect(await visitor.violations()).toEqual([]);
  await line
    .getByRole('button', { name: /^Couple with/ })
    .first()
    .click();
  await line.getByRole('link', { name: 'coupled by now' }).waitFor();
});
