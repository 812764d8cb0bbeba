import type { SynchJob } from '../synch/synch-job.js';
import type { SynchQueries } from '../synch/synch-queries.js';
import type { ChangeFeed } from './change-feed.js';
import { iteratorOf } from './iterator-of.js';
import { CursorExpiredError } from './stream-cursor.js';

/** Which synch jobs are followed; absent parts limit nothing. */
export interface ProgressWish {
  readonly synchJobId?: string | undefined;
  readonly runId?: string | undefined;
  readonly mapping?: string | undefined;
  readonly connectionSetupId?: string | undefined;
}

/** What progress is read from. */
export interface ProgressSources {
  readonly changes: Pick<ChangeFeed, 'follow'>;
  readonly synch: Pick<SynchQueries, 'jobs' | 'jobsByIds'>;
}

/** Counters that run are told three times a second. */
const INTERVAL_MS = 333;
// More than ever run at the same time.
const MOST_RUNNING = 100;

/**
 * First how the running synch jobs stand, then what changes of them, up to their end. One that is named is told as it stands
 * also when it has ended already.
 */
export async function followProgress(
  { changes, synch }: ProgressSources,
  wish: ProgressWish,
): Promise<AsyncIterableIterator<SynchJob>> {
  const toldAsRunning = new Set<string>();
  let hasEnded = false;
  let waiting: SynchJob[] = [];
  let following = await begin();

  // Followed before it is read: a change between the two is told.
  async function begin(): ReturnType<ChangeFeed['follow']> {
    const begun = await changes.follow({
      intervalMs: INTERVAL_MS,
      subjectOf: ({ collection, id }) =>
        collection === 'synchJobs' && (wish.synchJobId === undefined || id === wish.synchJobId) ? 'SYNCH_JOB' : null,
    });
    const running = await synch.jobs({ status: ['IN_PROCESS'] }, { limit: MOST_RUNNING });
    const ids = new Set(running.items.map(({ item }) => item._id));
    const named = [...toldAsRunning, ...(wish.synchJobId === undefined ? [] : [wish.synchJobId])];
    const others = await synch.jobsByIds(named.filter((id) => !ids.has(id)));
    waiting = [...others, ...running.items.map(({ item }) => item)].filter((job) => isWanted(job, wish));
    return begun;
  }

  async function nextWanted(): Promise<SynchJob | null> {
    for (;;) {
      const ready = waiting.shift();
      if (ready !== undefined) return ready;
      const taken = await following.next();
      if (taken.done === true) return null;
      const [job] = await synch.jobsByIds([taken.value.id]);
      if (job !== undefined && isWanted(job, wish)) return job;
    }
  }

  async function next(): Promise<SynchJob | null> {
    for (;;) {
      try {
        const job = await nextWanted();
        if (job === null) return null;
        if (job.status === 'IN_PROCESS') toldAsRunning.add(job._id);
        else toldAsRunning.delete(job._id);
        return job;
      } catch (error) {
        // There is no cursor to resume at, and no need of one: how the jobs stand now is all that is to be told.
        if (hasEnded || !(error instanceof CursorExpiredError)) throw error;
        following = await begin();
        if (hasEnded) await following.return?.();
      }
    }
  }

  return iteratorOf(next, () => {
    hasEnded = true;
    return following.return?.();
  });
}

const isWanted = (job: SynchJob, { synchJobId, runId, mapping, connectionSetupId }: ProgressWish): boolean =>
  (synchJobId === undefined || job._id === synchJobId) &&
  (runId === undefined || job.runId === runId) &&
  (mapping === undefined || job.mappingName === mapping) &&
  (connectionSetupId === undefined || job.connectionSetupId === connectionSetupId);
