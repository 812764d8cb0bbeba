import type { Collection, Db } from 'mongodb';
import type { Coupling, CouplingState } from '../coupling/coupling.js';
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

/** Counts how couplings stand; the index alone answers. */
export interface DriftQueries {
  ofMappings(mappingIds: readonly string[]): Promise<DriftSummary[]>;
  ofConnections(connectionSetupIds: readonly string[]): Promise<DriftSummary[]>;
}

export const driftIndexes: readonly IndexSpec[] = [
  { collection: COUPLINGS, keys: { mappingId: 1, state: 1, 'error.code': 1, stateSince: 1 } },
  { collection: COUPLINGS, keys: { connectionSetupId: 1, state: 1, 'error.code': 1, stateSince: 1 } },
  { collection: AUDITS, keys: { connectionSetupId: 1 } },
];

interface AuditDocument {
  readonly _id: string;
  readonly connectionSetupId: string;
  readonly auditedAt: Date;
}

interface StateCount {
  readonly _id: { readonly ofId: string; readonly state: CouplingState; readonly code: string | null };
  readonly count: number;
  readonly since: Date;
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

/** Counts in a database. */
export function driftQueries(db: Db): DriftQueries {
  const couplings = db.collection<Coupling>(COUPLINGS);
  const audits = db.collection<AuditDocument>(AUDITS);
  return {
    ofMappings: async (ids) =>
      summaries(
        ids,
        await countBy(couplings, 'mappingId', ids),
        await audits.find({ _id: { $in: [...ids] } }).toArray(),
        ({ _id }) => _id,
      ),
    ofConnections: async (ids) =>
      summaries(
        ids,
        await countBy(couplings, 'connectionSetupId', ids),
        await audits.find({ connectionSetupId: { $in: [...ids] } }).toArray(),
        ({ connectionSetupId }) => connectionSetupId,
      ),
  };
}

const countBy = (
  couplings: Collection<Coupling>,
  field: 'mappingId' | 'connectionSetupId',
  ids: readonly string[],
): Promise<StateCount[]> =>
  couplings
    .aggregate<StateCount>([
      { $match: { [field]: { $in: [...ids] } } },
      {
        $group: {
          _id: {
            ofId: `$${field}`,
            state: '$state',
            code: { $cond: [{ $eq: ['$state', 'SKIPPED'] }, '$error.code', null] },
          },
          count: { $sum: 1 },
          since: { $min: '$stateSince' },
        },
      },
    ])
    .toArray();

function summaries(
  ids: readonly string[],
  counts: readonly StateCount[],
  audits: readonly AuditDocument[],
  idOf: (audit: AuditDocument) => string,
): DriftSummary[] {
  return ids.map((ofId) =>
    summaryOf(
      ofId,
      counts.filter(({ _id }) => _id.ofId === ofId),
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
  for (const { _id, count, since } of counts) {
    summary.couplings += count;
    summary[_id.code === 'OUTSIDE_FILTER' ? 'outsideFilter' : numbers[_id.state]] += count;
    const isOldest = summary.oldestPendingAt === null || since < summary.oldestPendingAt;
    if (pendingStates.has(_id.state) && isOldest) summary.oldestPendingAt = since;
  }
  return summary;
}

const latest = (dates: readonly Date[]): Date | null =>
  dates.reduce<Date | null>((last, date) => (last === null || date > last ? date : last), null);
