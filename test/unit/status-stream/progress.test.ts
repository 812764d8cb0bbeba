import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openChangeFeed } from '../../../src/status-stream/change-feed.js';
import { followProgress, type ProgressSources, type ProgressWish } from '../../../src/status-stream/progress.js';
import type { SynchJob } from '../../../src/synch/synch-job.js';
import { WrittenChanges } from './written-changes.js';

class Jobs {
  readonly log = new WrittenChanges();
  readonly #jobs = new Map<string, SynchJob>();

  /** Lets a job stand so, and writes that it does. */
  put(_id: string, status: SynchJob['status']): void {
    this.#jobs.set(_id, { _id, status } as SynchJob);
    this.log.write(_id, 'CHANGED', 'synchJobs');
  }

  readonly synch: ProgressSources['synch'] = {
    jobsByIds: async (ids) => ids.flatMap((id) => this.#jobs.get(id) ?? []),
    jobs: async () => ({
      items: [...this.#jobs.values()]
        .filter(({ status }) => status === 'IN_PROCESS')
        .map((item) => ({ item, place: item._id })),
      hasMore: false,
    }),
  };

  async follow(wish: ProgressWish = {}): Promise<() => Promise<string>> {
    const changes = await openChangeFeed(this.log, pino({ level: 'silent' }));
    onTestFinished(() => changes.close());
    const progress = await followProgress({ changes, synch: this.synch }, wish);
    return async () => {
      const { value } = await progress.next();
      return `${value?._id} ${value?.status}`;
    };
  }
}

test('goes on when the process has lost its place in the log: the end of a job that fell into the gap is told', async () => {
  const jobs = new Jobs();
  jobs.put('a', 'IN_PROCESS');
  const next = await jobs.follow();
  expect(await next()).toBe('a IN_PROCESS');
  const following = next();
  jobs.put('a', 'SUCCESS');
  jobs.put('b', 'IN_PROCESS');
  jobs.log.drop();
  expect([await following, await next()]).toEqual(['a SUCCESS', 'b IN_PROCESS']);
  jobs.put('b', 'ERROR');
  expect(await next()).toBe('b ERROR');
});

test('tells of a job that is named how it stands, also when it has ended before', async () => {
  const jobs = new Jobs();
  jobs.put('over', 'SUCCESS');
  jobs.put('other', 'IN_PROCESS');
  expect(await (await jobs.follow({ synchJobId: 'over' }))()).toBe('over SUCCESS');
});
