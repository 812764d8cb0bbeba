import { describe, expect, test } from 'vitest';
import type { DeletionConflictResolution } from '../../../src/mapping/integration-table-mapping.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();
let world: SynchWorld;

async function open(deletionConflictResolution: DeletionConflictResolution): Promise<SynchWorld> {
  world = await SynchWorld.open(db, { mapping: { deletionConflictResolution } });
  return world;
}

/** So many coupled pairs; the first ones first. */
async function pairs(count: number): Promise<readonly { customer: string; account: string }[]> {
  for (let number = 0; number < count; number += 1)
    world.customer({ displayName: `Firm ${String(number).padStart(3, '0')}`, city: 'Oslo', phoneNumber: '1' });
  await world.run({ full: true, mode: 'MATCH_THEN_CREATE' });
  return (await world.couplings()).map(({ businessId, salesId }) => ({
    customer: businessId ?? '',
    account: salesId ?? '',
  }));
}

const states = async () => (await world.couplings()).map(({ state, error }) => [state, error?.code ?? null]);

const sum = async (counter: 'deleted' | 'uncoupled' | 'inserted' | 'skipped') =>
  (await world.jobs()).reduce((total, job) => total + job[counter], 0);

describe('a deleted account', () => {
  test('under NONE leaves the customer alone, and the pair is listed until somebody decides', async () => {
    await open('NONE');
    const [pair] = await pairs(1);
    world.deleteAccount(pair!.account);
    await world.run();
    expect(await states()).toEqual([['BROKEN', 'RECORD_DELETED']]);
    world.editCustomer(pair!.customer, { phoneNumber: '2' });
    expect(await world.run()).toEqual({ idle: true });
    expect(await states()).toEqual([['BROKEN', 'RECORD_DELETED']]);
    expect(world.customers()).toHaveLength(1);
  });

  test('under REMOVE_COUPLING frees the customer', async () => {
    await open('REMOVE_COUPLING');
    const [pair] = await pairs(1);
    world.deleteAccount(pair!.account);
    await world.run();
    expect(await world.couplings()).toEqual([]);
    expect([world.customers().length, world.accounts().length]).toEqual([1, 0]);
    expect(await sum('uncoupled')).toBe(1);
  });

  test('under RESTORE_RECORDS is made again from the customer, with what changed there meanwhile', async () => {
    await open('RESTORE_RECORDS');
    const [pair] = await pairs(1);
    world.editCustomer(pair!.customer, { phoneNumber: '2' });
    world.deleteAccount(pair!.account);
    await world.run();
    expect(world.accounts()).toMatchObject([{ name: 'Firm 000', telephone1: '2', customertypecode: '3' }]);
    const [coupling] = await world.couplings();
    expect(coupling).toMatchObject({
      state: 'COUPLED',
      businessId: pair!.customer,
      salesId: world.accounts()[0]!['accountid'],
    });
    expect(coupling!.salesId).not.toBe(pair!.account);
    expect(await world.run()).toEqual({ idle: true });
    expect((await world.history()).at(-1)).toMatchObject({ action: 'INSERT', side: 'SALES' });
  });

  test('under DELETE_COUNTERPART takes the customer with it, and the history keeps what that held', async () => {
    await open('DELETE_COUNTERPART');
    const [pair] = await pairs(1);
    world.deleteAccount(pair!.account);
    await world.run();
    expect(world.customers()).toEqual([]);
    expect(await world.couplings()).toEqual([]);
    expect(await sum('deleted')).toBe(1);
    const deletion = (await world.history()).at(-1);
    expect(deletion).toMatchObject({ action: 'DELETE', side: 'BUSINESS', businessId: pair!.customer });
    expect(deletion?.fields.find(({ field }) => field === 'displayName')).toMatchObject({
      before: 'Firm 000',
      after: null,
    });
    expect(await world.run()).toEqual({ idle: true });
  });
});

