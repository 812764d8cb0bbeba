import type { Count, Page, PageRequest } from '../store/keyset-page.js';
import { type SettlingDependencies, settleAbandoned } from './full-synchronization-abandoned.js';
import {
  type FullSynchronizationRequest,
  type StartDependencies,
  startFullSynchronization,
} from './full-synchronization-start.js';
import type {
  FullSynchronization,
  FullSynchronizationFilter,
  FullSynchronizationStore,
} from './full-synchronization-store.js';

/** The full synchronization that an entry of the job queue belongs to: as its own, or as a line's. */
export interface FullSynchronizationOfEntry {
  readonly entryId: string;
  readonly fullSynchronization: FullSynchronization;
}

/** Full synchronizations as their users see them. One that is shown as open has a run that goes on with it. */
export interface FullSynchronizations {
  /** @throws DependencyCycleError, FullSynchronizationInProcessError */
  start(request: FullSynchronizationRequest): Promise<FullSynchronization>;
  /** In no order; ids without one are left out. */
  byIds(ids: readonly string[]): Promise<FullSynchronization[]>;
  /** Entries that belong to none are left out. */
  ofEntries(entryIds: readonly string[]): Promise<FullSynchronizationOfEntry[]>;
  /** Newest first. @throws InvalidPlaceError */
  page(filter: FullSynchronizationFilter, request: PageRequest): Promise<Page<FullSynchronization>>;
  count(filter: FullSynchronizationFilter): Promise<Count>;
}

/** The full synchronizations of a database. */
export function fullSynchronizations(
  dependencies: StartDependencies & SettlingDependencies & { readonly store: FullSynchronizationStore },
): FullSynchronizations {
  const { store } = dependencies;
  const settled = (documents: readonly FullSynchronization[]) => settleAbandoned(dependencies, documents);
  return {
    start: (request) => startFullSynchronization(dependencies, request),
    byIds: async (ids) => settled(await store.byIds(ids)),
    ofEntries: async (entryIds) => {
      const wanted = new Set(entryIds);
      return (await settled(await store.ofEntries(entryIds))).flatMap((fullSynchronization) =>
        fullSynchronization.entryIds
          .filter((entryId) => wanted.has(entryId))
          .map((entryId) => ({ entryId, fullSynchronization })),
      );
    },
    page: async (filter, request) => {
      const { items, hasMore } = await store.page(filter, request);
      const documents = await settled(items.map(({ item }) => item));
      return { items: items.map(({ place, item }, index) => ({ place, item: documents[index] ?? item })), hasMore };
    },
    count: (filter) => store.count(filter),
  };
}
