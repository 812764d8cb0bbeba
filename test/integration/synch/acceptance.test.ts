import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../src/connectors/connector.js';
import type { CouplingActionsDeps } from '../../../src/coupling/actions/action-deps.js';
import { restoreCouplings } from '../../../src/coupling/actions/restore-couplings.js';
import { CouplingSelectionStore } from '../../../src/coupling/coupling-selection-store.js';
import { CouplingStore } from '../../../src/coupling/coupling-store.js';
import type { DeletionConflictResolution } from '../../../src/mapping/integration-table-mapping.js';
import { accounts, customerMapping, customers, fieldMapping } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld, type SynchWorldOptions } from '../../support/synch-world.js';

/*
 * What an administrator of an integration checks before it is trusted, one test a check. Check 10, the order of a full
 * synchronization, is in full-synchronization.test.ts, and check 11, waking, is asked of the running service in
 * test/integration/service/waking.test.ts.
 */

const { db } = testDatabase();
let world: SynchWorld;

async function open(options: SynchWorldOptions = {}): Promise<void> {
  world = await SynchWorld.open(db, options);
}
beforeEach(() => open());

/** What restoreCouplings does for an administrator. */
async function restoreAll(): Promise<void> {
  const ids = (await world.couplings()).map(({ _id }) => _id);
  const noEntries = { pageOfEntries: async () => ({ items: [], hasMore: false }), wake: async () => [] };
  const deps = {
    couplings: new CouplingStore(db),
    selections: new CouplingSelectionStore(db),
    jobQueue: noEntries,
    now: async () => world.clock,
  };
  const { changedCount } = await restoreCouplings(deps as unknown as CouplingActionsDeps, {
    ids,
    filter: null,
    expectedCount: null,
  });
  expect(changedCount).toBe(ids.length);
}

const states = async () => (await world.couplings()).map(({ state }) => state);
const writes = async () => (await world.history()).filter(({ action }) => action !== 'COUPLE').length;

describe('check 1: change on one side only: the other side equals, and the second run is idle', () => {
  test.each(['business', 'sales'] as const)('changed in %s', async (side) => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    if (side === 'business') world.editCustomer(pair.customer, { phoneNumber: '22' });
    else world.editAccount(pair.account, { telephone1: '22' });
    await world.run();
    expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '22' });
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22' });
    const before = await writes();
    expect(await world.run()).toEqual({ idle: true });
    expect(await writes()).toBe(before);
  });
});

test('check 2: change different fields on both sides: merged', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  world.editAccount(pair.account, { address1_city: 'Bergen' });
  await world.run();
  expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '22', city: 'Bergen' });
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22', address1_city: 'Bergen' });
});

test.each([
  { strategy: 'NONE', business: '22', sales: '33', state: 'CONFLICT' },
  { strategy: 'MERGE_FIELDS', business: '22', sales: '33', state: 'CONFLICT' },
  { strategy: 'SEND_TO_INTEGRATION', business: '22', sales: '22', state: 'COUPLED' },
  { strategy: 'GET_FROM_INTEGRATION', business: '33', sales: '33', state: 'COUPLED' },
] as const)('check 3: same field both sides: $strategy gives $state', async ({ strategy, business, sales, state }) => {
  await open({ mapping: { updateConflictResolution: strategy } });
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  world.editAccount(pair.account, { telephone1: '33' });
  const before = await writes();
  await world.run();
  expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: business });
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: sales });
  expect(await states()).toEqual([state]);
  expect((await writes()) - before).toBe(state === 'CONFLICT' ? 0 : 1);
});

test('check 4: two records with one timestamp, page size 1: both done', async () => {
  await open({ mapping: { synchOnlyCoupledRecords: false }, business: { pageSize: 1 }, sales: { pageSize: 1 } });
  for (const displayName of ['Adatum', 'Contoso']) world.customer({ displayName, city: 'Oslo' });
  await world.run();
  expect(new Set(world.accounts().map(({ name }) => name))).toEqual(new Set(['Adatum', 'Contoso']));
  await world.runUntilIdle();
  expect(world.accounts()).toHaveLength(2);
});

test('check 5: failed insert is retried without touching the source', async () => {
  await open({ mapping: { synchOnlyCoupledRecords: false } });
  world.customer({ displayName: 'Adatum', city: 'Oslo' });
  const refusal = new ConnectorError('not now', { errorClass: 'VALIDATION', code: 'RULE' });
  world.sales.setFault((request, when) => (request.kind === 'CREATE' && when === 'before' ? refusal : 'pass'));
  await world.run();
  expect(await states()).toEqual(['FAILED']);
  world.sales.setFault(() => 'pass');
  // Later than anything that is read again for its time alone.
  world.later(60);
  await world.run();
  expect(await states()).toEqual(['COUPLED']);
  expect(world.accounts()).toHaveLength(1);
});

test('check 6: same permanent error twice: skipped; restore and fix: success; restore without fix: skipped again', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  const refusal = new ConnectorError('never', { errorClass: 'VALIDATION', code: 'RULE' });
  const refuse = (isOn: boolean) =>
    world.sales.setFault((request, when) =>
      isOn && request.kind === 'UPDATE' && when === 'before' ? refusal : 'pass',
    );
  refuse(true);
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  await world.run();
  expect(await states()).toEqual(['FAILED']);
  await world.run();
  expect(await states()).toEqual(['SKIPPED']);
  await restoreAll();
  await world.run();
  expect(await states()).toEqual(['FAILED']);
  await world.run();
  expect(await states()).toEqual(['SKIPPED']);
  refuse(false);
  await restoreAll();
  await world.run();
  expect(await states()).toEqual(['COUPLED']);
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22' });
});

