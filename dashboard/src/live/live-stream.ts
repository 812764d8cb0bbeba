import type { Client } from '@urql/core';
import { entryFields } from '../entries/entry-fields';
import { errorCode } from '../graphql/client';
import { graphql } from '../graphql/graphql';
import type { OpenStream, Topic } from './live-feed';

const Transitions = graphql(
  `
    subscription Transitions($after: String) {
      jobStatusTransitions(after: $after) {
        id
        cursor
        to
        entry { ...EntryFields mapping { id } }
        run { id status endedAt durationMs }
      }
    }
  `,
  [entryFields],
);

/** Follows the status transitions; each brings the present state of its entry and run into the cache. */
export const openTransitions =
  (client: Client): OpenStream =>
  (after, { onEvent, onEnd }) => {
    let ended = false;
    const end = (reason: 'LOST' | 'EXPIRED'): void => {
      if (ended) return;
      ended = true;
      onEnd(reason);
    };
    const answers = client.subscription(Transitions, { after }).subscribe((result) => {
      if (result.error) return end(errorCode(result.error) === 'CURSOR_EXPIRED' ? 'EXPIRED' : 'LOST');
      if (result.data) {
        const { cursor, to } = result.data.jobStatusTransitions;
        onEvent({ cursor, topics: topicsOf(to) });
      }
      if (!result.hasNext) end('LOST');
    });
    return () => {
      ended = true;
      answers.unsubscribe();
    };
  };

// A run that begins adds a row to the log; one that ends has changed couplings and counters besides.
function topicsOf(to: string): readonly Topic[] {
  if (to === 'IN_PROCESS') return ['entries', 'runs', 'synchJobs', 'fullSynchronizations'];
  return ['entries', 'runs', 'synchJobs', 'couplings', 'mappings', 'connections', 'fullSynchronizations'];
}
