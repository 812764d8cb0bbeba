import type { CouplingQueries } from '../../coupling/coupling-queries.js';
import type { EntryToEdit } from '../../job-queue/entry-edit.js';
import type { MappingTables } from '../../mapping/check-mapping.js';
import type { MappingStore } from '../../mapping/mapping-store.js';
import type { TransformationRuleStore } from '../../mapping/transformation-rule-store.js';
import { type ConnectionSetup, keysCanBeRenamed } from '../connection-setup.js';
import { importFaults } from './check-setup-import.js';
import {
  isUnchanged,
  type PlannedPart,
  type PresentSetup,
  planSetupImport,
  type SetupImportPlan,
} from './plan-setup-import.js';
import { readSetupDocument } from './read-setup-document.js';
import { setupOf } from './setup.js';
import type { SetupFault } from './setup-fault.js';
import type { SetupImportStore } from './setup-import-store.js';
import { writeSetupDocument } from './write-setup-document.js';

export const setupObjectKinds = ['INTEGRATION_TABLE_MAPPING', 'JOB_QUEUE_ENTRY', 'TRANSFORMATION_RULE'] as const;
export type SetupObjectKind = (typeof setupObjectKinds)[number];

/** What an import does, or would do, to one mapping, entry or rule. */
export interface SetupChange {
  readonly kind: SetupObjectKind;
  readonly name: string;
  readonly action: PlannedPart<never, never>['action'];
  /** In words. */
  readonly differences: readonly string[];
}

/** A setup that cannot be imported, with everything that is wrong. Nothing of it was. */
export class InvalidSetupError extends Error {
  override readonly name = 'InvalidSetupError';
  constructor(readonly faults: readonly SetupFault[]) {
    super(faults.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
}

export interface SetupImport {
  /** The connection that gets it. */
  readonly setup: Pick<ConnectionSetup, 'id' | 'business'>;
  readonly document: unknown;
  /** Also deletes what the document lacks. */
  readonly deleteOthers: boolean;
  /** Only tells what would be done. */
  readonly dryRun: boolean;
  readonly actor: string;
}

/** Takes the setup of one connection to another one, as a document. */
export interface SetupDocuments {
  /** Mappings, rules and entries of a connection; equal setups give equal documents. */
  document(connectionSetupId: string): Promise<object>;
  /**
   * Makes the setup of a connection as the document says, all or nothing. Imported again it changes nothing.
   *
   * @throws InvalidSetupError; SetupMovedError when somebody changes a part of it meanwhile
   */
  import(request: SetupImport): Promise<readonly SetupChange[]>;
}

export interface SetupDocumentsDeps {
  readonly mappings: Pick<MappingStore, 'list'>;
  readonly transformationRules: Pick<TransformationRuleStore, 'all'>;
  readonly couplings: Pick<CouplingQueries, 'count'>;
  readonly systems: MappingTables;
  readonly store: SetupImportStore;
  readonly now: () => Promise<Date>;
}

export function setupDocuments(deps: SetupDocumentsDeps): SetupDocuments {
  return {
    document: async (connectionSetupId) => {
      const { rules, mappings, entries } = await presentSetup(deps, connectionSetupId);
      return writeSetupDocument(setupOf(rules, mappings, entries));
    },
    import: async ({ setup, document, deleteOthers, dryRun, actor }) => {
      const read = readSetupDocument(document);
      if ('faults' in read) throw new InvalidSetupError(read.faults);
      const { id: connectionSetupId } = setup;
      const present = await presentSetup(deps, connectionSetupId);
      const plan = planSetupImport(read.setup, present, deleteOthers);
      const faults = await importFaults(plan, {
        connectionSetupId,
        present,
        systems: deps.systems,
        couplingsOf: async (mappingId) => (await deps.couplings.count({ mappingId })).count,
        keysCanBeRenamed: keysCanBeRenamed(setup),
        now: await deps.now(),
      });
      if (faults.length > 0) throw new InvalidSetupError(faults);
      if (!dryRun && !isUnchanged(plan)) await deps.store.apply(plan, connectionSetupId, actor);
      return changesOf(plan);
    },
  };
}

async function presentSetup(
  { mappings, transformationRules, store }: SetupDocumentsDeps,
  connectionSetupId: string,
): Promise<PresentSetup<EntryToEdit>> {
  const all = await mappings.list({});
  return {
    rules: await transformationRules.all(),
    mappings: all.filter((mapping) => mapping.connectionSetupId === connectionSetupId),
    mappingsOfOthers: all.filter((mapping) => mapping.connectionSetupId !== connectionSetupId),
    entries: await store.entriesOf(connectionSetupId),
  };
}

/** Rules, mappings and entries, each by name. */
const changesOf = ({ rules, mappings, entries }: SetupImportPlan<EntryToEdit>): SetupChange[] => [
  ...changes('TRANSFORMATION_RULE', rules),
  ...changes('INTEGRATION_TABLE_MAPPING', mappings),
  ...changes('JOB_QUEUE_ENTRY', entries),
];

const changes = (
  kind: SetupObjectKind,
  parts: readonly Pick<PlannedPart<never, never>, 'name' | 'action' | 'differences'>[],
): SetupChange[] =>
  parts
    .map(({ name, action, differences }) => ({ kind, name, action, differences }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
