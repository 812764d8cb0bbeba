import type { Db, Document, Filter } from 'mongodb';
import type { SynchDirection } from '../mapping/integration-table-mapping.js';
import { gatheredFind } from '../store/gathered-reads.js';
import type { IndexSpec } from '../store/indexes.js';
import {
  type Count,
  countMatches,
  type ListOrder,
  type Page,
  type PageRequest,
  readPage,
} from '../store/keyset-page.js';
import type { SynchErrorClass } from './synch-error.js';
import type { SynchJob, SynchJobError, SynchJobKind, SynchJobStatus } from './synch-job.js';

const JOBS = 'synchJobs';
const ERRORS = 'synchJobErrors';

/** Which synch jobs are wanted; as everywhere: absent limits nothing, an empty list matches nothing. `since` is inclusive, `until` exclusive. */
export interface SynchJobFilter {
  readonly kind?: readonly SynchJobKind[] | undefined;
  readonly mappingNames?: readonly string[] | undefined;
  readonly mappingId?: string | undefined;
  readonly direction?: SynchDirection | undefined;
  readonly status?: readonly SynchJobStatus[] | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly dryRun?: boolean | undefined;
  readonly connectionSetupId?: string | undefined;
}

/** Which errors of records are wanted. */
export interface SynchJobErrorFilter {
  readonly synchJobId?: string | undefined;
  readonly mappingNames?: readonly string[] | undefined;
  readonly class?: readonly SynchErrorClass[] | undefined;
  readonly code?: readonly string[] | undefined;
  readonly field?: readonly string[] | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly connectionSetupId?: string | undefined;
}

/** The synch jobs of one run. */
export interface JobsOfRun {
  readonly runId: string;
  /** In the order of their start. */
  readonly jobs: readonly SynchJob[];
}

/** The read side of synch jobs and their errors. */
export interface SynchQueries {
  jobsByIds(ids: readonly string[]): Promise<SynchJob[]>;
  /** Newest first. */
  jobs(filter: SynchJobFilter, request: PageRequest): Promise<Page<SynchJob>>;
  countJobs(filter: SynchJobFilter): Promise<Count>;
  /** The newest job of each mapping that was no dry run. */
  lastJobsOfMappings(mappingIds: readonly string[]): Promise<SynchJob[]>;
  /** The jobs of each run, at most 200 a run. */
  jobsOfRuns(runIds: readonly string[]): Promise<JobsOfRun[]>;
  errorsByIds(ids: readonly string[]): Promise<SynchJobError[]>;
  /** Newest first. */
  errors(filter: SynchJobErrorFilter, request: PageRequest): Promise<Page<SynchJobError>>;
  countErrors(filter: SynchJobErrorFilter): Promise<Count>;
}

/** The indexes that the lists of synch jobs and errors need. */
export const synchListIndexes: readonly IndexSpec[] = [
  { collection: JOBS, keys: { startedAt: -1, _id: -1 } },
  { collection: JOBS, keys: { mappingId: 1, startedAt: -1, _id: -1 } },
  { collection: JOBS, keys: { mappingName: 1, startedAt: -1, _id: -1 } },
  { collection: JOBS, keys: { connectionSetupId: 1, startedAt: -1, _id: -1 } },
  { collection: JOBS, keys: { status: 1, startedAt: -1, _id: -1 } },
  { collection: JOBS, keys: { kind: 1, startedAt: -1, _id: -1 } },
  { collection: JOBS, keys: { direction: 1, startedAt: -1, _id: -1 } },
  { collection: JOBS, keys: { dryRun: 1, startedAt: -1, _id: -1 } },
  { collection: JOBS, keys: { runId: 1, startedAt: 1, _id: 1 } },
  { collection: ERRORS, keys: { at: -1, _id: -1 } },
  { collection: ERRORS, keys: { synchJobId: 1, at: -1, _id: -1 } },
  { collection: ERRORS, keys: { mappingName: 1, at: -1, _id: -1 } },
  { collection: ERRORS, keys: { connectionSetupId: 1, at: -1, _id: -1 } },
  { collection: ERRORS, keys: { 'error.class': 1, at: -1, _id: -1 } },
  { collection: ERRORS, keys: { 'error.code': 1, at: -1, _id: -1 } },
  { collection: ERRORS, keys: { 'error.field': 1, at: -1, _id: -1 } },
];

