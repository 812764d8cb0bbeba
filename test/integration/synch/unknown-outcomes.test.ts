import { beforeEach, describe, expect, test } from 'vitest';
import type { FieldValues } from '../../../src/mapping/field-value.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();
let world: SynchWorld;
beforeEach(async () => {
  world = await SynchWorld.open(db);
});

const first = { full: true, mode: 'MATCH_THEN_CREATE' } as const;

/** The answer of the first request of a kind is lost: before it takes effect, or after. */
const loseFirst = (kind: 'CREATE' | 'UPDATE', lost: 'before' | 'after') => {
  let done = false;
  return (request: { readonly kind: string }, when: 'before' | 'after') => {
    if (done || request.kind !== kind || when !== lost) return 'pass';
    done = true;
    return 'lose';
  };
};

describe('a write whose answer is lost', () => {
  test('case 16: an update that was applied is one effective write and agreed', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    const before = world.sales.system.lastChange;
    world.sales.setFault(loseFirst('UPDATE', 'after'));
    await world.run();
    expect(world.sales.system.lastChange - before).toBe(1);
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', intents: [] }]);
    expect((await world.history()).filter(({ action }) => action === 'MODIFY')).toHaveLength(1);
  });

  test('an update that was not applied is sent again', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    world.sales.setFault(loseFirst('UPDATE', 'before'));
    await world.run();
    expect(world.accountOf(pair.account).telephone1).toBe('22');
  });

  test.each(['before', 'after'] as const)(
    'case 21: a create in Dataverse that was lost %s it took effect makes one row',
    async (lost) => {
      world.customer({ displayName: 'Contoso' });
      world.sales.setFault(loseFirst('CREATE', lost));
      await world.runUntilIdle(first);
      expect(world.accounts()).toHaveLength(1);
      expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
    },
  );

  test('case 22: a create in the business system that was applied is adopted at once', async () => {
    world.account({ name: 'Fabrikam', address1_city: 'Molde' });
    world.business.setFault(loseFirst('CREATE', 'after'));
    await world.run(first);
    expect(world.customers()).toHaveLength(1);
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
  });

  test('case 23: a create in the business system that is not found is not sent again before it can no longer be applied', async () => {
    world.account({ name: 'Fabrikam', address1_city: 'Molde' });
    let held: FieldValues | null = null;
    world.business.setFault((request, when) => {
      if (request.operation?.kind !== 'CREATE' || when !== 'before' || held !== null) return 'pass';
      held = request.operation.values;
      return 'lose';
    });
    expect(await world.run(first)).toEqual({ idle: true });
    expect(await world.couplings()).toMatchObject([{ state: 'PENDING', businessId: null }]);
    await world.run(first);
    expect(world.customers()).toEqual([]);
    world.business.applyLate('customers', { kind: 'CREATE', id: null, values: held! });
    world.later(15);
    await world.runUntilIdle();
    expect(world.customers()).toHaveLength(1);
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
  });

  test('a create in the business system that was never applied is sent again after the wait', async () => {
    world.account({ name: 'Fabrikam', address1_city: 'Molde' });
    world.business.setFault(loseFirst('CREATE', 'before'));
    await world.run(first);
    world.later(15);
    await world.runUntilIdle();
    expect(world.customers()).toMatchObject([{ displayName: 'Fabrikam' }]);
  });

  test('case 24: of two equal creates of which one landed, one is adopted and the other is created after the wait', async () => {
    world = await SynchWorld.open(db, {
      mapping: { fields: world.mapping.fields.map((field) => ({ ...field, useForMatchBasedCoupling: false })) },
    });
    world.account({ name: 'Fabrikam', address1_city: 'Molde' });
    world.account({ name: 'Fabrikam', address1_city: 'Molde' });
    let creates = 0;
    world.business.setFault((request, when) => {
      if (request.kind !== 'CREATE') return 'pass';
      if (when === 'before') creates += 1;
      return creates === 1
        ? when === 'before'
          ? 'lose'
          : 'pass'
        : creates === 2 && when === 'after'
          ? 'lose'
          : 'pass';
    });
    await world.run(first);
    expect((await world.couplings()).map(({ state }) => state).toSorted()).toEqual(['COUPLED', 'PENDING']);
    world.later(15);
    await world.runUntilIdle();
    expect(world.customers()).toHaveLength(2);
    expect((await world.couplings()).map(({ state }) => state)).toEqual(['COUPLED', 'COUPLED']);
  });

  test('case 25: a customer that a person made meanwhile is not taken for ours: both are listed', async () => {
    world.account({ name: 'Fabrikam', address1_city: 'Molde' });
    world.business.setFault((request, when) => {
      if (request.operation?.kind !== 'CREATE' || when !== 'after') return 'pass';
      world.business.insert('customers', request.operation.values);
      return 'lose';
    });
    await world.run(first);
    world.later(15);
    await world.run();
    expect(world.customers()).toHaveLength(2);
    expect(await world.couplings()).toMatchObject([
      { state: 'FAILED', error: { class: 'DUPLICATE', code: 'CREATE_OUTCOME_AMBIGUOUS' } },
    ]);
  });

  test('case 26: a new customer that a person edits before the look-up is not created again', async () => {
    world.account({ name: 'Fabrikam', address1_city: 'Molde' });
    world.business.setFault((request, when) => {
      if (request.kind !== 'CREATE' || when !== 'after') return 'pass';
      const [made] = world.business.system.rows('customers');
      world.business.edit('customers', made!.id, { city: 'Bergen' });
      return 'lose';
    });
    await world.run(first);
    world.later(15);
    await world.run();
    expect(world.customers()).toHaveLength(1);
    expect(await world.couplings()).toMatchObject([{ error: { code: 'CREATE_OUTCOME_AMBIGUOUS' } }]);
  });

  test('case 17: an update that lands after it was given up, while the source went back, is undone', async () => {
    world = await SynchWorld.open(db, { sales: { applyMs: 600_000 } });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    let lost = false;
    world.sales.setFault((request, when) => {
      if (request.kind !== 'UPDATE' || when !== 'before' || lost) return 'pass';
      lost = true;
      world.editCustomer(pair.customer, { phoneNumber: '1' });
      return 'lose';
    });
    await world.run();
    const version = world.sales.system.row('accounts', pair.account)!.version;
    world.later();
    world.sales.applyLate('accounts', { kind: 'UPDATE', id: pair.account, version, values: { telephone1: '22' } });
    await world.runUntilIdle();
    expect([world.customerOf(pair.customer).phoneNumber, world.accountOf(pair.account).telephone1]).toEqual(['1', '1']);
  });
});