describe('a deleted customer', () => {
  test('under RESTORE_RECORDS is made again from the account', async () => {
    await open('RESTORE_RECORDS');
    const [pair] = await pairs(1);
    world.deleteCustomer(pair!.customer);
    await world.run({ full: true });
    expect(world.customers()).toMatchObject([{ displayName: 'Firm 000', phoneNumber: '1' }]);
    expect(await states()).toEqual([['COUPLED', null]]);
    await world.runUntilIdle();
    expect(world.customers()).toHaveLength(1);
  });

  test('case 48: is a conflict under DELETE_COUNTERPART when the account changed, and stays one', async () => {
    await open('DELETE_COUNTERPART');
    const [pair] = await pairs(1);
    world.editAccount(pair!.account, { telephone1: '2' });
    world.deleteCustomer(pair!.customer);
    await world.run({ full: true });
    expect(await states()).toEqual([['CONFLICT', 'DELETED_AND_CHANGED']]);
    expect(world.accountOf(pair!.account)).toMatchObject({ telephone1: '2' });
    expect(await world.run({ full: true })).toEqual({ idle: true });
    expect(await states()).toEqual([['CONFLICT', 'DELETED_AND_CHANGED']]);
  });

  test.each([
    { keep: 'SALES', customers: 1, accounts: 1, state: [['COUPLED', null]] },
    { keep: 'BUSINESS', customers: 0, accounts: 0, state: [] },
  ] as const)(
    'of that conflict a person keeps $keep: its record, or its deletion',
    async ({ keep, customers, accounts, state }) => {
      await open('DELETE_COUNTERPART');
      const [pair] = await pairs(1);
      world.editAccount(pair!.account, { telephone1: '2' });
      world.deleteCustomer(pair!.customer);
      await world.run({ full: true });
      const [conflict] = await world.couplings();
      await world.run({
        couplings: { ids: [conflict!._id] },
        decision: { source: keep },
        expectedRevision: conflict!.revision,
      });
      expect([world.customers().length, world.accounts().length]).toEqual([customers, accounts]);
      expect(await states()).toEqual(state);
      if (keep === 'SALES') expect(world.customers()).toMatchObject([{ displayName: 'Firm 000', phoneNumber: '2' }]);
      expect((await world.history()).at(-1)?.reason).toContain('a person decided');
      expect(await world.run({ full: true })).toEqual({ idle: true });
    },
  );

  test('does not take an account with it that changes at this very moment', async () => {
    await open('DELETE_COUNTERPART');
    const [pair] = await pairs(1);
    world.deleteCustomer(pair!.customer);
    world.sales.setFault((request, when) => {
      if (request.kind === 'DELETE' && when === 'before')
        world.sales.edit('accounts', pair!.account, { telephone1: '2' });
      return 'pass';
    });
    await world.run({ full: true });
    expect(await states()).toEqual([['CONFLICT', 'DELETED_AND_CHANGED']]);
    expect(world.accounts()).toHaveLength(1);
  });

  test('whose account is gone too is forgotten, under every strategy', async () => {
    await open('RESTORE_RECORDS');
    const [pair] = await pairs(1);
    world.deleteCustomer(pair!.customer);
    world.deleteAccount(pair!.account);
    await world.run({ full: true });
    expect([await world.couplings(), world.customers(), world.accounts()]).toEqual([[], [], []]);
  });

  test('is noticed once a day without a full run', async () => {
    await open('REMOVE_COUPLING');
    const [pair] = await pairs(1);
    world.deleteCustomer(pair!.customer);
    await world.run();
    expect(await world.couplings()).toHaveLength(1);
    world.later(24 * 60);
    await world.run();
    expect(await world.couplings()).toEqual([]);
  });
});

describe('DELETE_COUNTERPART', () => {
  test('deletes once, and tells it once, whatever dies and whenever', async () => {
    for (let call = 1; ; call += process.env.TEST_LONG === '1' ? 1 : 4) {
      await open('DELETE_COUNTERPART');
      const [pair] = await pairs(1);
      world.deleteAccount(pair!.account);
      if (!(await world.runAndCrash(call))) break;
      await world.run();
      expect([call, world.customers(), await world.couplings()]).toEqual([call, [], []]);
      const deletions = (await world.history()).filter(({ action }) => action === 'DELETE');
      expect([call, deletions.length]).toEqual([call, 1]);
    }
  });

  test('whose answer was lost is found done', async () => {
    await open('DELETE_COUNTERPART');
    const [pair] = await pairs(1);
    world.deleteAccount(pair!.account);
    world.business.setFault((request, when) => (request.kind === 'DELETE' && when === 'after' ? 'lose' : 'pass'));
    await world.run();
    expect([world.customers(), await world.couplings()]).toEqual([[], []]);
    expect(await sum('deleted')).toBe(1);
  });
});

