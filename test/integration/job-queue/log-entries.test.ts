import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JobQueueLogEntry } from '../../../src/job-queue/job-queue-entry.js';
import type { RunFilter } from '../../../src/job-queue/run-ledger-store.js';
import { testQueue } from './queue.js';

const world = testQueue();
const isLong = process.env.TEST_LONG === '1';
const ROWS = isLong ? 1_000_000 : 20_000;
const ENTRIES = 20;
const PAGE = 50;
const SECOND = 1_000;
const lastAtMs = Date.UTC(2026, 5, 1);
const startOf = (row: number) => new Date(lastAtMs - row * SECOND);

/** One of twenty entries, of which every thousandth run failed. */
const rowOf = (row: number): JobQueueLogEntry => ({
  _id: `run-${row}`,
  entryId: `entry-${row % ENTRIES}`,
  connectionSetupId: `connection-${row % 2}`,
  mappingId: `mapping-${row % ENTRIES}`,
  mappingName: `MAPPING-${row % ENTRIES}`,
  code: `CODE-${row % ENTRIES}`,
  description: '',
  status: row % 1_000 === 7 ? 'ERROR' : 'SUCCESS',
  attempt: 1,
  startedAt: startOf(row),
  endedAt: startOf(row - 1),
  waitsForRunId: null,
  workerId: 'worker',
  workerName: 'worker',
  startedBy: 'schedule',
  error: null,
  leaseToken: row,
});

beforeAll(
  async () => {
    for (let first = 0; first < ROWS; first += 5_000) {
      await world.store.runs.insertMany(
        Array.from({ length: Math.min(5_000, ROWS - first) }, (_, index) => rowOf(first + index)),
        { ordered: false, writeConcern: { w: 1 } },
      );
    }
  },
  isLong ? 15 * 60_000 : 60_000,
);

interface Looked {
  readonly plan: string;
  readonly keys: number;
  readonly documents: number;
}

/** What MongoDB looked at for the last query of runs. */
async function lookedAt(work: () => Promise<unknown>): Promise<Looked> {
  const { db } = world.database;
  await db.command({ profile: 2 });
  try {
    await work();
  } finally {
    await db.command({ profile: 0 });
  }
  const profile = db.collection('system.profile');
  const [found] = await profile
    .find({ ns: `${db.databaseName}.jobQueueLogEntries`, keysExamined: { $exists: true } })
    .sort({ ts: -1 })
    .limit(1)
    .toArray();
  await profile.drop();
  const { planSummary, keysExamined, docsExamined } = found as Document;
  return { plan: String(planSummary), keys: Number(keysExamined), documents: Number(docsExamined) };
}

const middle = startOf(Math.floor(ROWS / 2));
const hourBefore = new Date(middle.getTime() - 3_600_000);
const ERRORS_OF_ENTRY = { entryId: 'entry-7', status: ['ERROR'] } as const;

describe(`pages of ${ROWS} log entries`, { timeout: 120_000 }, () => {
  test.each<[string, RunFilter]>([
    ['all', {}],
    ['of an entry', { entryId: 'entry-3' }],
    ['of a connection', { connectionSetupId: 'connection-1' }],
    ['by code', { codes: ['CODE-3', 'CODE-4'] }],
    ['by mapping', { mappingNames: ['MAPPING-3'] }],
    ['by status that many have', { status: ['SUCCESS'] }],
    ['by status that few have', { status: ['ERROR'] }],
    ['by status that none has', { status: ['CANCELLED', 'INTERRUPTED'] }],
    ['of a time', { since: hourBefore, until: middle }],
    ['of an entry in a time', { entryId: 'entry-3', since: hourBefore, until: middle }],
    ['of a status in a time', { status: ['SUCCESS'], since: hourBefore, until: middle }],
  ])('%s: MongoDB looks at no more than it gives', async (_, filter) => {
    const looked = await lookedAt(() => world.queue.pageOfRuns(filter, { limit: PAGE }));
    expect(looked.plan).toMatch(/^IXSCAN(?!.*COLLSCAN)/);
    expect(looked.keys).toBeLessThanOrEqual(4 * PAGE);
    expect(looked.documents).toBeLessThanOrEqual(4 * PAGE);
  });

  test.each<[string, RunFilter]>([
    ['an entry', ERRORS_OF_ENTRY],
    ['a connection', { connectionSetupId: 'connection-1', status: ['ERROR'] }],
    ['a code', { codes: ['CODE-7'], status: ['ERROR'] }],
    ['a mapping', { mappingNames: ['MAPPING-7'], status: ['ERROR'] }],
  ])('the few failed runs of %s: only those are read', async (_, filter) => {
    const looked = await lookedAt(() => world.queue.pageOfRuns(filter, { limit: PAGE }));
    expect(looked.plan).toMatch(/^IXSCAN(?!.*COLLSCAN)/);
    expect(looked.documents).toBeLessThanOrEqual(2 * PAGE);
  });

  test('a code and a mapping that never come together: no run is read', async () => {
    const filter = { codes: ['CODE-7'], mappingNames: ['MAPPING-8'] };
    const looked = await lookedAt(() => world.queue.pageOfRuns(filter, { limit: PAGE }));
    expect(looked.plan).toMatch(/^IXSCAN(?!.*COLLSCAN)/);
    expect(looked.documents).toBe(0);
  });

  test('a page far behind costs as much as the first one', async () => {
    const filter = { entryId: 'entry-3' };
    const first = await world.queue.pageOfRuns(filter, { limit: PAGE });
    expect(first.items.map(({ item }) => item._id)).toEqual(
      Array.from({ length: PAGE }, (_, index) => `run-${3 + index * ENTRIES}`),
    );
    const last = await world.queue.pageOfRuns(filter, { limit: PAGE, fromEnd: true });
    const before = last.items[0]!.place;
    const looked = await lookedAt(() => world.queue.pageOfRuns(filter, { limit: PAGE, before, fromEnd: true }));
    expect(looked.keys).toBeLessThanOrEqual(4 * PAGE);
    expect(looked.plan).toMatch(/^IXSCAN(?!.*COLLSCAN)/);
  });
});
