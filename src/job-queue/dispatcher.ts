import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SynchError } from '../synch/synch-error.js';
import { cancelledAmong } from './cancel-store.js';
import { type ClaimedRun, claimDueEntry, waitForCategory } from './claim-store.js';
import { coalesced } from './coalesced.js';
import {
  type DueEntry,
  dueEntries,
  expiredEntryIds,
  releaseEntries,
  reserveEntries,
  type UpcomingEntry,
  upcomingEntries,
} from './due-entries-store.js';
import { expireEntry } from './entry-expiry-store.js';
import type { JobExecutor } from './job-executor.js';
import { type JobTask, jobTasks } from './job-queue-entry.js';
import { describeUnknownError } from './job-queue-errors.js';
import { type JobQueueDatabase, jobQueueStore } from './job-queue-store.js';
import { extendLeases, runsPastTheirLease } from './lease-store.js';
import { type EndedRun, endRun, interruptRun, type OnRunEnd } from './run-end-store.js';
import type { EndedRunStatus } from './run-ending.js';
import { executeRun, type RunExecution } from './run-execution.js';
import { makeSweep } from './sweep.js';
import { prepareTransitionLog } from './transition-log-store.js';
import { openWakeUps } from './wake-up-store.js';
import { forgetWorkers, hasOtherWorkers, hearWorker, type WorkerIdentity } from './worker-store.js';

/** What runs the due entries of a database in this process. */
export interface Dispatcher {
  readonly workerId: string;
  /** Begins nothing new, waits for what runs, and hands back what does not end in time. */
  stop(): Promise<void>;
}

export interface DispatcherOptions {
  readonly database: JobQueueDatabase;
  /** Who does the work of which task. Entries of other tasks are left to other workers. */
  readonly executors: Partial<Record<JobTask, JobExecutor>>;
  readonly logger: Logger;
  readonly workerName: string;
  /** Version of the program, for the list of workers. */
  readonly version: string;
  /** How many runs at once. */
  readonly concurrency: number;
  /** Tasks whose runs only watch other runs. They do not count as one of `concurrency`: waiting for each other's hands they would stand still for ever. */
  readonly watchingTasks?: readonly JobTask[];
  readonly timing?: Partial<DispatcherTiming>;
  /** What is stored of an error that ended a run. */
  readonly describeError?: (error: unknown) => SynchError;
  /** Told of each end of a run, within its transaction. */
  readonly onRunEnd?: OnRunEnd;
  /** Told of each end of a run that this worker wrote: of its own runs, and of those that it found without their worker. */
  readonly onRunEnded?: (ended: WrittenEnd) => void;
  /** A clock that never jumps, in milliseconds. */
  readonly monotonicMs?: () => number;
}

/** An end of a run that is written. */
export interface WrittenEnd {
  readonly task: JobTask;
  readonly status: EndedRunStatus;
  /** How long it was executed; null when its worker was lost, and with it the time at which that happened. */
  readonly ranMs: number | null;
}

/** The times that a dispatcher keeps, in milliseconds. All workers of a database have to have the same leaseMs. */
export interface DispatcherTiming {
  /** A run whose worker is not heard for so long is interrupted. Shorter: sooner run again, but also after a mere pause. */
  readonly leaseMs: number;
  /** A lease has to survive some lost heartbeats: several of them fit into leaseMs. */
  readonly heartbeatMs: number;
  /** How often is looked for what no event tells. */
  readonly sweepMs: number;
  /** How far ahead wake-ups are put into Agenda. */
  readonly wakeHorizonMs: number;
  /** How long stopping waits for runs to end by themselves. */
  readonly drainMs: number;
  /** How long a run has to react to its signal. */
  readonly abortGraceMs: number;
  /** How often is looked whether somebody cancelled a run of this worker. */
  readonly cancelLookMs: number;
}

/** With these a run goes on elsewhere within 15 seconds of its worker's death: lease, sweep, claim. */
export const defaultTiming: DispatcherTiming = {
  leaseMs: 10_000,
  heartbeatMs: 2_500,
  sweepMs: 2_000,
  wakeHorizonMs: 5 * 60_000,
  drainMs: 20_000,
  abortGraceMs: 2_000,
  cancelLookMs: 500,
};

// Losing every claim to other workers several times in a row means that they have enough hands.
const LOOKS_WITHOUT_LUCK = 3;
const UPCOMING_AT_ONCE = 1_000;
// A sweep begins so much later than planned, at most, on a busy machine.
const SWEEP_LATENESS_MS = 500;

