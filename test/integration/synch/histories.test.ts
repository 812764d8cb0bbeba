import { beforeEach, describe, expect, test } from 'vitest';
import { connectionDataStore } from '../../../src/connection-setup/connection-data-store.js';
import { ConnectorError } from '../../../src/connectors/connector.js';
import { recordChangeQueries } from '../../../src/synch/record-change-queries.js';
import { RetentionStore } from '../../../src/synch/retention-store.js';
import { accounts, customerMapping, customers, fieldMapping } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { client, db } = testDatabase();
let world: SynchWorld;
beforeEach(async () => {
  world = await SynchWorld.open(db);
});

const refused = (errorClass: 'VALIDATION' | 'PERMISSION', code: string): ConnectorError =>
  new ConnectorError('the system does not take it', { errorClass, code });

const only = async () => (await world.couplings())[0]!;

describe('changes that meet', () => {
  test('case 3: of one field, found by the refusal of a write, are a conflict, and nothing is overwritten', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '2' });
    let isEdited = false;
    world.sales.setFault(({ kind }, when) => {
      if (kind === 'UPDATE' && when === 'before' && !isEdited) {
        isEdited = true;
        world.sales.edit('accounts', pair.account, { telephone1: '3' });
      }
      return 'pass';
    });
    await world.run();
    expect(isEdited).toBe(true);
    expect([world.customerOf(pair.customer).phoneNumber, world.accountOf(pair.account).telephone1]).toEqual(['2', '3']);
    expect(await only()).toMatchObject({ state: 'CONFLICT', conflicts: [{ field: 'phoneNumber' }] });
  });

  test('case 13: under NONE a conflict in one field holds back the change of another', async () => {
    world.mapping = customerMapping({ updateConflictResolution: 'NONE' });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '2', city: 'Bergen' });
    world.editAccount(pair.account, { telephone1: '3' });
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '3', address1_city: 'Oslo' });
    expect(await only()).toMatchObject({ state: 'CONFLICT' });
  });

  test('case 14: an edit of a one-way field at its destination is overwritten, and stays in the history', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { creditLimit: '100' });
    await world.run();
    world.editAccount(pair.account, { creditlimit: '999' });
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ creditlimit: '100' });
    expect((await world.history()).at(-1)?.fields).toMatchObject([
      { field: 'creditLimit', before: '999', after: '100' },
    ]);
  });

  test('case 15: of a merge that writes both sides and is refused on one, the other holds, and the rest is tried again', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { city: 'Bergen' });
    world.editAccount(pair.account, { telephone1: '3' });
    world.business.setFault(({ kind }, when) =>
      kind === 'UPDATE' && when === 'before' ? refused('VALIDATION', 'NO') : 'pass',
    );
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ address1_city: 'Bergen' });
    expect(await only()).toMatchObject({ state: 'FAILED', error: { code: 'NO', side: 'BUSINESS' } });
    expect((await only()).bases.find(({ field }) => field === 'city')).toMatchObject({ business: 'Bergen' });
    world.business.setFault(() => 'pass');
    await world.run();
    expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '3', city: 'Bergen' });
    expect(await only()).toMatchObject({ state: 'COUPLED' });
  });

  test('case 1: a row that was read before our own write is not taken for a change', async () => {
    world = await SynchWorld.open(db, { sales: { pageSize: 1 } });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '2' });
    world.editAccount(pair.account, { address1_city: 'Bergen' });
    await world.run();
    await world.runUntilIdle();
    expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '2', city: 'Bergen' });
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '2', address1_city: 'Bergen' });
  });
});

test('what a system makes of a value goes back in the same run, also while another field is in conflict', async () => {
  world = await SynchWorld.open(db, {
    sales: {
      rule: ({ values, author }) =>
        author === 'SERVICE' && typeof values.telephone1 === 'string'
          ? { ...values, telephone1: values.telephone1.replaceAll(' ', '-') }
          : values,
    },
  });
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editCustomer(pair.customer, { city: 'Bergen', phoneNumber: '47 22' });
  world.editAccount(pair.account, { address1_city: 'Molde' });
  await world.run();
  expect(await only()).toMatchObject({ state: 'CONFLICT', conflicts: [{ field: 'city' }] });
  expect([world.customerOf(pair.customer).phoneNumber, world.accountOf(pair.account).telephone1]).toEqual([
    '47-22',
    '47-22',
  ]);
});

