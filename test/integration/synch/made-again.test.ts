import { beforeEach, describe, expect, test } from 'vitest';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { type Side, sides } from '../../../src/synch/synch-error.js';
import { testDatabase } from '../../support/database.js';
import { applying, dryRunOf } from '../../support/dry-runs.js';
import { SynchWorld } from '../../support/synch-world.js';

const database = testDatabase();
let world: SynchWorld;

const open = async (mapping: Partial<IntegrationTableMapping> = {}): Promise<void> => {
  world = await SynchWorld.open(database.db, { mapping: { synchOnlyCoupledRecords: false, ...mapping } });
};

beforeEach(() => open());

/** The process dies at each of its calls in the long run, here and there in the short one; odd, so that both kinds of calls are met. */
const CALLS_BETWEEN_CRASHES = process.env['TEST_LONG'] === '1' ? 1 : 9;

const strategies = ['NONE', 'REMOVE_COUPLING', 'RESTORE_RECORDS', 'DELETE_COUNTERPART'] as const;

const remove = (side: Side, pair: { customer: string; account: string }): void =>
  side === 'BUSINESS' ? world.deleteCustomer(pair.customer) : world.deleteAccount(pair.account);

/** The record of a pair as a person enters it once more. */
const makeAgain = (side: Side, phone = '1'): string => {
  world.later();
  return side === 'BUSINESS'
    ? world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: phone })
    : world.account({ name: 'Adatum', address1_city: 'Oslo', telephone1: phone });
};

const counts = () => [world.customers().length, world.accounts().length];

/** Runs, the second one in full, in which also the business system's deletions are found; then until nothing is left to do. */
async function runs(): Promise<void> {
  await world.run();
  await world.run({ full: true });
  await world.runUntilIdle();
}

const idOn = (side: Side, coupling: { businessId: string | null; salesId: string | null } | undefined) =>
  side === 'BUSINESS' ? coupling?.businessId : coupling?.salesId;

