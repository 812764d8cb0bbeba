import type { Db, Document } from 'mongodb';
import type { Coupling } from '../coupling/coupling.js';
import { gatheredAggregate, gatheredCount } from '../store/gathered-reads.js';
import type { IndexSpec } from '../store/indexes.js';
import type { Side, SynchErrorClass } from './synch-error.js';
import type { SynchJobError } from './synch-job.js';
import { errorQuery, type SynchJobErrorFilter } from './synch-queries.js';

const ERRORS = 'synchJobErrors';
const COUPLINGS = 'couplings';

/** More causes at once nobody reads. */
const MOST_GROUPS = 100;

/** Without a beginning, groups are made of the errors of so many days. */
const DEFAULT_DAYS = 7;

/** Errors with one cause. */
export interface SynchErrorGroup {
  readonly mappingId: string;
  readonly mappingName: string;
  readonly class: SynchErrorClass;
  readonly code: string;
  readonly side: Side | null;
  readonly field: string | null;
  readonly count: number;
  /** Couplings that stand with this error now. */
  readonly openCouplings: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** The newest. */
  readonly example: SynchJobError;
}

/** Errors of records by their cause. */
export interface ErrorGroupQueries {
  /** Largest first, at most 100; without `since` and synch job those of the last 7 days. */
  groups(filter: SynchJobErrorFilter, now: () => Promise<Date>): Promise<SynchErrorGroup[]>;
}

export const errorGroupIndexes: readonly IndexSpec[] = [
  {
    collection: COUPLINGS,
    keys: { mappingId: 1, 'error.code': 1, 'error.class': 1, 'error.field': 1 },
    options: { partialFilterExpression: { 'error.code': { $exists: true } } },
  },
];

type GroupedErrors = Omit<SynchErrorGroup, 'openCouplings'>;

/** Groups the errors of records in a database. */
export function errorGroupQueries(db: Db): ErrorGroupQueries {
  const errors = db.collection(ERRORS);
  const couplings = db.collection<Coupling>(COUPLINGS);
  return {
    groups: async (filter, now) => {
      const limited = filter.since !== undefined || filter.synchJobId !== undefined;
      const query = errorQuery(limited ? filter : { ...filter, since: daysBefore(await now(), DEFAULT_DAYS) });
      const groups = await gatheredAggregate<GroupedErrors>(errors, groupedBy(query));
      return Promise.all(
        groups.map(async (group) => ({
          ...group,
          openCouplings: await gatheredCount(couplings, {
            filter: {
              mappingId: group.mappingId,
              'error.code': group.code,
              'error.class': group.class,
              'error.field': group.field,
              'error.side': group.side,
            },
          }),
        })),
      );
    },
  };
}

const daysBefore = (time: Date, days: number): Date => new Date(time.getTime() - days * 24 * 60 * 60_000);

const groupedBy = (query: Document): Document[] => [
  { $match: query },
  { $sort: { at: -1, _id: -1 } },
  {
    $group: {
      _id: {
        mappingId: '$mappingId',
        mappingName: '$mappingName',
        class: '$error.class',
        code: '$error.code',
        side: '$error.side',
        field: '$error.field',
      },
      count: { $sum: 1 },
      firstAt: { $min: '$at' },
      lastAt: { $max: '$at' },
      example: { $first: '$$ROOT' },
    },
  },
  { $sort: { count: -1, lastAt: -1, _id: 1 } },
  { $limit: MOST_GROUPS },
  { $replaceRoot: { newRoot: { $mergeObjects: ['$_id', '$$ROOT'] } } },
  { $unset: '_id' },
];