describe('a mapping that is edited', () => {
  const withField = (enabled: boolean) => ({
    ...customerMapping(),
    fields: customerMapping().fields.map((field) => (field.field === 'phoneNumber' ? { ...field, enabled } : field)),
  });

  test('case 29: a field that is added makes bases of what is equal, and lists what differs, without an echo', async () => {
    world.mapping = withField(false);
    const equal = await world.coupledPair({ displayName: 'Adatum', phoneNumber: '1' });
    world.editAccount(equal.account, { telephone1: '1' });
    const other = await world.coupledPair({ displayName: 'Contoso', phoneNumber: '1' });
    world.editAccount(other.account, { telephone1: '9' });
    await world.runUntilIdle();
    const before = world.business.system.lastChange + world.sales.system.lastChange;
    world.mapping = withField(true);
    await world.run();
    expect((await world.couplings()).map(({ title, state }) => [title, state])).toEqual([
      ['Adatum', 'COUPLED'],
      ['Contoso', 'CONFLICT'],
    ]);
    expect(world.business.system.lastChange + world.sales.system.lastChange).toBe(before);
  });

  test('case 31: a field that was disabled while both sides changed it is compared with what they agreed on before', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.mapping = withField(false);
    world.editCustomer(pair.customer, { phoneNumber: '2' });
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '1' });
    world.mapping = withField(true);
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '2' });
  });

  test('other conflict rules evaluate the pairs in conflict anew, and nothing else is read', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '2' });
    world.editAccount(pair.account, { telephone1: '3' });
    await world.run();
    expect(await only()).toMatchObject({ state: 'CONFLICT' });
    world.mapping = {
      ...world.mapping,
      fields: [
        ...world.mapping.fields.filter(({ field }) => field !== 'phoneNumber'),
        fieldMapping('phoneNumber', 'telephone1', 'BIDIRECTIONAL', { conflictRule: 'SALES_WINS' }),
      ],
    };
    await world.run();
    expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '3' });
    expect(await only()).toMatchObject({ state: 'COUPLED' });
  });

  test('another strategy evaluates the pairs in conflict anew', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '2' });
    world.editAccount(pair.account, { telephone1: '3' });
    await world.run();
    world.mapping = { ...world.mapping, updateConflictResolution: 'SEND_TO_INTEGRATION' };
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '2' });
    expect(await only()).toMatchObject({ state: 'COUPLED' });
  });

  test('case 33: deletions that the old cursor would have told are noticed when a field was added', async () => {
    world.mapping = withField(false);
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.deleteAccount(pair.account);
    world.mapping = withField(true);
    await world.run();
    expect(await only()).toMatchObject({ state: 'BROKEN', error: { code: 'RECORD_DELETED' } });
  });
});

test('case 34: rows that were deleted while the cursor expired are noticed', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.deleteAccount(pair.account);
  world.sales.expireCursors();
  await world.run();
  expect(await only()).toMatchObject({ state: 'BROKEN', error: { code: 'RECORD_DELETED' } });
});

test('case 36: a text that is cut for the shorter column agrees while the cut is equal, and the next edit goes across', async () => {
  const long = 'A name of forty characters, not one less';
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.editAccount(pair.account, { name: long });
  await world.run();
  expect(world.customerOf(pair.customer).displayName).toBe(long.slice(0, 20).trimEnd());
  world.editAccount(pair.account, { name: `${long.slice(0, 30)} other end` });
  expect(await world.run()).toEqual({ idle: true });
  world.editCustomer(pair.customer, { displayName: 'Short' });
  await world.run();
  expect(world.accountOf(pair.account).name).toBe('Short');
});

test('case 45: rows that may not be read any more are not taken for deleted', async () => {
  world = await SynchWorld.open(db, { mapping: { deletionConflictResolution: 'DELETE_COUNTERPART' } });
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  world.deleteAccount(pair.account);
  world.sales.setFault(({ kind }) => (kind === 'READ_BY_IDS' ? refused('PERMISSION', 'NO_READ_RIGHT') : 'pass'));
  await expect(world.run()).rejects.toMatchObject({ errorClass: 'PERMISSION' });
  expect(world.customers()).toHaveLength(1);
  expect(await only()).toMatchObject({ state: 'COUPLED' });
});

test('case 60: a run that wrote many rows is followed by one that finds only their echoes, and rests', async () => {
  for (let number = 0; number < 100; number += 1)
    world.customer({ displayName: `Firm ${number}`, city: 'Oslo', phoneNumber: '1' });
  await world.run({ full: true, mode: 'MATCH_THEN_CREATE' });
  const before = world.business.system.lastChange + world.sales.system.lastChange;
  expect(await world.run()).toEqual({ idle: true });
  expect(world.business.system.lastChange + world.sales.system.lastChange).toBe(before);
});

