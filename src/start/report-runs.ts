import type { JobStatusTransition } from '../job-queue/job-queue-entry.js';
import type { TransitionStream } from '../status-stream/transition-stream.js';
import type { SynchJob } from '../synch/synch-job.js';

export interface RunReportDependencies {
  readonly transitions: Pick<TransitionStream, 'subscribe'>;
  readonly jobsOfRun: (runId: string) => Promise<readonly SynchJob[]>;
  readonly report: (line: string) => void;
}

/** Tells the person at the terminal, one line a run, what it did; until the stream is closed. */
export async function reportRuns({ transitions, jobsOfRun, report }: RunReportDependencies): Promise<void> {
  for await (const transition of transitions.subscribe()) {
    if (transition.from !== 'IN_PROCESS' || transition.runId === null) continue;
    report(lineOf(transition, await jobsOfRun(transition.runId)));
  }
}

/** e.g. `10:00:04 CUSTOMER#2 FINISHED: to the integration table 30 inserted, 70 coupled; from it 12 inserted, 2 failed` */
function lineOf({ at, code, to, reason }: JobStatusTransition, jobs: readonly SynchJob[]): string {
  const time = at.toISOString().slice(11, 19);
  const parts = jobs.flatMap((job) => {
    const counts = countsOf(job);
    const direction = job.direction === 'TO_INTEGRATION_TABLE' ? 'to Dataverse' : 'to the business system';
    return counts === '' ? [] : [`${direction} ${counts}`];
  });
  // A run that ended well tells what it did; any other one, why it goes on as it does.
  const counts = parts.length > 0 ? parts.join('; ') : jobs.length > 0 && reason === null ? 'nothing to do' : '';
  const done = [counts, to === 'FINISHED' && counts !== '' ? '' : (reason ?? '')].filter(Boolean).join('. ');
  return `${time} ${code} ${to}${done === '' ? '' : `: ${done}`}`;
}

const toldCounters = ['coupled', 'inserted', 'modified', 'deleted', 'conflicts', 'failed', 'skipped'] as const;

const countsOf = (job: SynchJob): string =>
  toldCounters.flatMap((counter) => (job[counter] > 0 ? [`${job[counter]} ${counter}`] : [])).join(', ');
