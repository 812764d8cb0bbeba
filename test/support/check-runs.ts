import type { JobQueueEntry, JobQueueLogEntry } from '../../src/job-queue/job-queue-entry.js';

/** A request that a system received, with the run that sent it. */
export interface RequestOfRun {
  readonly runId: string;
  readonly beganAt: Date;
  readonly endedAt: Date;
}

export interface RunsToCheck {
  /** When each entry that was made, and runs once, was due. */
  readonly dueAt: ReadonlyMap<string, Date>;
  /** The entries that are there after all of them rest. */
  readonly entries: readonly Pick<JobQueueEntry, '_id' | 'code' | 'status'>[];
  readonly runs: readonly Pick<JobQueueLogEntry, '_id' | 'entryId' | 'status' | 'startedAt' | 'endedAt'>[];
  readonly requests: readonly RequestOfRun[];
  /** Requests that a run sends from its beginning to its end. */
  readonly requestsOfRun: number;
}

/** What the ledger and the requests that really arrived tell of runs that were lost, doubled, early or without an end. */
export function faultsOfRuns({ dueAt, entries, runs, requests, requestsOfRun }: RunsToCheck): string[] {
  const faults: string[] = [];
  const requestsBy = Map.groupBy(requests, ({ runId }) => runId);
  const runsBy = Map.groupBy(runs, ({ entryId }) => entryId);
  const known = new Set(runs.map(({ _id }) => _id));
  for (const runId of requestsBy.keys())
    if (!known.has(runId)) faults.push(`requests of ${runId}, which no ledger knows`);

  const there = new Set(entries.map(({ _id }) => _id));
  for (const made of dueAt.keys()) if (!there.has(made)) faults.push(`${made} was lost: it is there no more`);

  for (const { _id, code, status } of entries) {
    const due = dueAt.get(_id);
    if (due === undefined) faults.push(`${code} was never made`);
    const own = runsBy.get(_id) ?? [];
    const effective = own.filter((run) => run.status === 'SUCCESS');
    if (effective.length === 0) faults.push(`${code} was lost: it is ${status} with ${own.length} runs`);
    if (effective.length > 1) faults.push(`${code} ran ${effective.length} times to its end`);
    if (status !== 'FINISHED') faults.push(`${code} rests as ${status}`);
    for (const run of effective) {
      const sent = requestsBy.get(run._id)?.length ?? 0;
      if (sent !== requestsOfRun) faults.push(`${code}: its run sent ${sent} requests instead of ${requestsOfRun}`);
    }
    for (const run of own) faults.push(...faultsOfRun(code, run, requestsBy.get(run._id) ?? [], due ?? new Date(0)));
    faults.push(...overlaps(code, own, requestsBy));
  }
  return faults;
}

function faultsOfRun(
  code: string,
  run: RunsToCheck['runs'][number],
  requests: readonly RequestOfRun[],
  dueAt: Date,
): string[] {
  const faults: string[] = [];
  if (run.status === 'IN_PROCESS' || run.endedAt === null) faults.push(`${code}: its run has no end`);
  if (run.startedAt < dueAt) faults.push(`${code} began before it was due`);
  if (requests.some(({ beganAt }) => beganAt < dueAt)) faults.push(`${code} sent a request before it was due`);
  const end = run.endedAt;
  if (end !== null && requests.some(({ beganAt }) => beganAt > end))
    faults.push(`${code} sent a request after its run had ended as ${run.status}`);
  return faults;
}

/** Two runs of one entry of which each sent something while the other one was between its first and its last request. */
function overlaps(
  code: string,
  runs: RunsToCheck['runs'],
  requestsBy: ReadonlyMap<string, readonly RequestOfRun[]>,
): string[] {
  const spans = runs
    .map(({ _id }) => requestsBy.get(_id) ?? [])
    .filter((sent) => sent.length > 0)
    .map((sent) => ({
      from: Math.min(...sent.map(({ beganAt }) => beganAt.getTime())),
      to: Math.max(...sent.map(({ endedAt }) => endedAt.getTime())),
    }))
    .toSorted((a, b) => a.from - b.from);
  return spans.flatMap(({ from }, index) => {
    const before = spans[index - 1];
    return before !== undefined && from < before.to ? [`${code} had two runs at once`] : [];
  });
}
