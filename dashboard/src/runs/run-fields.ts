import { graphql, type ResultOf } from '../graphql/graphql';

/** A run as a line of the log, with what its synch jobs did. */
export const runFields = graphql(`
  fragment RunFields on JobQueueLogEntry {
    id
    code
    description
    status
    attempt
    startedAt
    endedAt
    durationMs
    startedBy
    workerName
    error { class code message }
    mapping { id name }
    synchJobs {
      id
      kind
      dryRun
      direction
      status
      inserted
      modified
      deleted
      unchanged
      skipped
      failed
      coupled
      uncoupled
      conflicts
      read
      total
      recordsPerMinute
    }
  }
`);

export type RunLine = ResultOf<typeof runFields>;
export type SynchJobCounts = RunLine['synchJobs'][number];
