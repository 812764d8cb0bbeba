import type { JobExecutor, RunContext } from '../job-queue/job-executor.js';
import { inSpan } from './tracing.js';

/** An executor whose runs are traced on from where they were asked for. */
export const tracedExecutor =
  (executor: JobExecutor): JobExecutor =>
  (context) =>
    inSpan(`run ${context.entry.task}`, spanOf(context), () => executor(context));

const spanOf = ({ entry, runId }: RunContext) => ({
  parent: entry.trace,
  attributes: {
    'tandem.run.id': runId,
    'tandem.entry.code': entry.code,
    ...(entry.mappingId !== null && { 'tandem.mapping.id': entry.mappingId }),
    ...(entry.mappingName !== null && { 'tandem.mapping.name': entry.mappingName }),
  },
});
