import type { RunContext } from '../job-queue/job-executor.js';
import {
  allowsDirection,
  directionInto,
  type IntegrationTableMapping,
  type SynchDirection,
} from '../mapping/integration-table-mapping.js';
import { PARKED_RETRY_MS } from './coupling-states.js';
import { makeError, RunFailedError } from './describe-error.js';
import { FencedCouplings } from './fenced-couplings.js';
import { matchGroupsOf } from './match-keys.js';
import { type MappingSurroundings, openMapping } from './open-mapping.js';
import type { Side } from './synch-error.js';
import type { SynchJobKind } from './synch-job.js';
import {
  type ChunkSizes,
  JobTally,
  newSynchJob,
  type SynchRun,
  type SynchRunOptions,
  type SynchStores,
} from './synch-run.js';
import { whyNeverAlone } from './table-rules.js';

const USUAL_CHUNKS: ChunkSizes = { pairs: 500, atOnce: 3 };

/** What the synchronization is given by the composition root. */
export interface SynchDependencies extends MappingSurroundings {
  readonly stores: SynchStores;
  readonly mapping: (id: string) => Promise<IntegrationTableMapping | null>;
  /** Brings the next run of these mappings' entries forward, because something they wait for has come. */
  readonly wakeMappings: (mappingIds: readonly string[]) => Promise<void>;
  /** How long after it was parked a pair is looked at again, in ms; PARKED_RETRY_MS where nothing is said. */
  readonly parkedRetryMs?: number;
  /** The database's clock, opened for one run; see openRunClock. */
  readonly clock: () => Promise<() => Date>;
  readonly newId: () => string;
  /** Other chunks than the usual ones. */
  readonly chunks?: ChunkSizes;
}

/** How a task's runs differ from a synchronization. */
export interface RunFrame {
  readonly kind?: SynchJobKind;
  readonly options?: Partial<SynchRunOptions>;
  /** The job that the one into a side is based on. */
  readonly basedOn?: (context: RunContext, into: Side) => string | null;
}

/** Reads all that a run of a mapping needs before its work begins. Throws RunFailedError when the mapping cannot run. */
export async function openRun(
  dependencies: SynchDependencies,
  context: RunContext,
  frame: RunFrame,
): Promise<SynchRun> {
  const { stores, wakeMappings, newId } = dependencies;
  const { entry, runId, leaseToken, signal, startedBy } = context;
  const mapping = await requireMapping(dependencies, entry.mappingId, entry.code);
  // An audit compares what is coupled, by whichever run that was written.
  if (frame.kind !== 'AUDIT') requireOwnRuns(mapping);
  const { compiled, connectors, localCurrency } = await openMapping(mapping, dependencies, signal);
  const options = optionsOf(mapping, context);
  const now = await dependencies.clock();
  const assertHeld = () => context.assertHeld();
  // Both begin together, and lists show the one into the integration table first: newest first, by id where times are equal.
  const startedAt = now();
  const [fromId, toId] = [newId(), newId()].toSorted((a, b) => (a < b ? -1 : 1));
  const job = (into: Side) => {
    const basedOnId = frame.basedOn?.(context, into) ?? null;
    const { kind = 'SYNCHRONIZATION' } = frame;
    return new JobTally(
      newSynchJob(
        { runId, compiled, kind, dryRun: options.dryRun, basedOnId },
        (into === 'SALES' ? toId : fromId) ?? newId(),
        into,
        startedAt,
      ),
      now,
    );
  };
  return {
    runId,
    leaseToken,
    signal,
    compiled,
    connectors,
    stores: { ...stores, couplings: new FencedCouplings(stores.couplings, { leaseToken, assertHeld }) },
    now,
    newId,
    assertHeld,
    causedBy: startedBy,
    options: { ...options, ...frame.options },
    chunks: dependencies.chunks ?? USUAL_CHUNKS,
    gate: null,
    matchGroups: matchGroupsOf(compiled),
    localCurrency,
    completed: new Set(),
    mended: new Set(),
    parkedRetryMs: dependencies.parkedRetryMs ?? PARKED_RETRY_MS,
    troubled: new Set(),
    deletions: { held: 0 },
    wakeMappings,
    jobs: { SALES: job('SALES'), BUSINESS: job('BUSINESS') },
  };
}

async function requireMapping(
  dependencies: SynchDependencies,
  mappingId: string | null,
  code: string,
): Promise<IntegrationTableMapping> {
  const mapping = mappingId === null ? null : await dependencies.mapping(mappingId);
  if (mapping === null)
    throw new RunFailedError(
      makeError(
        'CONFIGURATION',
        'NO_MAPPING',
        `job queue entry ${code} names no integration table mapping that exists: delete the entry, or create the mapping again`,
      ),
    );
  if (!mapping.enabled)
    throw new RunFailedError(
      makeError(
        'CONFIGURATION',
        'MAPPING_DISABLED',
        `the mapping ${mapping.name} is disabled: enable it, or set the entry On Hold`,
      ),
    );
  return mapping;
}

function requireOwnRuns(mapping: IntegrationTableMapping): void {
  const alone = whyNeverAlone(mapping);
  if (alone !== null)
    throw new RunFailedError(
      makeError('CONFIGURATION', 'NEVER_ALONE', `the mapping ${mapping.name} is never run alone: ${alone}`),
    );
}

function optionsOf(mapping: IntegrationTableMapping, { entry }: RunContext): SynchRunOptions {
  const {
    direction = 'BIDIRECTIONAL',
    full = false,
    mode = null,
    decision = null,
    couplings,
    dryRun = false,
  } = entry.parameters;
  const writes = (into: Side): boolean => isAllowed(mapping.direction, into) && isAllowed(direction, into);
  return {
    full: full || mode === 'MATCH_THEN_CREATE' || mode === 'CREATE_MISSING',
    mode,
    decision,
    forced: couplings !== undefined,
    dryRun,
    writes: { SALES: writes('SALES'), BUSINESS: writes('BUSINESS') },
  };
}

const isAllowed = (direction: SynchDirection, into: Side): boolean => allowsDirection(direction, directionInto(into));