test('check 7: reference uncoupled: it waits, then completes when coupled', async () => {
  const withParent = (table: typeof customers, name: string) => ({
    ...table,
    fields: new Map([
      ...table.fields,
      [name, { ...customers.fields.get('contact')!, name, type: 'REFERENCE' as const, maxLength: null }] as const,
    ]),
  });
  await open({
    business: { tables: [{ metadata: withParent(customers, 'parentId') }] },
    sales: { tables: [{ metadata: withParent(accounts, 'parentid') }] },
    mapping: {
      synchOnlyCoupledRecords: false,
      tableFilter: [{ field: 'blocked', expression: "''" }],
      fields: [
        ...customerMapping().fields,
        fieldMapping('parentId', 'parentid', 'TO_INTEGRATION_TABLE', { lookup: customerMapping().name }),
      ],
    },
  });
  const parent = world.customer({ displayName: 'Parent', city: 'Oslo', blocked: 'All' });
  world.customer({ displayName: 'Child', city: 'Oslo', parentId: parent });
  await world.run();
  expect(await states()).toEqual(['WAITING']);
  expect(world.accounts()).toEqual([]);
  world.editCustomer(parent, { blocked: null });
  await world.runUntilIdle();
  expect(await states()).toEqual(['COUPLED', 'COUPLED']);
  const [child, made] = ['Child', 'Parent'].map((name) => world.accounts().find((one) => one['name'] === name));
  expect(child).toMatchObject({ parentid: made?.['accountid'] });
});

describe('check 8: delete on each side under each strategy', () => {
  const outcomes: Readonly<Record<DeletionConflictResolution, readonly [number, number, readonly string[]]>> = {
    // Records of the side of the deletion, records of the other side, couplings.
    NONE: [0, 1, ['BROKEN']],
    REMOVE_COUPLING: [0, 1, []],
    RESTORE_RECORDS: [1, 1, ['COUPLED']],
    DELETE_COUNTERPART: [0, 0, []],
  };
  const strategies = Object.keys(outcomes) as DeletionConflictResolution[];
  test.each(strategies.flatMap((strategy) => [['business', strategy] as const, ['sales', strategy] as const]))(
    'deleted in %s, %s',
    async (side, strategy) => {
      await open({ mapping: { deletionConflictResolution: strategy } });
      const pair = await world.coupledPair({ displayName: 'Adatum' });
      if (side === 'business') world.deleteCustomer(pair.customer);
      else world.deleteAccount(pair.account);
      await world.run({ full: true });
      const counts = [world.customers().length, world.accounts().length];
      const [ofDeleted, ofOther, couplings] = outcomes[strategy];
      expect(side === 'business' ? counts : counts.toReversed()).toEqual([ofDeleted, ofOther]);
      expect(await states()).toEqual(couplings);
      expect(await world.run()).toEqual({ idle: true });
    },
  );
});

test.each([3, 9, 15, 21, 27])('check 9: kill the process mid-run, at call %i: no duplicate, no loss', async (call) => {
  await open({ mapping: { synchOnlyCoupledRecords: false } });
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  world.editAccount(pair.account, { address1_city: 'Bergen' });
  world.customer({ displayName: 'Contoso', city: 'Oslo' });
  world.account({ name: 'Fabrikam', address1_city: 'Molde' });
  await world.runAndCrash(call);
  // Longer than the business system may still apply what it received.
  world.later(15);
  await world.runUntilIdle();
  expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '22', city: 'Bergen' });
  expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22', address1_city: 'Bergen' });
  const names = ['Adatum', 'Contoso', 'Fabrikam'];
  expect(world.customers().map(({ displayName }) => displayName)).toHaveLength(3);
  expect(new Set(world.customers().map(({ displayName }) => displayName))).toEqual(new Set(names));
  expect(world.accounts()).toHaveLength(3);
  expect(new Set(world.accounts().map(({ name }) => name))).toEqual(new Set(names));
});

describe('check 12: clock of one side 5 minutes behind: nothing lost', () => {
  test.each(['business', 'sales'] as const)('that of %s', async (late) => {
    const behind = { now: () => new Date(world.clock.getTime() - 5 * 60_000) };
    await open({ mapping: { synchOnlyCoupledRecords: false }, [late]: behind });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    for (let round = 0; round < 3; round += 1) {
      world.editCustomer(pair.customer, { phoneNumber: `2${round}` });
      world.editAccount(pair.account, { address1_city: `Town ${round}` });
      world.customer({ displayName: `New ${round}`, city: 'Oslo' });
      await world.runUntilIdle();
      expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: `2${round}`, city: `Town ${round}` });
      expect(world.accountOf(pair.account)).toMatchObject({ telephone1: `2${round}`, address1_city: `Town ${round}` });
      expect(world.accounts()).toHaveLength(2 + round);
    }
    expect(new Set(await states())).toEqual(new Set(['COUPLED']));
  });
});
