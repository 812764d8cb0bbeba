import { expect, test } from 'vitest';
import type { ServerRule } from '../../../src/connectors/in-memory/in-memory-system.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();

/** What a plug-in makes of a phone number that the service writes; people are left alone. */
const rewrites =
  (field: string, rewrite: (phone: string) => string): ServerRule =>
  ({ values, author }) => {
    const phone = values[field];
    return author === 'SERVICE' && typeof phone === 'string' ? { ...values, [field]: rewrite(phone) } : values;
  };

const openWith = (sales?: ServerRule, business?: ServerRule): Promise<SynchWorld> =>
  SynchWorld.open(db, {
    ...(sales === undefined ? {} : { sales: { rule: sales } }),
    ...(business === undefined ? {} : { business: { rule: business } }),
  });

const writes = (world: SynchWorld): number => world.business.system.lastChange + world.sales.system.lastChange;

test('case 6: what one plug-in makes of a phone number goes back once, and then both are quiet', async () => {
  const world = await openWith(rewrites('telephone1', (phone) => phone.replace(/^(?!\+)/, '+')));
  const pair = await world.coupledPair({ displayName: 'Adatum', phoneNumber: '+1' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  await world.run();
  await world.run();
  expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '+22' });
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '+22' });
  expect(await world.run()).toEqual({ idle: true });
  expect((await world.couplings())[0]).toMatchObject({ state: 'COUPLED' });
});

test('case 7: plug-ins on both sides that undo each other are held within the hour, listed, and then there is silence', async () => {
  const world = await openWith(
    rewrites('telephone1', (phone) => `+${phone.replace('+', '')}`),
    rewrites('phoneNumber', (phone) => phone.replace('+', '')),
  );
  const pair = await world.coupledPair({ displayName: 'Adatum', phoneNumber: '1' });
  for (let run = 0; run < 8; run += 1) await world.run();
  const before = writes(world);
  const [coupling] = await world.couplings();
  expect(coupling).toMatchObject({
    state: 'CONFLICT',
    error: { class: 'CONFLICT', code: 'LOOP', field: 'phoneNumber' },
    conflicts: [{ field: 'phoneNumber', integrationField: 'telephone1' }],
  });
  expect(await world.run()).toEqual({ idle: true });
  expect(writes(world)).toBe(before);
  world.editCustomer(pair.customer, { city: 'Bergen' });
  await world.run();
  expect(world.accountOf(pair.account)).toMatchObject({ address1_city: 'Bergen' });
  expect((await world.couplings())[0]).toMatchObject({ state: 'CONFLICT', error: { code: 'LOOP' } });
});

test('a field that people change in both systems by turns, six times in an hour, is no loop', async () => {
  const world = await openWith();
  const pair = await world.coupledPair({ displayName: 'Adatum', phoneNumber: '1' });
  for (let turn = 2; turn <= 8; turn += 1) {
    if (turn % 2 === 0) world.editCustomer(pair.customer, { phoneNumber: String(turn) });
    else world.editAccount(pair.account, { telephone1: String(turn) });
    await world.run();
  }
  expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '8' });
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '8' });
  expect((await world.couplings())[0]).toMatchObject({ state: 'COUPLED' });
});

test('a value that was put back three times is put back again once an hour has passed', async () => {
  const world = await openWith();
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { creditLimit: '5' });
  await world.run();
  for (let turn = 1; turn <= 3; turn += 1) {
    world.editAccount(pair.account, { creditlimit: String(100 + turn) });
    await world.run();
  }
  expect((await world.couplings())[0]).toMatchObject({ state: 'CONFLICT', error: { code: 'LOOP' } });
  expect(world.accountOf(pair.account)).toMatchObject({ creditlimit: '103' });
  world.later(60);
  world.editAccount(pair.account, { creditlimit: '104' });
  await world.run();
  expect(world.accountOf(pair.account)).toMatchObject({ creditlimit: '5' });
  expect((await world.couplings())[0]).toMatchObject({ state: 'COUPLED' });
});
