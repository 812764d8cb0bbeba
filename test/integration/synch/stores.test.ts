import { beforeEach, describe, expect, test } from 'vitest';
import type { Coupling } from '../../../src/coupling/coupling.js';
import { CouplingStore, couplingIndexes } from '../../../src/coupling/coupling-store.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { CursorStore } from '../../../src/synch/cursor-store.js';
import { DeletionStore } from '../../../src/synch/deletion-store.js';
import { PlannedCouplingStore } from '../../../src/synch/dry-run/planned-coupling-store.js';
import { couplingOf } from '../../../src/synch/new-coupling.js';
import { type StagedRecord, StageStore } from '../../../src/synch/stage-store.js';
import { fromStoredChange, type StoredChange } from '../../../src/synch/stored-change.js';
import type { RecordChange } from '../../../src/synch/synch-job.js';
import { SynchJobStore } from '../../../src/synch/synch-job-store.js';
import type { SynchStores } from '../../../src/synch/synch-run.js';
import { InMemoryDatabase } from '../../simulation/in-memory-stores.js';
import { customerMapping } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';

const { db } = testDatabase();
const now = new Date('2026-01-05T10:00:00Z');
const later = new Date(now.getTime() + 60_000);
const mapping = customerMapping();

/** Stores of an empty database, and its history as it is kept. */
interface Opened {
  readonly stores: SynchStores;
  changes(): Promise<readonly RecordChange[]>;
}

async function inMongoDb(): Promise<Opened> {
  await db.dropDatabase();
  await ensureIndexes(db, couplingIndexes);
  return {
    stores: {
      couplings: new CouplingStore(db),
      stage: new StageStore(db),
      cursors: new CursorStore(db),
      jobs: new SynchJobStore(db),
      deletions: new DeletionStore(db),
      planned: new PlannedCouplingStore(db),
    },
    changes: async () => (await db.collection<StoredChange>('recordChanges').find().toArray()).map(fromStoredChange),
  };
}

async function inMemory(): Promise<Opened> {
  const database = new InMemoryDatabase();
  return { stores: database.stores(), changes: async () => [...database.changes.values()] };
}

const coupling = (id: string, businessId: string | null, salesId: string | null, parts: Partial<Coupling> = {}) => ({
  ...couplingOf(mapping, { businessId, salesId, title: id }, { id, now }),
  ...parts,
});
const ids = (couplings: readonly Coupling[]): string[] => couplings.map(({ _id }) => _id);

