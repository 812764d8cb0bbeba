import {
  type JobExecutor,
  RunCancelledError,
  type RunContext,
  type RunOutcome,
  RunTimedOutError,
} from '../job-queue/job-executor.js';
import type { JobQueue } from '../job-queue/job-queue.js';
import type { JobParameters } from '../job-queue/job-queue-entry.js';
import { NothingToCancelError } from '../job-queue/job-queue-errors.js';
import { makeError } from './describe-error.js';
import { endOfLine, type LineEnd } from './full-synchronization-line-end.js';
import {
  type FullSynchLine,
  linesToStart,
  nextRound,
  statusOfWhole,
  withBlockedLines,
  withoutUnfinished,
} from './full-synchronization-plan.js';
import type { StartScheduled } from './full-synchronization-scheduled.js';
import type { FullSynchronization, FullSynchronizationStore } from './full-synchronization-store.js';
import type { ReadOptionsRequest } from './read-options.js';

/** What a full synchronization is given by the composition root. */
export interface FullSynchronizationDependencies {
  readonly store: Pick<FullSynchronizationStore, 'take' | 'save' | 'ofOwnEntry'>;
  /** Starts what an entry of the schedule asks for, or finds what its interrupted run had started. */
  readonly startScheduled: StartScheduled;
  readonly jobQueue: Pick<
    JobQueue,
    'createOneOff' | 'waitForBegin' | 'waitForEnd' | 'findRun' | 'cancelRun' | 'cancelParts'
  >;
  /** Reads the options of both systems and couples them, before anything refers to them. */
  readonly readOptions: (request: ReadOptionsRequest, signal: AbortSignal) => Promise<void>;
  /** Ids of the mappings with pairs that became due because a record they refer to was coupled. */
  readonly mappingsWithDuePairs: (connectionSetupId: string) => Promise<readonly string[]>;
  /** The database's time. */
  readonly now: () => Promise<Date>;
  /** How many lines may run at the same time, at least 1. */
  readonly linesAtOnce: number;
}

/**
 * The executor of FULL_SYNCH: runs the lines of a full synchronization, each as a one-off run of its own, and once more those
 * with pairs that became due meanwhile. Each step is written into the document before the next one, and each line is
 * accepted once however often it is asked for: a run that was interrupted goes on where it was.
 */
export const fullSynchronization =
  (dependencies: FullSynchronizationDependencies): JobExecutor =>
  async (context) => {
    context.assertHeld();
    const taken = await dependencies.store.take(context.entry._id, context.leaseToken);
    if (taken === null) return outcomeWithoutOwn(dependencies, context);
    const driven = new DrivenSynchronization(dependencies, context, taken);
    try {
      return outcomeOf(await driven.toItsEnd());
    } catch (error) {
      if (context.signal.reason instanceof RunCancelledError) await driven.cancel(context.signal.reason.cancelledBy);
      await cancelWhenTimedOut(dependencies, context, (by) => driven.cancel(by));
      throw error;
    }
  };

// An entry of the schedule, or one that is run once more, starts a full synchronization and waits for its end. One that has
// its own was ended by an earlier run, which died before its own end was written.
async function outcomeWithoutOwn(
  { store, startScheduled, jobQueue }: FullSynchronizationDependencies,
  context: RunContext,
): Promise<RunOutcome> {
  const ended = await store.ofOwnEntry(context.entry._id);
  if (ended !== null) return outcomeOf(ended);
  const started = await startScheduled(context);
  try {
    await jobQueue.waitForEnd(started.entryId, context.signal);
  } catch (error) {
    await cancelWhenTimedOut({ jobQueue }, context, () => jobQueue.waitForEnd(started.entryId));
    throw error;
  }
  return outcomeOf((await store.ofOwnEntry(started.entryId)) ?? started);
}

// Cancelling a run cancels its parts with it; a time-out is the worker's own, so the parts have to be told.
async function cancelWhenTimedOut(
  { jobQueue }: { readonly jobQueue: Pick<JobQueue, 'cancelParts'> },
  { entry, signal }: RunContext,
  andThen: (by: string) => Promise<unknown>,
): Promise<void> {
  if (!(signal.reason instanceof RunTimedOutError)) return;
  const by = `the time-out of ${entry.code}`;
  await jobQueue.cancelParts(entry._id, by);
  await andThen(by);
}

function outcomeOf({ status, lines }: FullSynchronization): RunOutcome {
  if (status === 'SUCCESS') return { idle: false };
  const left = lines.flatMap((line) => (line.status === 'SUCCESS' ? [] : [line.mappingName]));
  const message = `the full synchronization ended without ${left.join(', ')}: see its lines for the reasons, then run these again`;
  return { idle: false, failure: makeError('DEPENDENCY', 'LINES_STOPPED', message) };
}

/** A full synchronization that this run drives. */
class DrivenSynchronization {
  readonly #running = new Map<string, Promise<LineEnd>>();

  constructor(
    private readonly dependencies: FullSynchronizationDependencies,
    private readonly context: RunContext,
    private document: FullSynchronization,
  ) {}

