import { afterEach, expect, test } from 'vitest';
import { type ChangeWatch, type NewsOfMapping, startChangeWatch } from '../../../src/job-queue/change-watch.js';
import { eventually } from '../../support/eventually.js';
import { definition, logger, testQueue } from './queue.js';

const world = testQueue();
const watches: ChangeWatch[] = [];
afterEach(async () => {
  await Promise.all(watches.splice(0).map((started) => started.stop()));
});

async function sleeper() {
  const [entry] = await world.queue.createEntries([definition({ status: 'ON_HOLD' })], 'test');
  const asleep = () => world.queue.setStatus(entry!._id, 'ON_HOLD_WITH_INACTIVITY_TIMEOUT', { actor: 'test' });
  await asleep();
  return { entry: entry!, asleep };
}

/** Watches as one worker; resolves with the number of looks that it has made when asked. */
function watch(workerId: string, news: () => readonly NewsOfMapping[]) {
  let looks = 0;
  const look = async () => {
    looks += 1;
    return news();
  };
  const started = startChangeWatch({
    database: world.database,
    jobQueue: world.queue,
    workerId,
    look,
    logger,
    intervalMs: 50,
  });
  watches.push(started);
  return { ...started, looked: (times: number) => eventually(`${times} looks`, () => looks >= times) };
}

const statusOf = async (entryId: string) => (await world.queue.findEntry(entryId))?.status;

test('a change that no run could settle wakes once, also when the worker that watched was started again', async () => {
  const { entry, asleep } = await sleeper();
  let changes = ['SALES:1:v1'];
  const news = () => [{ mappingId: entry.mappingId!, changes, isWhole: true }];
  const first = watch('first', news);
  await eventually('it is woken', async () => (await statusOf(entry._id)) === 'READY');
  await first.stop();

  await asleep();
  const second = watch('second', news);
  await second.looked(3);
  expect(await statusOf(entry._id)).toBe('ON_HOLD_WITH_INACTIVITY_TIMEOUT');
  changes = ['SALES:1:v1', 'SALES:1:v2'];
  await eventually('another change wakes it', async () => (await statusOf(entry._id)) === 'READY');
});

test('one worker watches a connection at a time, and another one goes on when it is gone', async () => {
  const { entry } = await sleeper();
  const seen: string[] = [];
  const quiet = (name: string) => () => {
    seen.push(name);
    return [];
  };
  const first = watch('one', quiet('one'));
  await first.looked(2);
  const second = watch('two', quiet('two'));
  await first.looked(5);
  expect(new Set(seen)).toEqual(new Set(['one']));
  await first.stop();
  await second.looked(1);
  expect(await statusOf(entry._id)).toBe('ON_HOLD_WITH_INACTIVITY_TIMEOUT');
});