describe('the sweep', () => {
  test('case 51: finds a row that was stored late, beyond the overlap', async () => {
    await open('NONE');
    const [pair] = await pairs(1);
    await world.run();
    // Stored eight minutes after its time stamp: no read by time tells it.
    const now = world.clock;
    world.later(-20);
    world.business.edit('customers', pair!.customer, { phoneNumber: '2' });
    world.clock = now;
    await world.run();
    expect(world.accountOf(pair!.account)).toMatchObject({ telephone1: '1' });
    world.later(24 * 60);
    await world.run();
    expect(world.accountOf(pair!.account)).toMatchObject({ telephone1: '2' });
  });

  test('case 46: takes no row for deleted that it did not list', async () => {
    await open('DELETE_COUNTERPART');
    await pairs(3);
    world.later(24 * 60);
    const all = world.business.sweep.bind(world.business);
    world.business.sweep = async function* (table, signal) {
      for await (const page of all(table, signal)) yield page.slice(1);
    };
    await world.run();
    expect([world.customers().length, world.accounts().length]).toEqual([3, 3]);
    expect(await states()).toEqual(Array.from({ length: 3 }, () => ['COUPLED', null]));
  });
});

test('case 44: a record that is back by the time it is read is not deleted', async () => {
  await open('DELETE_COUNTERPART');
  const [pair] = await pairs(1);
  world.deleteAccount(pair!.account);
  world.sales.setFault((request, when) => {
    if (request.kind === 'READ_CHANGES' && when === 'after' && world.accounts().length === 0)
      world.sales.insert(
        'accounts',
        { customertypecode: '3', name: 'Firm 000', address1_city: 'Oslo', telephone1: '1' },
        pair!.account,
      );
    return 'pass';
  });
  await world.run();
  expect([world.customers().length, world.accounts().length]).toEqual([1, 1]);
  expect(await states()).toEqual([['COUPLED', null]]);
});

describe('too many deletions', () => {
  test('are not acted on: all are listed, the run says why, and the next one goes on', async () => {
    await open('DELETE_COUNTERPART');
    const all = await pairs(60);
    for (const { account } of all.slice(0, 21)) world.sales.remove('accounts', account);
    world.editCustomer(all[59]!.customer, { phoneNumber: '2' });
    await expect(world.run()).rejects.toMatchObject({ error: { code: 'MASS_DELETION' } });
    expect(world.customers()).toHaveLength(60);
    expect(world.accountOf(all[59]!.account)).toMatchObject({ telephone1: '2' });
    const held = (await states()).filter(([state, code]) => state === 'BROKEN' && code === 'MASS_DELETION');
    expect(held).toHaveLength(21);
    expect((await world.jobs()).at(-1)).toMatchObject({ status: 'ERROR', error: { code: 'MASS_DELETION' } });
    expect(await world.run()).toEqual({ idle: true });
  });

  test('case 47: are noticed when they come in small portions, and done once a person approves of them', async () => {
    await open('DELETE_COUNTERPART');
    const all = await pairs(60);
    const remove = (from: number, to: number) => {
      for (const { account } of all.slice(from, to)) world.sales.remove('accounts', account);
    };
    remove(0, 10);
    await world.run();
    remove(10, 20);
    await world.run();
    expect(world.customers()).toHaveLength(40);
    remove(20, 25);
    await expect(world.run()).rejects.toMatchObject({ error: { code: 'MASS_DELETION' } });
    expect(world.customers()).toHaveLength(40);
    const broken = (await world.couplings()).filter(({ state }) => state === 'BROKEN');
    await world.run({ couplings: { ids: broken.map(({ _id }) => _id) } });
    expect(world.customers()).toHaveLength(35);
    expect(await world.couplings()).toHaveLength(35);
  });

  test('a day apart are no mass deletion', async () => {
    await open('REMOVE_COUPLING');
    const all = await pairs(60);
    for (const { account } of all.slice(0, 20)) world.sales.remove('accounts', account);
    await world.run();
    world.later(25 * 60);
    for (const { account } of all.slice(20, 25)) world.sales.remove('accounts', account);
    await world.run();
    expect(await world.couplings()).toHaveLength(35);
  });
});
