import { requireRunnable } from '../coupling/actions/action-deps.js';
import { CouplingRefusedError, type Refusal, refuseCoupling } from '../coupling/actions/coupling-refused-error.js';
import { checkDirection, directionParameters } from '../coupling/actions/synchronize-selection.js';
import type { JobQueue } from '../job-queue/job-queue.js';
import type { JobParameters, JobTask, PlannedChoice } from '../job-queue/job-queue-entry.js';
import type { OneOffRun } from '../job-queue/one-off-store.js';
import type { IntegrationTableMapping, SynchDirection } from '../mapping/integration-table-mapping.js';
import type { SynchJob } from './synch-job.js';
import type { SynchQueries } from './synch-queries.js';

/** Planned changes to make. */
export interface ApplyRequest extends Omit<PlannedChoice, 'synchJobs'> {
  readonly synchJobIds: readonly string[];
}

export interface UndoRequest {
  readonly synchJobIds: readonly string[];
  readonly dryRun: boolean;
}

export interface MatchRequest {
  readonly mappingId: string | null;
  readonly createIfNoMatch: boolean;
  readonly synchronize: SynchDirection | null;
  readonly dryRun: boolean;
}

/** One-off runs that work on what earlier ones planned or did, or couple by matching. All throw CouplingRefusedError. */
export interface RunActions {
  apply(request: ApplyRequest, actor: string): Promise<OneOffRun>;
  undo(request: UndoRequest, actor: string): Promise<OneOffRun>;
  match(request: MatchRequest, actor: string): Promise<OneOffRun>;
}

export interface RunActionsDeps {
  readonly jobs: Pick<SynchQueries, 'jobsByIds'>;
  readonly mapping: (id: string) => Promise<IntegrationTableMapping | null>;
  readonly isConnectionEnabled: (connectionSetupId: string) => Promise<boolean>;
  readonly jobQueue: Pick<JobQueue, 'createOneOff'>;
}

const MOST_JOBS = 100;
const MOST_CHANGES = 1_000;

/** Puts together what people do with what runs planned and did. */
export function runActions(deps: RunActionsDeps): RunActions {
  const accept = (
    mapping: IntegrationTableMapping,
    task: JobTask,
    parameters: JobParameters,
    description: string,
    actor: string,
  ): Promise<OneOffRun> =>
    deps.jobQueue.createOneOff({
      connectionSetupId: mapping.connectionSetupId,
      task,
      mappingId: mapping.id,
      mappingName: mapping.name,
      parameters,
      description,
      actor,
    });
  return {
    apply: async (request, actor) => {
      checkChoice(request);
      const { synchJobIds, changeIds, filter, exceptChangeIds } = request;
      const jobs = await jobsOf(deps, synchJobIds);
      requireEach(jobs, ({ dryRun }) => dryRun, 'expected dry runs, and this one wrote already');
      const mapping = await mappingOf(deps, jobs);
      const apply = { synchJobs: jobs.map(directed), changeIds, filter, exceptChangeIds };
      return accept(mapping, 'APPLY_DRY_RUN', { apply }, `Dry run of ${mapping.name} applied`, actor);
    },
    undo: async ({ synchJobIds, dryRun }, actor) => {
      const jobs = await jobsOf(deps, synchJobIds);
      requireEach(jobs, (job) => !job.dryRun, 'it was a dry run, and wrote nothing that could be undone');
      const mapping = await mappingOf(deps, jobs);
      const parameters = { undo: { synchJobs: jobs.map(directed) }, ...(dryRun && { dryRun }) };
      return accept(mapping, 'UNDO', parameters, `Synch job of ${mapping.name} undone`, actor);
    },
    match: async ({ mappingId, createIfNoMatch, synchronize, dryRun }, actor) => {
      const mapping = await requireRunnable(deps, mappingId, 'mappingId');
      checkDirection(mapping, synchronize, 'synchronize');
      if (!mapping.fields.some(({ enabled, useForMatchBasedCoupling }) => enabled && useForMatchBasedCoupling))
        refuseCoupling(
          'INVALID',
          `mappingId: no field of ${mapping.name} is used for match-based coupling: set useForMatchBasedCoupling for one`,
          ['mappingId'],
        );
      const { decision } = { decision: undefined, ...directionParameters(synchronize) };
      const parameters: JobParameters = {
        match: { createIfNoMatch, synchronize: synchronize !== null },
        ...(decision && { decision }),
        ...(dryRun && { dryRun }),
      };
      return accept(mapping, 'MATCH_COUPLING', parameters, `${mapping.name} coupled by matching`, actor);
    },
  };
}

const directed = ({ _id, direction }: SynchJob) => ({ id: _id, direction });

async function jobsOf({ jobs }: RunActionsDeps, ids: readonly string[]): Promise<readonly SynchJob[]> {
  if (ids.length === 0) refuseCoupling('INVALID', 'synchJobIds: expected at least one synch job', ['synchJobIds']);
  if (ids.length > MOST_JOBS)
    refuseCoupling('LIMIT_EXCEEDED', `synchJobIds: expected at most ${MOST_JOBS}, got ${ids.length}`, ['synchJobIds']);
  const found = new Map((await jobs.jobsByIds(ids)).map((job) => [job._id, job]));
  const missing = ids.flatMap((id, index): Refusal[] =>
    found.has(id)
      ? []
      : [
          {
            code: 'NOT_FOUND',
            message: `synchJobIds.${index}: there is no such synch job; it may have been deleted`,
            field: ['synchJobIds', String(index)],
          },
        ],
  );
  if (missing.length > 0) throw new CouplingRefusedError(missing);
  const chosen = [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
  requireEach(chosen, ({ status }) => status !== 'IN_PROCESS', 'it is in process; wait for its end');
  return chosen;
}

function requireEach(jobs: readonly SynchJob[], holds: (job: SynchJob) => boolean, otherwise: string): void {
  const refusals = jobs.flatMap((job, index): Refusal[] =>
    holds(job)
      ? []
      : [
          {
            code: 'INVALID',
            message: `synchJobIds.${index}: ${otherwise}`,
            field: ['synchJobIds', String(index)],
          },
        ],
  );
  if (refusals.length > 0) throw new CouplingRefusedError(refusals);
}

async function mappingOf(deps: RunActionsDeps, jobs: readonly SynchJob[]): Promise<IntegrationTableMapping> {
  const mappingIds = new Set(jobs.map(({ mappingId }) => mappingId));
  if (mappingIds.size > 1)
    refuseCoupling('INVALID', 'synchJobIds: expected jobs of one mapping; take the mappings one after another', [
      'synchJobIds',
    ]);
  return requireRunnable(deps, jobs[0]?.mappingId ?? null, 'synchJobIds');
}

function checkChoice({ changeIds, filter, exceptChangeIds }: ApplyRequest): void {
  if (changeIds !== null && filter !== null)
    refuseCoupling('INVALID', 'changeIds, filter: expected one of them, or none for all changes', ['changeIds']);
  for (const [name, ids] of [
    ['changeIds', changeIds ?? []],
    ['exceptChangeIds', exceptChangeIds],
  ] as const)
    if (ids.length > MOST_CHANGES)
      refuseCoupling('LIMIT_EXCEEDED', `${name}: expected at most ${MOST_CHANGES}, got ${ids.length}; use a filter`, [
        name,
      ]);
}
