import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type WatchedEntry, watchStore } from './change-watch-store.js';
import type { JobQueue } from './job-queue.js';
import type { JobQueueDatabase } from './job-queue-store.js';

/** What a look at the systems found for one mapping. */
export interface NewsOfMapping {
  readonly mappingId: string;
  /** Names of the changes that a run has something to do for; the same change has the same name in each look. */
  readonly changes: readonly string[];
  /** False: there is more than the look shows. */
  readonly isWhole: boolean;
}

export interface ChangeWatchOptions {
  readonly database: JobQueueDatabase;
  readonly jobQueue: Pick<JobQueue, 'wake'>;
  readonly workerId: string;
  /** Looks at the systems of a connection, with one small request each. */
  readonly look: (
    connectionSetupId: string,
    mappingIds: readonly string[],
    signal: AbortSignal,
  ) => Promise<readonly NewsOfMapping[]>;
  readonly logger: Logger;
  readonly intervalMs?: number;
}

export interface ChangeWatch {
  stop(): Promise<void>;
}

// A change has to wake within ten seconds: one look that has just missed it, and the next one.
const INTERVAL_MS = 4_000;
const MS_PER_MINUTE = 60_000;
const WAKER = 'a change in one of the systems';

/**
 * Wakes entries when a record of their mapping changes: sleeping ones, and READY ones that would run later. One worker
 * watches each connection; when it is gone another one goes on.
 */
export function startChangeWatch(options: ChangeWatchOptions): ChangeWatch {
  const { jobQueue, workerId, look, logger, intervalMs = INTERVAL_MS } = options;
  const store = watchStore(options.database);
  const stopping = new AbortController();
  const memory = new WatchMemory();
  const watching = watchAgainAndAgain();

  async function watchAgainAndAgain(): Promise<void> {
    while (!stopping.signal.aborted) {
      await watchAll().catch((error: unknown) => warn(error, 'the entries to watch for could not be read'));
      await delay(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function watchAll(): Promise<void> {
    const entries = await store.watchedEntries(intervalMs);
    const connections = Map.groupBy(entries, ({ connectionSetupId }) => connectionSetupId);
    await Promise.all(
      [...connections].map(([id, ofConnection]) =>
        watchConnection(id, ofConnection).catch((error: unknown) => warn(error, 'a connection could not be looked at')),
      ),
    );
  }

  async function watchConnection(connectionSetupId: string, entries: readonly WatchedEntry[]): Promise<void> {
    if (!(await store.takeWatch(connectionSetupId, workerId, 3 * intervalMs))) return;
    const mappingIds = [...new Set(entries.map(({ mappingId }) => mappingId))];
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(3 * intervalMs)]);
    for (const news of await look(connectionSetupId, mappingIds, signal)) {
      const ofMapping = entries.filter(({ mappingId }) => mappingId === news.mappingId);
      if (!memory.isToWake(news, ofMapping)) continue;
      // The worker that watched before, or this one before it was started again, may have woken them for the same.
      memory.learn(news.mappingId, await store.wokenFor(news.mappingId));
      if (memory.isToWake(news, ofMapping)) await wake(news, ofMapping);
    }
  }

  async function wake(news: NewsOfMapping, entries: readonly WatchedEntry[]): Promise<void> {
    const woken = await jobQueue.wake(
      entries.map(({ _id }) => _id),
      WAKER,
    );
    // One that began to run meanwhile may have read before the change: it is looked for again after that run.
    if (woken.length === 0) return;
    memory.keep(news);
    await store.keepWokenFor(news.mappingId, news.changes);
    logger.info({ mappingId: news.mappingId, entries: woken.map(({ code }) => code) }, 'woken by a change');
  }

  function warn(error: unknown, message: string): void {
    if (stopping.signal.aborted) return;
    logger.warn({ reason: error instanceof Error ? error.name : 'unknown' }, message);
  }

  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

/** What woke a mapping's entries before, so that a change which a run could not settle does not wake them for ever. */
export class WatchMemory {
  readonly #woken = new Map<string, { readonly changes: ReadonlySet<string>; readonly manyAtMs: number }>();

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /** True for a change that has not woken them yet; for more changes than a look shows, once in an interval of the entry. */
  isToWake(
    { mappingId, changes, isWhole }: NewsOfMapping,
    entries: readonly Pick<WatchedEntry, 'minutesBetweenRuns'>[],
  ): boolean {
    const before = this.#woken.get(mappingId);
    if (changes.some((change) => before === undefined || !before.changes.has(change))) return true;
    if (isWhole) return false;
    const pauseMs = Math.max(1, ...entries.map(({ minutesBetweenRuns }) => minutesBetweenRuns)) * MS_PER_MINUTE;
    return before === undefined || this.monotonicMs() - before.manyAtMs >= pauseMs;
  }

  /** Adds what others woke a mapping's entries for. */
  learn(mappingId: string, changes: readonly string[]): void {
    const { changes: known, manyAtMs } = this.#woken.get(mappingId) ?? {
      changes: new Set<string>(),
      manyAtMs: Number.NEGATIVE_INFINITY,
    };
    this.#woken.set(mappingId, { changes: new Set([...known, ...changes]), manyAtMs });
  }

  keep({ mappingId, changes, isWhole }: NewsOfMapping): void {
    const manyAtMs = isWhole ? (this.#woken.get(mappingId)?.manyAtMs ?? Number.NEGATIVE_INFINITY) : this.monotonicMs();
    this.#woken.set(mappingId, { changes: new Set(changes), manyAtMs });
  }
}
