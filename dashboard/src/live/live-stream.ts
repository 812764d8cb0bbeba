import type { Client } from '@urql/core';
import { couplingFields } from '../couplings/coupling-fields';
import { entryFields } from '../entries/entry-fields';
import { fullFields } from '../full/full-fields';
import { errorCode } from '../graphql/client';
import { graphql } from '../graphql/graphql';
import { mappingFields } from '../mappings/mapping-fields';
import { runFields } from '../runs/run-fields';
import type { OpenStream, Topic } from './live-feed';

const Changes = graphql(
  `
    subscription Changes($after: String, $mayRead: Boolean!) {
      liveChanges(after: $after) {
        cursor
        subject
        connectionSetup { id name enabled revision }
        integrationTableMapping { ...MappingFields revision }
        coupling @include(if: $mayRead) { ...CouplingFields }
        jobQueueEntry { ...EntryFields }
        jobQueueRun { ...RunFields }
        synchJob { ...FullJob finishedAt message total recordsPerMinute }
        fullSynchronization { ...FullFields }
        worker { id heartbeatAt alive runs { id code } }
      }
    }
  `,
  [mappingFields, couplingFields, entryFields, runFields, fullFields],
);

const topicsOf: Readonly<Record<string, readonly Topic[]>> = {
  CONNECTION_SETUP: ['connections'],
  INTEGRATION_TABLE_MAPPING: ['mappings'],
  COUPLING: ['couplings'],
  JOB_QUEUE_ENTRY: ['entries'],
  JOB_QUEUE_RUN: ['runs'],
  // Pairs that a job brought in step are told by the job alone.
  SYNCH_JOB: ['synchJobs', 'couplings', 'mappings'],
  FULL_SYNCHRONIZATION: ['fullSynchronizations'],
  WORKER: ['workers'],
};

/** Follows whatever changes; each change brings the present state of its object into the cache. */
export const openChanges =
  (client: Client, mayRead: boolean): OpenStream =>
  (after, { onEvent, onEnd }) => {
    let ended = false;
    const end = (reason: 'LOST' | 'EXPIRED'): void => {
      if (ended) return;
      ended = true;
      onEnd(reason);
    };
    const answers = client.subscription(Changes, { after, mayRead }).subscribe(({ data, error, hasNext }) => {
      if (error) return end(errorCode(error) === 'CURSOR_EXPIRED' ? 'EXPIRED' : 'LOST');
      if (data) onEvent({ cursor: data.liveChanges.cursor, topics: topicsOf[data.liveChanges.subject] ?? [] });
      if (!hasNext) end('LOST');
    });
    return () => {
      ended = true;
      answers.unsubscribe();
    };
  };