// The simulation goes by stores in memory: what it shows holds for the real ones as far as they answer alike.
describe.each<[string, () => Promise<Opened>]>([
  ['MongoDB', inMongoDb],
  ['memory', inMemory],
])('the stores in %s', (_where, open) => {
  let opened: Opened;
  let stores: SynchStores;
  beforeEach(async () => {
    opened = await open();
    ({ stores } = opened);
  });

  test('couple a record of a mapping once, on either side, and tell which couplings were stored', async () => {
    expect(await stores.couplings.insert([coupling('a', 'b1', 's1')])).toEqual(new Set(['a']));
    const second = [coupling('b', 'b1', 's2'), coupling('c', 'b3', 's1'), coupling('d', 'b4', null)];
    expect(await stores.couplings.insert(second)).toEqual(new Set(['d']));
    const elsewhere = { ...coupling('e', 'b1', 's1'), mappingId: 'another mapping' };
    expect(await stores.couplings.insert([elsewhere])).toEqual(new Set(['e']));
  });

  test('let several couplings have no record on a side', async () => {
    const halves = [coupling('a', 'b1', null), coupling('b', 'b2', null)];
    expect(await stores.couplings.insert(halves)).toEqual(new Set(['a', 'b']));
  });

  test('change a coupling only from the revision that was read, and raise it', async () => {
    await stores.couplings.insert([coupling('a', 'b1', 's1')]);
    const change = { _id: 'a', revision: 1, set: { attempts: 1 } };
    expect(await stores.couplings.change([change])).toEqual(new Set(['a']));
    expect(await stores.couplings.change([{ ...change, set: { attempts: 2 } }])).toEqual(new Set());
    expect(await stores.couplings.byIds(['a'])).toMatchObject([{ attempts: 1, revision: 2 }]);
  });

  test('judge each of two changes of one coupling by the revision that it names', async () => {
    await stores.couplings.insert([coupling('a', 'b1', 's1')]);
    await stores.couplings.change([{ _id: 'a', revision: 1, set: { attempts: 1 } }]);
    const outdated = { _id: 'a', revision: 1, set: { attempts: 8 } };
    const current = { _id: 'a', revision: 2, set: { attempts: 2 } };
    expect(await stores.couplings.change([outdated, current])).toEqual(new Set(['a']));
    expect(await stores.couplings.byIds(['a'])).toMatchObject([{ attempts: 2, revision: 3 }]);
  });

  test('change nothing that a run with a later lease has changed', async () => {
    await stores.couplings.insert([coupling('a', 'b1', 's1')]);
    await stores.couplings.change([{ _id: 'a', revision: 1, set: { attempts: 1 }, leaseToken: 2 }]);
    const late = { _id: 'a', revision: 2, set: { attempts: 9 }, leaseToken: 1 };
    expect(await stores.couplings.change([late])).toEqual(new Set());
    await stores.couplings.remove([{ _id: 'a', revision: 2, leaseToken: 1 }]);
    expect(await stores.couplings.byIds(['a'])).toMatchObject([{ attempts: 1, leaseToken: 2 }]);
    await stores.couplings.remove([{ _id: 'a', revision: 2, leaseToken: 2 }]);
    expect(await stores.couplings.byIds(['a'])).toEqual([]);
  });

  test('do not change a coupling into one with a record that another has, and change the others', async () => {
    await stores.couplings.insert([coupling('a', 'b1', 's1'), coupling('b', 'b2', null), coupling('c', 'b3', null)]);
    const changed = await stores.couplings.change([
      { _id: 'b', revision: 1, set: { salesId: 's1' } },
      { _id: 'c', revision: 1, set: { salesId: 's3' } },
    ]);
    expect(changed).toEqual(new Set(['c']));
  });

  test('give due couplings and pages in order of their ids, after one, as many as asked', async () => {
    const due = (id: string, nextAttemptAt: Date | null) => coupling(id, id, null, { nextAttemptAt });
    await stores.couplings.insert([due('c', now), due('a', now), due('b', null), due('d', later), due('e', now)]);
    expect(ids(await stores.couplings.due(mapping.id, now, null, 2))).toEqual(['a', 'c']);
    expect(ids(await stores.couplings.due(mapping.id, now, 'a', 9))).toEqual(['c', 'e']);
    expect(ids(await stores.couplings.page(mapping.id, 'b', 2))).toEqual(['c', 'd']);
    await stores.couplings.makeDue(['b'], now);
    expect(await stores.couplings.due(mapping.id, now, 'a', 1)).toMatchObject([{ _id: 'b', revision: 1 }]);
  });

  test('translate by pairs that are complete: none that is broken, or whose record is still being made', async () => {
    const creating = { kind: 'CREATE' } as Coupling['intents'][number];
    await stores.couplings.insert([
      coupling('a', 'b1', 's1'),
      coupling('b', 'b2', null),
      coupling('c', 'b3', 's3', { state: 'BROKEN' }),
      coupling('d', 'b4', 's4', { intents: [creating] }),
    ]);
    const pairs = await stores.couplings.pairsOf(mapping.id, 'BUSINESS', ['b1', 'b2', 'b3', 'b4', 'b5']);
    expect(pairs.map(({ businessId, salesId }) => [businessId, salesId])).toEqual([['b1', 's1']]);
    expect(await stores.couplings.coupledIds(mapping.id, 'SALES', ['s1', 's3', 's9'])).toEqual(new Set(['s1', 's3']));
    expect(await stores.couplings.countPairs(mapping.id)).toBe(3);
    expect(ids(await stores.couplings.byRecordIds(mapping.id, 'SALES', ['s4']))).toEqual(['d']);
  });

  test('wake what waits for a record, and mark what agreed on it', async () => {
    await stores.couplings.insert([
      coupling('a', 'b1', null, { waitingKeys: ['CURRENCY:SALES:k'], nextAttemptAt: null, state: 'WAITING' }),
      coupling('b', 'b2', 's2', { refs: ['CURRENCY:SALES:k', 'CURRENCY:SALES:l'], nextAttemptAt: null }),
      coupling('c', 'b3', 's3', { refs: ['CURRENCY:SALES:m'], nextAttemptAt: null }),
    ]);
    expect(await stores.couplings.wakeHolders(mapping.connectionSetupId, ['CURRENCY:SALES:k'], later)).toEqual([
      mapping.id,
    ]);
    expect(await stores.couplings.byIds(['a', 'b', 'c'])).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ _id: 'a', nextAttemptAt: later, revision: 1 }),
        expect.objectContaining({ _id: 'b', nextAttemptAt: later, recoupled: ['CURRENCY:SALES:k'], revision: 2 }),
        expect.objectContaining({ _id: 'c', nextAttemptAt: null, revision: 1 }),
      ]),
    );
    expect(await stores.couplings.wakeHolders('another connection', ['CURRENCY:SALES:k'], later)).toEqual([]);
    expect(ids(await stores.couplings.holders(mapping.id, null, 9))).toEqual(['a']);
    expect(await stores.couplings.makeWaitingDue(mapping.connectionSetupId, ['CURRENCY:SALES:k'], now)).toEqual([
      mapping.id,
    ]);
  });

  test('find by a sweep the couplings whose record it did not list, of those made before it', async () => {
    await stores.couplings.insert([
      coupling('a', 'b1', 's1'),
      coupling('b', 'b2', 's2'),
      coupling('c', 'b3', 's3', { createdAt: later }),
      coupling('d', null, 's4'),
    ]);
    await stores.couplings.markSwept(mapping.id, 'BUSINESS', ['b1'], 'sweep');
    const unswept = { sweepId: 'sweep', createdBefore: later, afterId: null, limit: 9 };
    expect(ids(await stores.couplings.unswept(mapping.id, 'BUSINESS', unswept))).toEqual(['b']);
    expect(await stores.couplings.byIds(['a'])).toMatchObject([{ revision: 1 }]);
  });

  test('move a cursor only under the newest lease, and never its newest modification back', async () => {
    const cursor = { cursor: 'one', readFields: ['a'], mappingHash: 'h', modifiedUntil: later, sweptAt: null };
    expect(await stores.cursors.get(mapping.id, 'SALES')).toBeNull();
    expect(await stores.cursors.move(mapping.id, 'SALES', cursor, 2)).toBe(true);
    expect(await stores.cursors.move(mapping.id, 'SALES', { ...cursor, cursor: 'late' }, 1)).toBe(false);
    expect(await stores.cursors.move(mapping.id, 'SALES', { ...cursor, cursor: 'two', modifiedUntil: now }, 3)).toBe(
      true,
    );
    expect(await stores.cursors.get(mapping.id, 'SALES')).toMatchObject({ cursor: 'two', modifiedUntil: later });
    expect(await stores.cursors.get(mapping.id, 'BUSINESS')).toBeNull();
  });

  test('stage a record once, in order, and give deleted ones and those with a key apart', async () => {
    const staged = (id: string, parts: Partial<StagedRecord> = {}): StagedRecord => ({
      side: 'SALES',
      id,
      version: '1',
      modifiedAt: null,
      values: {},
      ...parts,
    });
    const of = (records: readonly StagedRecord[]) => records.map(({ id }) => id);
    await stores.stage.put('run', [staged('c', { matchKeys: ['k'] }), staged('a'), staged('b', { version: null })]);
    await stores.stage.put('run', [staged('a', { version: '2' })]);
    await stores.stage.put('another', [staged('z')]);
    expect(of(await stores.stage.page('run', 'SALES', null, 2))).toEqual(['a', 'b']);
    expect(await stores.stage.byIds('run', 'SALES', ['a', 'x'])).toMatchObject([{ id: 'a', version: '2' }]);
    expect(of(await stores.stage.page('run', 'SALES', 'a', 9))).toEqual(['b', 'c']);
    expect(of(await stores.stage.deleted('run', 'SALES', null, 9))).toEqual(['b']);
    expect(of(await stores.stage.withKey('run', 'SALES', 'k', { afterId: null, limit: 9 }))).toEqual(['c']);
    await stores.stage.settleKey('run', 'k');
    expect(await stores.stage.withKey('run', 'SALES', 'k', { afterId: null, limit: 9 })).toEqual([]);
    await stores.stage.remove('run', 'SALES', ['a']);
    expect(of(await stores.stage.page('run', 'SALES', null, 9))).toEqual(['b', 'c']);
    await stores.stage.clear('run');
    expect(await stores.stage.page('run', 'SALES', null, 9)).toEqual([]);
    expect(of(await stores.stage.page('another', 'SALES', null, 9))).toEqual(['z']);
  });

  test('group staged records of both sides by a key, and leave out what stands on one side alone', async () => {
    const staged = (side: StagedRecord['side'], id: string, ...matchKeys: string[]): StagedRecord => ({
      side,
      id,
      version: '1',
      modifiedAt: null,
      values: {},
      matchKeys,
    });
    await stores.stage.put('run', [
      staged('BUSINESS', 'b1', '0:x'),
      staged('BUSINESS', 'b2', '0:x'),
      staged('SALES', 's1', '0:x'),
      staged('SALES', 's2', '0:y'),
      staged('SALES', 's3', '1:x'),
    ]);
    const groups = [];
    for await (const group of stores.stage.matchGroups('run', '0:')) groups.push(group);
    expect(groups).toEqual([
      { key: '0:x', businessIds: ['b1', 'b2'], salesIds: ['s1'], businessCount: 2, salesCount: 1 },
    ]);
  });

  test('record a change once, however often it is told', async () => {
    const change = { _id: 'one', connectionSetupId: 'c', fields: [], reason: 'first' } as unknown as RecordChange;
    await stores.jobs.addChanges([change]);
    await stores.jobs.addChanges([{ ...change, reason: 'again' }]);
    expect(await opened.changes()).toMatchObject([{ _id: 'one', reason: 'first' }]);
  });

  test('count the deletions of a mapping that were acted on since a time', async () => {
    await stores.deletions.note(mapping.id, 3, now);
    await stores.deletions.note(mapping.id, 4, later);
    await stores.deletions.note('another mapping', 5, later);
    expect(await stores.deletions.countSince(mapping.id, later)).toBe(4);
    expect(await stores.deletions.countSince(mapping.id, now)).toBe(7);
  });

  test('keep what a run plans apart from other runs, with what it would remove', async () => {
    const planned = coupling('a', 'b1', 's1');
    await stores.planned.put('run', [{ couplingId: 'a', coupling: planned }], now);
    await stores.planned.put('run', [{ couplingId: 'b', coupling: null }], now);
    expect(await stores.planned.byIds('run', ['a', 'b', 'c'])).toHaveLength(2);
    expect(ids(await stores.planned.page('run', null, 9))).toEqual(['a']);
    expect(ids(await stores.planned.byRecordIds('run', mapping.id, 'SALES', ['s1']))).toEqual(['a']);
    expect(await stores.planned.page('another', null, 9)).toEqual([]);
    await stores.planned.clear('run');
    expect(await stores.planned.byIds('run', ['a'])).toEqual([]);
  });
});