test('an update that is applied after it was given up is in the history with what it wrote over', async () => {
  world = await SynchWorld.open(db, { sales: { applyMs: 600_000 } });
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editAccount(pair.account, { creditlimit: '999' });
  world.editCustomer(pair.customer, { creditLimit: '100' });
  const { version } = world.sales.system.row('accounts', pair.account)!;
  let isCut = false;
  world.sales.setFault((request, when) => {
    if (request.kind === 'UPDATE' && when === 'before') isCut = true;
    return isCut && when === 'before' && request.kind !== 'READ_CHANGES' ? 'lose' : 'pass';
  });
  await expect(world.run()).rejects.toThrow('no answer');
  isCut = false;
  world.sales.setFault(() => 'pass');
  await world.runAndCrash(12);
  world.sales.applyLate('accounts', {
    kind: 'UPDATE',
    id: pair.account,
    version,
    values: { creditlimit: '100' },
  });
  await world.runUntilIdle();
  expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
  const written = (await world.history()).filter(({ action }) => action === 'MODIFY');
  expect(written.map(({ fields }) => fields.map(({ before, after }) => [before, after]))).toEqual([[['999', '100']]]);
});

test('a create that was begun and never sent is given up when its source leaves the filter', async () => {
  const customer = world.customer({ displayName: 'Contoso' });
  world.sales.setFault((request, when) => (request.kind === 'CREATE' && when === 'before' ? 'lose' : 'pass'));
  await world.run(first);
  world.sales.setFault(() => 'pass');
  world.editCustomer(customer, { blocked: 'All' });
  world.later(15);
  await world.runUntilIdle();
  expect(await world.couplings()).toEqual([]);
  expect(world.accounts()).toEqual([]);
  world.editCustomer(customer, { blocked: null });
  await world.runUntilIdle(first);
  expect(world.accounts()).toMatchObject([{ name: 'Contoso' }]);
});

describe('a process that dies', () => {
  test('case 20: at any call of a store or a system leaves nothing doubled and nothing lost', async () => {
    let crashes = 0;
    for (let call = 1; ; call += 1) {
      world = await SynchWorld.open(db);
      const kept = world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
      await world.run(first);
      world.later();
      world.editCustomer(kept, { phoneNumber: '22' });
      world.editAccount((await world.couplings())[0]!.salesId!, { address1_city: 'Bergen' });
      world.customer({ displayName: 'Contoso' });
      world.account({ name: 'Fabrikam', address1_city: 'Molde' });
      if (!(await world.runAndCrash(call, first))) break;
      crashes += 1;
      await world.run(first);
      world.later(15);
      await world.runUntilIdle(first);
      expect({ call, ...summary() }).toEqual({ call, ...inStep });
      expect({ call, states: (await world.couplings()).map(({ state }) => state) }).toEqual({
        call,
        states: ['COUPLED', 'COUPLED', 'COUPLED'],
      });
      const inserts = (await world.history()).filter(({ action }) => action === 'INSERT').length;
      expect({ call, inserts }).toEqual({ call, inserts: 3 });
    }
    expect(crashes).toBeGreaterThan(30);
  }, 120_000);
});

const inStep = {
  customers: [
    ['Adatum', 'Bergen', '22'],
    ['Contoso', null, null],
    ['Fabrikam', 'Molde', null],
  ],
  accounts: [
    ['Adatum', 'Bergen', '22'],
    ['Contoso', null, null],
    ['Fabrikam', 'Molde', null],
  ],
};

function summary(): typeof inStep {
  const sorted = (rows: readonly FieldValues[], names: readonly string[]) =>
    rows
      .map((row) => names.map((name) => row[name] ?? null))
      .toSorted((a, b) => String(a[0]).localeCompare(String(b[0])));
  return {
    customers: sorted(world.customers(), ['displayName', 'city', 'phoneNumber']),
    accounts: sorted(world.accounts(), ['name', 'address1_city', 'telephone1']),
  } as typeof inStep;
}