  async toItsEnd(): Promise<FullSynchronization> {
    if (this.document.lines.every(({ runs }) => runs.length === 0)) await this.#readOptions();
    do {
      await this.#runLines();
    } while (await this.#beginNextRound());
    return this.#save(this.document.lines, await this.dependencies.now());
  }

  /** Notes what is left as CANCELLED; the job queue has cancelled the runs of the lines together with ours. */
  async cancel(by: string): Promise<void> {
    const lines = withoutUnfinished(this.document.lines, `The full synchronization was cancelled by ${by}.`);
    const finishedAt = await this.dependencies.now();
    this.document = await this.dependencies.store.save(this.document, { lines, status: 'CANCELLED', finishedAt });
  }

  async #readOptions(): Promise<void> {
    const { connectionSetupId, dryRun } = this.document;
    await this.dependencies.readOptions({ connectionSetupId, dryRun }, this.context.signal);
    this.context.signal.throwIfAborted();
  }

  async #runLines(): Promise<void> {
    for (const line of this.document.lines.filter(({ status }) => status === 'IN_PROCESS')) this.#watch(line);
    for (;;) {
      await this.#save(withBlockedLines(this.document.lines));
      for (const line of linesToStart(this.document.lines, this.dependencies.linesAtOnce)) await this.#start(line);
      if (this.#running.size === 0) return;
      const { mappingId, run, status, reason } = await Promise.race(this.#running.values());
      this.#running.delete(mappingId);
      await this.#change(mappingId, (line) => ({ ...line, status, reason, runs: [...line.runs.slice(0, -1), run] }));
    }
  }

  async #start(line: FullSynchLine): Promise<void> {
    const { entry, startedBy, runId } = this.context;
    this.context.signal.throwIfAborted();
    const { mode, dryRun } = this.document;
    const full: JobParameters = line.round === 0 ? { full: true, mode, ...(dryRun && { dryRun }) } : {};
    const made = await this.dependencies.jobQueue.createOneOff({
      connectionSetupId: this.document.connectionSetupId,
      task: 'INTEGRATION_SYNCH',
      mappingId: line.mappingId,
      mappingName: line.mappingName,
      parameters: full,
      description: `${line.mappingName} of ${entry.code}`,
      actor: startedBy,
      idempotencyKey: `${this.document._id}:${line.mappingId}:${line.round}`,
      partOf: { entryId: entry._id, runId },
    });
    const run = { entryId: made.entry._id, runId: made.run._id };
    const started = await this.#change(line.mappingId, (ready) => ({
      ...ready,
      status: 'IN_PROCESS',
      runs: [...ready.runs, run],
    }));
    this.#watch(started);
    // Lines begin in their order, however many workers look for work at the same moment.
    await this.dependencies.jobQueue.waitForBegin(run.entryId, this.context.signal);
  }

  #watch(line: FullSynchLine): void {
    const end = this.#endOf(line);
    // Nobody waits for it once another line's waiting was aborted.
    end.catch(() => undefined);
    this.#running.set(line.mappingId, end);
  }

  async #endOf({ mappingId, runs }: FullSynchLine): Promise<LineEnd> {
    const run = runs.at(-1);
    if (run === undefined) throw new Error(`the line of mapping ${mappingId} is in process without a run`);
    const { jobQueue } = this.dependencies;
    const entry = await jobQueue.waitForEnd(run.entryId, this.context.signal);
    if (entry.status === 'ON_HOLD') await this.#withdraw(run.entryId);
    const runId = entry.currentRunId ?? entry.lastRunId ?? run.runId;
    return endOfLine(mappingId, entry, runId, await jobQueue.findRun(runId));
  }

  // A line that a person put On Hold would hold everything after it for as long: it counts as stopped, and shall not go on
  // beside a later run of its mapping.
  async #withdraw(entryId: string): Promise<void> {
    try {
      await this.dependencies.jobQueue.cancelRun({ entryId }, this.context.startedBy);
    } catch (error) {
      if (!(error instanceof NothingToCancelError)) throw error;
    }
  }

  async #beginNextRound(): Promise<boolean> {
    // A dry run leaves the pairs as they are: what was due stays due.
    if (this.document.dryRun) return false;
    const due = await this.dependencies.mappingsWithDuePairs(this.document.connectionSetupId);
    const lines = nextRound(this.document.lines, due);
    if (lines === null) return false;
    await this.#save(lines);
    return true;
  }

  async #change(mappingId: string, change: (line: FullSynchLine) => FullSynchLine): Promise<FullSynchLine> {
    const { lines } = await this.#save(
      this.document.lines.map((line) => (line.mappingId === mappingId ? change(line) : line)),
    );
    const changed = lines.find((line) => line.mappingId === mappingId);
    if (changed === undefined) throw new Error(`mapping ${mappingId} has no line`);
    return changed;
  }

  async #save(lines: readonly FullSynchLine[], finishedAt: Date | null = null): Promise<FullSynchronization> {
    // All lines may be done while another round follows: the whole is in process until it is finished.
    const status = finishedAt === null ? 'IN_PROCESS' : statusOfWhole(lines);
    this.document = await this.dependencies.store.save(this.document, { lines, status, finishedAt });
    return this.document;
  }
}
