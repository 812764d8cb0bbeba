import { useSubscription } from 'urql';
import { graphql } from '../graphql/graphql';
import { useLiveStatus } from './live-context';

const Progress = graphql(`
  subscription Progress {
    synchJobProgress {
      id
      status
      read
      total
      recordsPerMinute
      inserted
      modified
      deleted
      coupled
      uncoupled
      unchanged
      skipped
      failed
      conflicts
    }
  }
`);

/** While a page shows it, the counters of all running synch jobs are kept true, a few times a second. */
export function useProgress(): void {
  const { status, paused } = useLiveStatus();
  useSubscription({ query: Progress, pause: status !== 'LIVE' || paused });
}