describe('long texts', () => {
  const names = Array.from({ length: 10 }, (_, index) => `memo${index}`);
  const memosOf = (letter: string) => Object.fromEntries(names.map((name) => [name, letter.repeat(1_000_000)]));
  const withMemos = (table: typeof customers) => ({
    ...table,
    fields: new Map([
      ...table.fields,
      ...names.map((name) => [name, { ...table.fields.get('city')!, name, maxLength: null }] as const),
    ]),
  });
  const sizeOf = async (collection: string): Promise<number> => {
    const [largest] = await db
      .collection(collection)
      .aggregate<{ readonly size: number }>([{ $project: { size: { $bsonSize: '$$ROOT' } } }, { $sort: { size: -1 } }])
      .toArray();
    return largest?.size ?? 0;
  };

  beforeEach(async () => {
    world = await SynchWorld.open(db, {
      business: { tables: [{ metadata: withMemos(customers) }] },
      sales: { tables: [{ metadata: withMemos(accounts) }] },
      mapping: { fields: [...customerMapping().fields, ...names.map((name) => fieldMapping(name, name))] },
    });
  });

  test('case 63: ten texts of a megabyte leave the coupling small, also in conflict', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum', ...memosOf('x') });
    await world.runUntilIdle();
    expect(await only()).toMatchObject({ state: 'COUPLED' });
    expect(await sizeOf('couplings')).toBeLessThan(100_000);
    world.editCustomer(pair.customer, memosOf('b'));
    world.editAccount(pair.account, memosOf('s'));
    await world.run();
    expect((await only()).conflicts).toHaveLength(names.length);
    expect(await sizeOf('couplings')).toBeLessThan(100_000);
  });

  test('that together are larger than a document are written, and stand whole in the history, each by itself', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum', ...memosOf('x') });
    world.editCustomer(pair.customer, memosOf('y'));
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject(memosOf('y'));
    const { items } = await recordChangeQueries(db).page({ couplingId: (await only())._id }, { limit: 1 });
    const fields = items[0]?.item.fields ?? [];
    expect(fields.map(({ field }) => field).toSorted()).toEqual(names);
    expect(
      fields.every(({ before, after }) => before === 'x'.repeat(1_000_000) && after === 'y'.repeat(1_000_000)),
    ).toBe(true);
    for (const collection of ['recordChanges', 'longTexts', 'couplings'])
      expect(await sizeOf(collection)).toBeLessThan(8 * 1_024 * 1_024);
  });

  test('of a write that nobody answered are found by what was sent, and its history is whole', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum', ...memosOf('x') });
    world.editCustomer(pair.customer, memosOf('y'));
    world.sales.setFault(({ kind }, when) => {
      if (kind === 'UPDATE' && when === 'after') throw new Error('the process is gone');
      return 'pass';
    });
    await expect(world.run()).rejects.toThrow('the process is gone');
    world.sales.setFault(() => 'pass');
    await world.runUntilIdle();
    expect(await only()).toMatchObject({ state: 'COUPLED', intents: [] });
    const { items } = await recordChangeQueries(db).page({ couplingId: (await only())._id }, { limit: 1 });
    expect(items[0]?.item.reason).toBe('sent earlier without an answer, and found to be applied');
    expect(items[0]?.item.fields).toContainEqual({
      field: 'memo9',
      integrationField: 'memo9',
      before: 'x'.repeat(1_000_000),
      after: 'y'.repeat(1_000_000),
    });
  });

  test('are planned by a dry run, go with the history when its time has come, and with their connection', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum', ...memosOf('x') });
    world.editCustomer(pair.customer, memosOf('y'));
    await world.run({ dryRun: true });
    const planned = (await world.jobs()).filter(({ dryRun }) => dryRun).map(({ _id }) => _id);
    const { items } = await recordChangeQueries(db).page({ synchJobIds: planned }, { limit: 1 });
    expect(items[0]?.item).toMatchObject({ outcome: 'PLANNED', action: 'MODIFY' });
    const texts = db.collection('longTexts');
    expect(await texts.countDocuments()).toBeGreaterThan(0);
    const times = { historyDays: 30, synchJobDays: 30, dryRunDays: 7 };
    const { signal } = new AbortController();
    const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60_000);
    await new RetentionStore(db).deleteOld(times, inDays(29), signal);
    expect(await texts.countDocuments()).toBeGreaterThan(0);
    await new RetentionStore(db).deleteOld(times, inDays(31), signal);
    expect(await texts.countDocuments()).toBe(0);
    await world.run();
    expect(await texts.countDocuments()).toBeGreaterThan(0);
    await connectionDataStore({ db, client }).forgetRecords('connection-1');
    expect(await texts.countDocuments()).toBe(0);
  });
});
