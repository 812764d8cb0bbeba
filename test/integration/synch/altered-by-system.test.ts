import { expect, test } from 'vitest';
import type { FieldValues } from '../../../src/mapping/field-value.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();

const without = (field: string, values: FieldValues): FieldValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name !== field));

test('a value that the other system ignores without a word is listed once, and not written again', async () => {
  const world = await SynchWorld.open(db, {
    sales: { rule: ({ values, author }) => (author === 'SERVICE' ? without('creditlimit', values) : values) },
  });
  const { customer } = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(customer, { creditLimit: '500' });
  await world.run();
  expect((await world.errors()).map(({ error }) => [error.code, error.field])).toEqual([
    ['ALTERED_BY_SYSTEM', 'creditlimit'],
  ]);
  await world.runUntilIdle();
  const written = world.sales.system.lastChange;
  await world.run({ full: true });
  expect(world.sales.system.lastChange).toBe(written);
  expect(await world.errors()).toHaveLength(1);
});

test('a value that the other system changes each time is written twice, and listed once', async () => {
  const world = await SynchWorld.open(db, {
    sales: {
      rule: ({ values, author }) =>
        author === 'SERVICE' && 'creditlimit' in values ? { ...values, creditlimit: '100' } : values,
    },
  });
  const { customer } = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(customer, { creditLimit: '500' });
  await world.run();
  await world.runUntilIdle();
  expect((await world.errors()).map(({ error }) => [error.code, error.field])).toEqual([
    ['ALTERED_BY_SYSTEM', 'creditlimit'],
  ]);
  expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
});
