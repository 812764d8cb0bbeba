import { beforeEach, expect, test } from 'vitest';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { customerMapping } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();
let world: SynchWorld;

/** Two mappings over customers and accounts: those of Oslo, and all others. */
const overCity = (id: string, name: string, city: string): IntegrationTableMapping =>
  customerMapping({
    id,
    name,
    synchOnlyCoupledRecords: false,
    tableFilter: [{ field: 'city', expression: city }],
    integrationTableFilter: [{ field: 'address1_city', expression: city }],
  });
const oslo = overCity('mapping-oslo', 'OSLO', 'Oslo');
const others = overCity('mapping-others', 'OTHERS', '<>Oslo');

beforeEach(async () => {
  world = await SynchWorld.open(db);
});

async function run(mapping: IntegrationTableMapping, full = false): Promise<void> {
  world.mapping = mapping;
  world.otherMappings = [oslo, others].filter(({ id }) => id !== mapping.id);
  await world.run({ full });
}

const coupled = async () =>
  (await world.couplings()).map(({ mappingName, title, state, error }) => [mappingName, title, state, error?.code]);

test('several mappings over one table each synchronize the records of their filter', async () => {
  const adatum = world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
  world.customer({ displayName: 'Contoso', city: 'Bergen', phoneNumber: '1' });
  await run(oslo);
  await run(others);
  expect(await coupled()).toEqual([
    ['OSLO', 'Adatum', 'COUPLED', undefined],
    ['OTHERS', 'Contoso', 'COUPLED', undefined],
  ]);
  world.editCustomer(adatum, { phoneNumber: '22' });
  await run(others);
  await run(oslo);
  expect(world.accounts()).toHaveLength(2);
  expect(world.accounts().find(({ name }) => name === 'Adatum')).toMatchObject({ telephone1: '22' });
});

test('a record that goes over to the filter of another mapping is created from once, and taken up there when it is free', async () => {
  const adatum = world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
  await run(oslo);
  world.editCustomer(adatum, { city: 'Bergen' });
  await run(oslo);
  await run(others);
  expect(world.accounts()).toHaveLength(1);
  expect(await coupled()).toEqual([
    ['OSLO', 'Adatum', 'SKIPPED', 'OUTSIDE_FILTER'],
    ['OTHERS', 'Adatum', 'FAILED', 'COUPLED_ELSEWHERE'],
  ]);
  await run(others, true);
  expect(world.accounts()).toHaveLength(1);
  await db.collection('couplings').deleteOne({ mappingId: oslo.id });
  await run(others, true);
  expect(await coupled()).toEqual([['OTHERS', 'Adatum', 'COUPLED', undefined]]);
  expect(world.accounts()).toHaveLength(2);
});

test('case 43: a product that goes from item to service type is not created as a resource', async () => {
  // Which of two tables of the business system an account belongs to is told by a column of it, as with products.
  const kind = (id: string, name: string, type: string): IntegrationTableMapping =>
    customerMapping({
      id,
      name,
      synchOnlyCoupledRecords: false,
      integrationTableFilter: [{ field: 'customertypecode', expression: type }],
      fields: customerMapping().fields.filter(({ integrationField }) => integrationField !== 'customertypecode'),
    });
  const items = kind('mapping-items', 'ITEMS', '3');
  const resources = kind('mapping-resources', 'RESOURCES', '8');
  const go = async (mapping: IntegrationTableMapping, other: IntegrationTableMapping) => {
    world.mapping = mapping;
    world.otherMappings = [other];
    await world.run();
  };
  const product = world.account({ name: 'Bicycle', address1_city: 'Oslo', customertypecode: '3' });
  await go(items, resources);
  expect(world.customers()).toHaveLength(1);
  world.editAccount(product, { customertypecode: '8' });
  await go(resources, items);
  expect(world.customers()).toHaveLength(1);
  expect(await coupled()).toContainEqual(['RESOURCES', 'Bicycle', 'FAILED', 'COUPLED_ELSEWHERE']);
});
