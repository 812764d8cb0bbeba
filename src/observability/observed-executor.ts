import { type JobExecutor, RunCancelledError, type RunContext } from '../job-queue/job-executor.js';
import type { Metrics, RunOutcomeKind } from './metrics.js';
import { inSpan } from './tracing.js';

/** An executor whose runs are counted, and traced on from where they were asked for. */
export const observedExecutor =
  (executor: JobExecutor, metrics: Metrics): JobExecutor =>
  async (context) => {
    const startedAtMs = performance.now();
    const told = (outcome: RunOutcomeKind): void =>
      metrics.runEnded(context.entry.task, outcome, performance.now() - startedAtMs);
    try {
      const outcome = await inSpan(`run ${context.entry.task}`, spanOf(context), () => executor(context));
      told(outcome.failure === undefined ? 'SUCCESS' : 'ERROR');
      return outcome;
    } catch (error) {
      told(outcomeOfError(context.signal));
      throw error;
    }
  };

const spanOf = ({ entry, runId }: RunContext) => ({
  parent: entry.trace,
  attributes: {
    'tandem.run.id': runId,
    'tandem.entry.code': entry.code,
    ...(entry.mappingId !== null && { 'tandem.mapping.id': entry.mappingId }),
    ...(entry.mappingName !== null && { 'tandem.mapping.name': entry.mappingName }),
  },
});

function outcomeOfError({ aborted, reason }: AbortSignal): RunOutcomeKind {
  if (!aborted) return 'ERROR';
  return reason instanceof RunCancelledError ? 'CANCELLED' : 'INTERRUPTED';
}