/** Starts to run due entries, and registers this process as a worker. */
export async function startDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const timing = { ...defaultTiming, ...options.timing };
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const store = jobQueueStore(options.database, { numbersLater: true });
  const worker = identityOf(options);
  const log = options.logger.child({ part: 'dispatcher', worker: worker.name });
  const tasks = jobTasks.filter((task) => options.executors[task] !== undefined);
  const watching = tasks.filter((task) => options.watchingTasks?.includes(task));
  const running = new Map<string, RunExecution & { readonly task: JobTask }>();
  const stopping = new AbortController();
  let isAlone = false;
  const ender = { causedBy: worker.name, onEnd: options.onRunEnd };

  await prepareTransitionLog(store);
  const wakeUps = await openWakeUps({ db: store.db, logger: log, horizonMs: timing.wakeHorizonMs, onWake });
  const look = coalesced(lookForDue);
  const sweep = makeSweep({
    ...timing,
    monotonicMs,
    logger: log,
    hearWorker: async () => {
      await hearWorker(store, worker);
      isAlone = !(await hasOtherWorkers(store, worker._id));
    },
    runsPastTheirLease: () => runsPastTheirLease(store),
    interruptRun: async (runId) => {
      const ended = await interruptRun(store, runId, ender);
      if (ended !== null) tellEnd(ended, null);
      return ended;
    },
    expireEntries: async () => {
      for (const entryId of await expiredEntryIds(store, 100)) await expireEntry(store, entryId, worker.name);
    },
    numberTransitions: () => store.numberTransitions(),
    announceUpcoming: async () => {
      const upcoming = await upcomingEntries(store, timing.wakeHorizonMs, UPCOMING_AT_ONCE);
      lookWhenDue(upcoming);
      await wakeUps.announce(upcoming);
    },
  });
  const sweeping = sweepAgainAndAgain();
  const closed = new AbortController();
  const cancelling = cancelWhatIsToBe();

  function onWake(at: Date): void {
    // Agenda goes by this process's clock, the claim by the database's: when ours is ahead, the entry is not due yet. The
    // second look comes when it is, unless the clocks differ by more than the sweep covers anyway.
    void lookNow();
    const earlyMs = at.getTime() - Date.now();
    if (earlyMs > 0) setTimeout(() => void lookNow(), earlyMs).unref();
  }

  // A wake-up reaches one worker, and what is due together may be more than its hands can take: all others look by
  // themselves, until the next sweep tells them anew.
  function lookWhenDue(upcoming: readonly UpcomingEntry[]): void {
    const soon = upcoming.filter(({ inMs }) => inMs > 0 && inMs <= timing.sweepMs + SWEEP_LATENESS_MS);
    for (const inMs of new Set(soon.map((entry) => entry.inMs))) setTimeout(() => void lookNow(), inMs).unref();
  }

  async function lookNow(): Promise<void> {
    if (stopping.signal.aborted) return;
    await look().catch((error: unknown) => log.warn({ reason: nameOf(error) }, 'due entries could not be looked for'));
  }

  async function lookForDue(): Promise<void> {
    for (let unlucky = 0; unlucky < LOOKS_WITHOUT_LUCK && !stopping.signal.aborted; ) {
      const hands = handsFree();
      const wanted = hands > 0 ? tasks : watching;
      if (wanted.length === 0) return;
      const due = await dueEntries(store, wanted, Math.max(1, hands));
      if (due.startable.length + due.categoryBusy.length === 0) return;
      for (const { _id } of due.categoryBusy) await waitForCategory(store, _id, worker.name);
      const began = await claimSome(due.startable, wanted);
      unlucky = began || due.categoryBusy.length > 0 ? 0 : unlucky + 1;
    }
  }

  /** Claims them side by side, and begins them in their order. False when other workers were faster with all of them. */
  async function claimSome(due: readonly DueEntry[], wanted: readonly JobTask[]): Promise<boolean> {
    if (due.length === 0 || stopping.signal.aborted) return false;
    const ids = due.map(({ _id }) => _id);
    // Alone, nobody is to be kept away; one who has just come is kept away by the claims themselves.
    const reserved = isAlone ? new Set(ids) : await reserveEntries(store, ids);
    const own = due.filter(({ _id }) => reserved.has(_id));
    const claimedAtMs = monotonicMs();
    const claimant = { workerId: worker._id, workerName: worker.name, leaseMs: timing.leaseMs, tasks: wanted };
    const claims = own.map((entry) => claimDueEntry(store, entry, claimant));
    // One that fails must not keep those from beginning that were claimed.
    const settled = Promise.allSettled(claims);
    const begun = new Set<string>();
    for (const claim of claims) {
      const run = await claim.catch(() => null);
      if (run === null) continue;
      begin(run, claimedAtMs);
      // Of a category it may be another one.
      begun.add(run.entry._id);
    }
    const left = own.flatMap(({ _id }) => (begun.has(_id) ? [] : [_id]));
    if (left.length > 0 && !isAlone) await releaseEntries(store, left);
    for (const outcome of await settled) if (outcome.status === 'rejected') throw outcome.reason;
    return begun.size > 0;
  }

  const handsFree = (): number =>
    options.concurrency - [...running.values()].filter(({ task }) => !watching.includes(task)).length;

  function begin(run: ClaimedRun, claimedAtMs: number): void {
    const executor = options.executors[run.entry.task];
    if (executor === undefined) throw new Error(`task ${run.entry.task} was claimed without an executor`);
    const execution = executeRun({
      ...timing,
      run,
      executor,
      claimedAtMs,
      monotonicMs,
      workerName: worker.name,
      describeError: options.describeError ?? describeUnknownError,
      logger: log.child({ runId: run.runId, entry: run.entry.code, mappingId: run.entry.mappingId }),
      extendLeases: ({ leases, runId }) => extendLeases(store, leases, runId, timing.leaseMs, timing.leaseMs),
      endRun: (ended, ending) => endRun(store, ended, ending, ender),
    });
    running.set(run.runId, { ...execution, task: run.entry.task });
    void conclude(run.runId, execution, claimedAtMs);
  }

  async function conclude(runId: string, execution: RunExecution, claimedAtMs: number): Promise<void> {
    const ended = await execution.ended;
    running.delete(runId);
    if (ended !== null) tellEnd(ended, monotonicMs() - claimedAtMs);
    // What waited for this run's mapping is due and free now, and so are our hands.
    void lookNow();
    if (ended !== null) await wakeUps.announce([{ _id: ended.entryId, nextRunAt: ended.nextRunAt }]);
  }

  function tellEnd({ task, runStatus }: EndedRun, ranMs: number | null): void {
    if (task !== null && runStatus !== null) options.onRunEnded?.({ task, status: runStatus, ranMs });
  }

  async function sweepAgainAndAgain(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sweep().catch((error: unknown) => log.warn({ reason: nameOf(error) }, 'a sweep failed'));
      await lookNow();
      await delay(timing.sweepMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  // Also while stopping: the runs that are waited for can be cancelled until the end.
  async function cancelWhatIsToBe(): Promise<void> {
    while (!closed.signal.aborted) {
      try {
        for (const { runId, by } of await cancelledAmong(store, [...running.keys()])) running.get(runId)?.cancel(by);
      } catch (error) {
        log.warn({ reason: nameOf(error) }, 'cancelled runs could not be looked for');
      }
      await delay(timing.cancelLookMs, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  }

  async function stop(): Promise<void> {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await wakeUps.close().catch((error: unknown) => log.warn({ reason: nameOf(error) }, 'wake-ups did not close'));
    await sweeping;
    await look().catch(() => undefined);
    // What only watches other runs goes on wherever they do; waiting for it would be waiting for all of them.
    for (const execution of running.values()) if (watching.includes(execution.task)) execution.handBack();
    await allEndedWithin(timing.drainMs);
    for (const execution of running.values()) execution.handBack();
    await allEndedWithin(timing.abortGraceMs + timing.leaseMs);
    closed.abort();
    await cancelling;
    await forgetWorkers(store, worker._id).catch(() => undefined);
    log.info('dispatcher stopped');
  }

  async function allEndedWithin(ms: number): Promise<void> {
    const ends = [...running.values()].map(({ ended }) => ended);
    await Promise.race([Promise.all(ends), delay(ms, undefined, { ref: false })]);
  }

  log.info({ concurrency: options.concurrency, tasks }, 'dispatcher started');
  return { workerId: worker._id, stop };
}

function identityOf({ workerName, version }: DispatcherOptions): WorkerIdentity {
  return { _id: randomUUID(), name: workerName, host: hostname(), processId: process.pid, version };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
