import { beforeEach, expect, test } from 'vitest';
import { bucketsBetween } from '../../../src/statistics/buckets.js';
import { statisticsQueries } from '../../../src/statistics/statistics-queries.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const database = testDatabase();
let world: SynchWorld;

beforeEach(async () => {
  world = await SynchWorld.open(database.db);
});

test('a job tells how long the oldest change that it carried over had waited, and the statistics the worst of them', async () => {
  const pair = await world.coupledPair({ displayName: 'Adatum' });
  const other = await world.coupledPair({ displayName: 'Fabrikam' });
  // What was entered before anything was in step is no change that waited.
  expect((await world.jobs()).map(({ maximumLagSeconds }) => maximumLagSeconds ?? null)).not.toContainEqual(
    expect.any(Number),
  );
  const before = (await world.jobs()).length;
  world.editCustomer(pair.customer, { phoneNumber: '22' });
  const editedAt = world.clock;
  world.later(4);
  world.editCustomer(other.customer, { phoneNumber: '33' });
  world.later(1);
  await world.run();
  const jobs = (await world.jobs()).slice(before);
  const [to] = jobs.filter(({ direction }) => direction === 'TO_INTEGRATION_TABLE');
  const waited = ((to?.startedAt.getTime() ?? 0) - editedAt.getTime()) / 1_000;
  expect(waited).toBeGreaterThanOrEqual(300);
  expect(to?.maximumLagSeconds).toBe(waited);
  expect(jobs.filter((job) => job !== to).map(({ maximumLagSeconds }) => maximumLagSeconds)).toEqual([null]);
  const day = { size: 'DAY', timeZone: 'UTC', most: 1 } as const;
  const buckets = bucketsBetween(new Date('2026-01-05T00:00:00Z'), new Date('2026-01-06T00:00:00Z'), day);
  const counts = await statisticsQueries(database.db).counts(buckets ?? [], {}, false);
  expect(counts).toMatchObject([{ maximumLagSeconds: waited }]);
});