describe.each(sides)('a record deleted and made again in %s', (side) => {
  test.each(strategies)('under %s, before anybody noticed, has one counterpart', async (deletionConflictResolution) => {
    await open({ deletionConflictResolution });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    remove(side, pair);
    const id = makeAgain(side);
    await runs();
    expect(counts()).toEqual([1, 1]);
    const couplings = await world.couplings();
    expect(couplings).toMatchObject([{ state: 'COUPLED', error: null }]);
    expect(idOn(side, couplings[0])).toBe(id);
  });

  // One that was restored stands there by then, beside the one that a person makes.
  test.each(strategies.filter((strategy) => strategy !== 'RESTORE_RECORDS'))(
    'under %s, after the deletion was noticed, has one counterpart',
    async (deletionConflictResolution) => {
      await open({ deletionConflictResolution });
      const pair = await world.coupledPair({ displayName: 'Adatum' });
      remove(side, pair);
      await world.run({ full: true });
      makeAgain(side);
      await runs();
      expect(counts()).toEqual([1, 1]);
      expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', error: null }]);
    },
  );

  test('goes on in the pair that it had, and the history tells it', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    const [before] = await world.couplings();
    remove(side, pair);
    await world.run({ full: true });
    expect(await world.couplings()).toMatchObject([{ state: 'BROKEN' }]);
    const id = makeAgain(side);
    await world.run();
    const couplings = await world.couplings();
    expect(couplings).toMatchObject([{ _id: before?._id, state: 'COUPLED', createdAt: before?.createdAt }]);
    const told = (await world.history()).filter(({ action }) => action === 'COUPLE');
    expect(told).toMatchObject([{ couplingId: before?._id, outcome: 'APPLIED' }]);
    expect(idOn(side, told[0])).toBe(id);
    expect(told[0]?.reason).toContain('made again');
    expect((await world.jobs()).reduce((sum, { coupled }) => sum + coupled, 0)).toBe(1);
  });

  test('is compared as at the first time: what differs is asked for, and nothing is overwritten', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    remove(side, pair);
    makeAgain(side, '2');
    await runs();
    expect(await world.couplings()).toMatchObject([{ state: 'CONFLICT', conflicts: [{ field: 'phoneNumber' }] }]);
    const shown = [world.customers()[0]?.['phoneNumber'], world.accounts()[0]?.['telephone1']];
    expect(shown).toEqual(side === 'BUSINESS' ? ['2', '1'] : ['1', '2']);
  });

  test('is found again by a mapping that takes coupled records alone', async () => {
    await open({ synchOnlyCoupledRecords: true });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    remove(side, pair);
    await world.run({ full: true });
    makeAgain(side);
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
    expect(counts()).toEqual([1, 1]);
  });

  test('is found again by a mapping that goes the other way', async () => {
    await open({
      direction: side === 'BUSINESS' ? 'FROM_INTEGRATION_TABLE' : 'TO_INTEGRATION_TABLE',
      fields: world.mapping.fields.map((field) => ({
        ...field,
        direction: side === 'BUSINESS' ? ('FROM_INTEGRATION_TABLE' as const) : ('TO_INTEGRATION_TABLE' as const),
      })),
    });
    const pair = side === 'BUSINESS' ? await pairFromSales() : await world.coupledPair({ displayName: 'Adatum' });
    remove(side, pair);
    await world.run({ full: true });
    expect(await world.couplings()).toMatchObject([{ state: 'BROKEN' }]);
    makeAgain(side);
    await runs();
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
    expect(counts()).toEqual([1, 1]);
  });

  test.each(['COUPLED_ONLY', 'MATCH_THEN_CREATE', 'CREATE_MISSING'] as const)(
    'is found again by a full synchronization of mode %s, whether its deletion was noticed or not',
    async (mode) => {
      for (const isNoticed of [true, false]) {
        await open();
        const pair = await world.coupledPair({ displayName: 'Adatum' });
        const [before] = await world.couplings();
        remove(side, pair);
        if (isNoticed) await world.run({ full: true, mode: 'COUPLED_ONLY' });
        makeAgain(side);
        await world.run({ full: true, mode });
        await world.runUntilIdle();
        expect(counts()).toEqual([1, 1]);
        expect(await world.couplings()).toMatchObject([{ _id: before?._id, state: 'COUPLED' }]);
      }
    },
  );

  test('is offered by match-based coupling', async () => {
    await open({ synchOnlyCoupledRecords: true });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    const [before] = await world.couplings();
    remove(side, pair);
    await world.run({ full: true });
    const id = makeAgain(side);
    await world.run({ match: { createIfNoMatch: true, synchronize: true } });
    const couplings = await world.couplings();
    expect(couplings).toMatchObject([{ _id: before?._id, state: 'COUPLED' }]);
    expect(idOn(side, couplings[0])).toBe(id);
    expect(counts()).toEqual([1, 1]);
  });

  test('twice is listed: nothing is coupled, and nothing created', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    remove(side, pair);
    await world.run({ full: true });
    makeAgain(side);
    makeAgain(side);
    await runs();
    expect(counts()).toEqual(side === 'BUSINESS' ? [2, 1] : [1, 2]);
    const couplings = await world.couplings();
    expect(couplings.filter(({ state }) => state === 'BROKEN')).toMatchObject([{ error: { code: 'RECORD_DELETED' } }]);
    expect(couplings.filter(({ error }) => error?.code === 'MATCH_AMBIGUOUS')).toHaveLength(2);
    expect(await world.ambiguities()).not.toEqual([]);
  });

  test('twice before its deletion was noticed is neither restored nor deleted', async () => {
    for (const deletionConflictResolution of ['RESTORE_RECORDS', 'DELETE_COUNTERPART'] as const) {
      await open({ deletionConflictResolution });
      const pair = await world.coupledPair({ displayName: 'Adatum' });
      remove(side, pair);
      makeAgain(side);
      makeAgain(side);
      await runs();
      expect(counts()).toEqual(side === 'BUSINESS' ? [2, 1] : [1, 2]);
    }
  });

  test('has one counterpart wherever the process dies', async () => {
    for (let call = 1; ; call += CALLS_BETWEEN_CRASHES) {
      await open();
      const pair = await world.coupledPair({ displayName: 'Adatum' });
      remove(side, pair);
      if (call % 2 === 0) await world.run({ full: true });
      makeAgain(side);
      const crashed = await world.runAndCrash(call, { full: true });
      await runs();
      expect({ call, counts: counts() }).toEqual({ call, counts: [1, 1] });
      expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
      if (!crashed) break;
    }
  }, 180_000);

  test('is planned by a dry run as it is done, and applying that plan does it', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    const [before] = await world.couplings();
    remove(side, pair);
    await world.run({ full: true });
    const id = makeAgain(side);
    const { jobs } = await dryRunOf(world);
    expect(await world.couplings()).toMatchObject([{ state: 'BROKEN' }]);
    const planned = (await world.history()).filter(({ outcome }) => outcome === 'PLANNED');
    expect(planned).toMatchObject([{ action: 'COUPLE', couplingId: before?._id }]);
    await world.run(applying(jobs));
    const couplings = await world.couplings();
    expect(couplings).toMatchObject([{ _id: before?._id, state: 'COUPLED' }]);
    expect(idOn(side, couplings[0])).toBe(id);
    expect(counts()).toEqual([1, 1]);
  });
});

/** A pair of which the account was there first. */
async function pairFromSales(): Promise<{ customer: string; account: string }> {
  const account = world.account({ name: 'Adatum', address1_city: 'Oslo', telephone1: '1' });
  await world.run({ full: true, mode: 'MATCH_THEN_CREATE' });
  const [coupling] = await world.couplings();
  return { customer: coupling?.businessId ?? '', account };
}

test('both records of a pair deleted and made again are one pair', async () => {
  for (const isNoticed of [true, false]) {
    await open();
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    remove('BUSINESS', pair);
    if (isNoticed) await world.run({ full: true });
    remove('SALES', pair);
    makeAgain('BUSINESS');
    makeAgain('SALES');
    await runs();
    expect(counts()).toEqual([1, 1]);
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
  }
});

test('a record that could not be created yet is coupled with the one that a person made meanwhile', async () => {
  world.customer({ displayName: 'Adatum', city: 'Oslo', country: 'A COUNTRY' });
  world.mapping = {
    ...world.mapping,
    fields: world.mapping.fields.map((field) =>
      field.field === 'country' ? { ...field, optionMap: [{ value: 'NO', integrationValue: 'Norway' }] } : field,
    ),
  };
  await world.run();
  expect(await world.couplings()).toMatchObject([{ state: 'FAILED', salesId: null }]);
  const account = makeAgain('SALES');
  await world.run();
  expect(await world.couplings()).toMatchObject([{ salesId: account }]);
  expect(counts()).toEqual([1, 1]);
});

test('of a record in the place of one that still stands a counterpart is made', async () => {
  await world.coupledPair({ displayName: 'Adatum' });
  makeAgain('BUSINESS');
  await runs();
  expect(counts()).toEqual([2, 2]);
});