const NEWEST_JOB_FIRST: ListOrder = { field: 'startedAt', direction: 'DESC' };
const NEWEST_ERROR_FIRST: ListOrder = { field: 'at', direction: 'DESC' };
const MOST_JOBS_OF_A_RUN = 200;

/** Reads the synch jobs of a database. */
export function synchQueries(db: Db): SynchQueries {
  const jobs = db.collection<SynchJob>(JOBS);
  const errors = db.collection<SynchJobError>(ERRORS);
  return {
    jobsByIds: (ids) => jobs.find({ _id: { $in: [...ids] } }).toArray(),
    jobs: (filter, request) => readPage(jobs, jobQuery(filter), NEWEST_JOB_FIRST, request),
    countJobs: (filter) => countMatches(jobs, jobQuery(filter), isUnlimited(filter)),
    lastJobsOfMappings: async (mappingIds) => {
      const newest = { sort: { startedAt: -1, _id: -1 }, limit: 1 } as const;
      const last = await Promise.all(
        mappingIds.map((mappingId) => gatheredFind(jobs, { filter: { mappingId, dryRun: false }, ...newest })),
      );
      return last.flat();
    },
    jobsOfRuns: async (runIds) => {
      const found = await jobs.aggregate<JobsOfRun>(jobsByRun(runIds)).toArray();
      const known = new Set(found.map(({ runId }) => runId));
      return [...found, ...runIds.filter((runId) => !known.has(runId)).map((runId) => ({ runId, jobs: [] }))];
    },
    errorsByIds: (ids) => errors.find({ _id: { $in: [...ids] } }).toArray(),
    errors: (filter, request) => readPage(errors, errorQuery(filter), NEWEST_ERROR_FIRST, request),
    countErrors: (filter) => countMatches(errors, errorQuery(filter), isUnlimited(filter)),
  };
}

const jobsByRun = (runIds: readonly string[]): Document[] => [
  { $match: { runId: { $in: [...runIds] } } },
  // Of two that began together the one TO_INTEGRATION_TABLE first, as the original reports them.
  { $sort: { runId: 1, startedAt: 1, direction: -1, _id: 1 } },
  { $group: { _id: '$runId', jobs: { $firstN: { input: '$$ROOT', n: MOST_JOBS_OF_A_RUN } } } },
  { $project: { _id: 0, runId: '$_id', jobs: 1 } },
];

const isUnlimited = (filter: object): boolean => Object.values(filter).every((value) => value === undefined);

const jobQuery = ({
  kind,
  mappingNames,
  mappingId,
  direction,
  status,
  since,
  until,
  dryRun,
  connectionSetupId,
}: SynchJobFilter): Filter<SynchJob> =>
  query({
    mappingId,
    direction,
    dryRun,
    connectionSetupId,
    kind: oneOf(kind),
    mappingName: oneOf(mappingNames),
    status: oneOf(status),
    startedAt: between(since, until),
  });

/** The filter as the database takes it. */
export const errorQuery = (filter: SynchJobErrorFilter): Filter<SynchJobError> =>
  query({
    synchJobId: filter.synchJobId,
    connectionSetupId: filter.connectionSetupId,
    mappingName: oneOf(filter.mappingNames),
    'error.class': oneOf(filter.class),
    'error.code': oneOf(filter.code),
    'error.field': oneOf(filter.field),
    at: between(filter.since, filter.until),
  });

const query = (parts: Document): Document =>
  Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));

const oneOf = (values: readonly string[] | undefined): Document | undefined => values && { $in: [...values] };

const between = (since: Date | undefined, until: Date | undefined): Document | undefined =>
  since === undefined && until === undefined
    ? undefined
    : { ...(since && { $gte: since }), ...(until && { $lt: until }) };
