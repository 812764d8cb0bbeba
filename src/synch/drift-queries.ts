import type { Collection, Db } from 'mongodb';
import { type Coupling, type CouplingState, listedStates } from '../coupling/coupling.js';
import {
  CouplingCountsStore,
  type MappingCounts,
  type StateCount,
  stateAndCode,
} from '../coupling/coupling-counts-store.js';
import type { IndexSpec } from '../store/indexes.js';

const COUPLINGS = 'couplings';
const AUDITS = 'audits';

/** How far the two systems are apart: `couplings` is the sum of the eight numbers after it. */
export interface DriftSummary {
  /** The mapping or the connection that it is about. */
  readonly ofId: string;
  readonly couplings: number;
  readonly inStep: number;
  readonly pending: number;
  readonly waiting: number;
  readonly conflicts: number;
  readonly failed: number;
  readonly skipped: number;
  /** Skipped only because the filter of the mapping leaves it out. */
  readonly outsideFilter: number;
  readonly broken: number;
  /** Since when the pair stands so that has waited longest for its change to be carried over. */
  readonly oldestPendingAt: Date | null;
  /** The end of the last audit. */
  readonly auditedAt: Date | null;
}

/** How couplings stand. */
export interface DriftQueries {
  ofMappings(mappingIds: readonly string[]): Promise<DriftSummary[]>;
  ofConnections(connectionSetupIds: readonly string[]): Promise<DriftSummary[]>;
}

export const driftIndexes: readonly IndexSpec[] = [
  {
    collection: COUPLINGS,
    keys: { mappingId: 1, state: 1, stateSince: 1, 'error.code': 1 },
    options: { partialFilterExpression: { state: { $in: listedStates } } },
  },
  { collection: AUDITS, keys: { connectionSetupId: 1 } },
];

interface AuditDocument {
  readonly _id: string;
  readonly connectionSetupId: string;
  readonly auditedAt: Date;
}

interface CountOf extends StateCount {
  readonly ofId: string;
}

const numbers = {
  COUPLED: 'inStep',
  PENDING: 'pending',
  WAITING: 'waiting',
  CONFLICT: 'conflicts',
  FAILED: 'failed',
  SKIPPED: 'skipped',
  BROKEN: 'broken',
} as const satisfies Record<CouplingState, keyof DriftSummary>;

/** States of pairs whose change is not yet on the other side, and will be carried over without anybody's help. */
const pendingStates: ReadonlySet<CouplingState> = new Set(['PENDING', 'WAITING', 'FAILED']);

/** Reads what is kept in a database, and counts while nothing is. */
export function driftQueries(db: Db): DriftQueries {
  const couplings = db.collection<Coupling>(COUPLINGS);
  const kept = new CouplingCountsStore(db);
  const audits = db.collection<AuditDocument>(AUDITS);
  return {
    ofMappings: async (ids) => {
      const counts = await kept.read({ mappingIds: ids });
      return summaries(
        ids,
        counts ? countsBy(counts, ({ mappingId }) => mappingId) : await countBy(couplings, 'mappingId', ids),
        await audits.find({ _id: { $in: [...ids] } }).toArray(),
        ({ _id }) => _id,
      );
    },
    ofConnections: async (ids) => {
      const counts = await kept.read({ connectionSetupIds: ids });
      return summaries(
        ids,
        counts ? countsBy(counts, (of) => of.connectionSetupId) : await countBy(couplings, 'connectionSetupId', ids),
        await audits.find({ connectionSetupId: { $in: [...ids] } }).toArray(),
        ({ connectionSetupId }) => connectionSetupId,
      );
    },
  };
}

const countsBy = (kept: readonly MappingCounts[], idOf: (of: MappingCounts) => string): CountOf[] =>
  kept.flatMap((of) => of.counts.map((count) => ({ ofId: idOf(of), ...count })));

const countBy = async (
  couplings: Collection<Coupling>,
  field: 'mappingId' | 'connectionSetupId',
  ids: readonly string[],
): Promise<CountOf[]> => {
  const groups = await couplings
    .aggregate<{ _id: Pick<CountOf, 'ofId' | 'state' | 'code'>; count: number; since: Date }>([
      { $match: { [field]: { $in: [...ids] } } },
      {
        $group: {
          _id: { ofId: `$${field}`, ...stateAndCode },
          count: { $sum: 1 },
          since: { $min: '$stateSince' },
        },
      },
    ])
    .toArray();
  return groups.map(({ _id, count, since }) => ({ ..._id, count, since }));
};

function summaries(
  ids: readonly string[],
  counts: readonly CountOf[],
  audits: readonly AuditDocument[],
  idOf: (audit: AuditDocument) => string,
): DriftSummary[] {
  return ids.map((ofId) =>
    summaryOf(
      ofId,
      counts.filter((count) => count.ofId === ofId),
      audits.filter((audit) => idOf(audit) === ofId).map(({ auditedAt }) => auditedAt),
    ),
  );
}

function summaryOf(ofId: string, counts: readonly StateCount[], audits: readonly Date[]): DriftSummary {
  const summary = {
    ofId,
    couplings: 0,
    inStep: 0,
    pending: 0,
    waiting: 0,
    conflicts: 0,
    failed: 0,
    skipped: 0,
    outsideFilter: 0,
    broken: 0,
    oldestPendingAt: null as Date | null,
    auditedAt: latest(audits),
  };
  for (const { state, code, count, since } of counts) {
    summary.couplings += count;
    summary[code === 'OUTSIDE_FILTER' ? 'outsideFilter' : numbers[state]] += count;
    if (since === null || !pendingStates.has(state)) continue;
    if (summary.oldestPendingAt === null || since < summary.oldestPendingAt) summary.oldestPendingAt = since;
  }
  return summary;
}

const latest = (dates: readonly Date[]): Date | null =>
  dates.reduce<Date | null>((last, date) => (last === null || date > last ? date : last), null);
