import type { Connector } from '../connectors/connector.js';
import { type Coupling, referenceKey, type WriteIntent } from '../coupling/coupling.js';
import type { PairDecision } from '../coupling/coupling-filter.js';
import type { Couplings } from '../coupling/coupling-store.js';
import type { FullSynchMode } from '../job-queue/job-queue-entry.js';
import type { FieldValues } from '../mapping/field-value.js';
import { directionInto } from '../mapping/integration-table-mapping.js';
import type { CompiledMapping } from './compiled-mapping.js';
import type { CursorStore } from './cursor-store.js';
import type { DeletionStore } from './deletion-store.js';
import type { PlannedCouplingStore } from './dry-run/planned-coupling-store.js';
import { groupsOfStandingOnce, type MatchGroupFields } from './match-keys.js';
import { idOn, missingSide } from './pair-work.js';
import type { StageStore } from './stage-store.js';
import { otherSide, type Side, type SynchError, sides } from './synch-error.js';
import type { RecordChange, SynchCounters, SynchJob, SynchJobError } from './synch-job.js';
import type { SynchJobStore } from './synch-job-store.js';
import { tableRuleOf } from './table-rules.js';
import type { PairWrites, RecordWrite } from './write-pairs.js';

export interface SynchStores {
  readonly couplings: Couplings;
  readonly stage: Pick<StageStore, keyof StageStore>;
  readonly cursors: Pick<CursorStore, 'get' | 'move'>;
  readonly jobs: Pick<SynchJobStore, keyof SynchJobStore>;
  readonly deletions: Pick<DeletionStore, 'note' | 'countSince'>;
  /** Where dry runs keep what they would make of couplings. */
  readonly planned: Pick<PlannedCouplingStore, keyof PlannedCouplingStore>;
}

export interface SynchRunOptions {
  /** Read all records instead of those changed since the cursors. */
  readonly full: boolean;
  /** How uncoupled records are treated, over the mapping's synchOnlyCoupledRecords; null in a run of the schedule. */
  readonly mode: FullSynchMode | null;
  /** Sides that this run may write: the mapping's direction within the one that was asked for. */
  readonly writes: Readonly<Record<Side, boolean>>;
  /** What a person decided for the pairs of this run; null in a run that goes by the mapping's rules. */
  readonly decision: PairDecision | null;
  /** A person chose the pairs of this run: neither parking nor the guard against mass deletions holds them back. */
  readonly forced: boolean;
  /** Nothing is written: what would be done is stored as a plan. */
  readonly dryRun: boolean;
}

/** In which pieces a run works. */
export interface ChunkSizes {
  /** Pairs that are read, planned and written together. */
  readonly pairs: number;
  /** Chunks under way at a time: one is stored while the next waits for the systems. */
  readonly atOnce: number;
}

/** Decides about each write right before it is begun. */
export interface WriteGate {
  /** The writes of a pair that may be made, in this round. */
  admit(pair: PairWrites): readonly RecordWrite[];
}

/** One run of one mapping: what all of its steps share. */
export interface SynchRun {
  readonly runId: string;
  readonly leaseToken: number;
  readonly signal: AbortSignal;
  /** Throws LeaseLostError; called right before each request that writes. */
  readonly assertHeld: () => void;
  readonly causedBy: string;
  readonly compiled: CompiledMapping;
  readonly connectors: Readonly<Record<Side, Connector>>;
  readonly stores: SynchStores;
  readonly options: SynchRunOptions;
  readonly chunks: ChunkSizes;
  readonly matchGroups: readonly MatchGroupFields[];
  /** Id of the transaction currency that a blank currency means; null when no field of the mapping refers to currencies. */
  readonly localCurrency: string | null;
  /** Lets only some writes through: those that a dry run planned. Null: all. */
  readonly gate: WriteGate | null;
  /** Pairs that were completed by this run, as keys that others may wait for (see referenceKey). */
  readonly completed: Set<string>;
  /** Pairs that are as they have to be again, as keys that others may hang on. */
  readonly mended: Set<string>;
  /** Records without counterpart that got another error in this run, as keys that others may wait for. */
  readonly troubled: Set<string>;
  /** Deletions that are too many to be acted on without a person; 0 when none are held back. */
  readonly deletions: { held: number };
  /** The synch job that writes a side: SALES is the one to the integration table. */
  readonly jobs: Readonly<Record<Side, JobTally>>;
  /** Brings the next run of these mappings' entries forward. */
  readonly wakeMappings: (mappingIds: readonly string[]) => Promise<void>;
  /** How long after it was parked a pair is looked at again, in ms; see failedState. */
  readonly parkedRetryMs: number;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Counts what one synch job does, and collects its errors until they are stored. */
export class JobTally {
  readonly counters: Record<keyof SynchCounters, number> = {
    inserted: 0,
    modified: 0,
    deleted: 0,
    unchanged: 0,
    skipped: 0,
    failed: 0,
    coupled: 0,
    uncoupled: 0,
    conflicts: 0,
    read: 0,
  };
  /** How long the oldest change of a coupled record, of those that were carried over, had waited; null before the first. */
  maximumLagSeconds: number | null = null;
  /** How many source records there are, once that is known. */
  total: number | null = null;
  /** What there is to say of the job besides its counters. */
  message: string | null = null;
  private errors: SynchJobError[] = [];

  constructor(
    readonly job: SynchJob,
    private readonly now: () => Date,
  ) {}

  count(counter: keyof SynchCounters, by = 1): void {
    this.counters[counter] += by;
  }

  /** Notes that a change was carried over which was made then. One from before the pair was ever in step is none. */
  carriedOver(changedAt: Date | null | undefined, { lastSynchedAt }: Pick<Coupling, 'lastSynchedAt'>): void {
    if (!changedAt || lastSynchedAt === null || changedAt < lastSynchedAt) return;
    const seconds = Math.max(0, Math.round((this.now().getTime() - changedAt.getTime()) / 1_000));
    this.maximumLagSeconds = Math.max(this.maximumLagSeconds ?? 0, seconds);
  }

  /** Lists an error of a record, once in a job. */
  list(coupling: Coupling, error: SynchError): void {
    const { connectionSetupId, mappingId, mappingName, _id: synchJobId } = this.job;
    const { title, businessId, salesId } = coupling;
    this.errors.push({
      _id: `${synchJobId}:${coupling._id}:${error.code}`,
      connectionSetupId,
      synchJobId,
      mappingId,
      mappingName,
      couplingId: coupling._id,
      title,
      businessId,
      salesId,
      at: this.now(),
      error,
    });
  }

  /** The errors listed since the last call. */
  takeErrors(): SynchJobError[] {
    const errors = this.errors;
    this.errors = [];
    return errors;
  }

  get changedAnything(): boolean {
    const { inserted, modified, deleted, failed } = this.counters;
    return inserted + modified + deleted + failed > 0;
  }
}

/** The job that reports what concerns a side: the one that writes it, or in a one-way run the only one there is. */
export const jobInto = (run: SynchRun, into: Side): JobTally =>
  run.jobs[run.options.writes[into] ? into : otherSide(into)];

/** Notes for both jobs how many records there are to work on, or that so many more of them were taken up. */
export function countOfSides(
  { jobs }: Pick<SynchRun, 'jobs'>,
  what: 'total' | 'read',
  of: Readonly<Record<Side, number>>,
): void {
  for (const side of sides) {
    if (what === 'total') jobs[side].total = of[side];
    else jobs[side].count('read', of[side]);
  }
}

/** Stores counters and listed errors of both jobs, so that whoever watches sees the run go on. */
export async function saveProgress(run: SynchRun): Promise<void> {
  for (const tally of Object.values(run.jobs)) {
    await run.stores.jobs.addErrors(tally.takeErrors());
    const { counters, maximumLagSeconds, total } = tally;
    await run.stores.jobs.saveCounters(tally.job._id, { ...counters, maximumLagSeconds, total });
  }
}

/** Notes that both records of a pair exist now: others may wait for either of them. */
export function markCompleted(run: SynchRun, { mappingName, businessId, salesId }: Coupling): void {
  if (businessId === null || salesId === null) return;
  run.completed.add(referenceKey(mappingName, 'BUSINESS', businessId));
  run.completed.add(referenceKey(mappingName, 'SALES', salesId));
}

/** Notes that a pair is as it has to be again: what was refused because of it may go on. */
export function markMended(run: SynchRun, { mappingName, businessId, salesId }: Coupling): void {
  if (businessId !== null) run.mended.add(referenceKey(mappingName, 'BUSINESS', businessId));
  if (salesId !== null) run.mended.add(referenceKey(mappingName, 'SALES', salesId));
}

/** Notes that a record is still without counterpart, for another reason than before: who waits for it tells that reason. */
export function markTroubled(run: SynchRun, coupling: Coupling): void {
  const missing = missingSide(coupling);
  if (missing === null) return;
  const id = idOn(coupling, otherSide(missing));
  if (id !== null) run.troubled.add(referenceKey(coupling.mappingName, otherSide(missing), id));
}

/** Makes what waits for the pairs completed so far due, and what tells an old reason of others; wakes the jobs of their mappings. */
export async function wakeHolders(run: SynchRun): Promise<void> {
  await wakeTellers(run);
  await takeUpHanging(run);
  if (run.completed.size === 0) return;
  const keys = [...run.completed];
  run.completed.clear();
  const { connectionSetupId } = run.compiled.mapping;
  const mappingIds = await run.stores.couplings.wakeHolders(connectionSetupId, keys, run.now());
  const others = mappingIds.filter((id) => id !== run.compiled.mapping.id);
  if (others.length > 0) await run.wakeMappings(others);
}

/** Pairs of this mapping have had their turn. */
async function takeUpHanging(run: SynchRun): Promise<void> {
  if (run.mended.size === 0) return;
  const keys = [...run.mended];
  run.mended.clear();
  const { connectionSetupId, id } = run.compiled.mapping;
  const others = await run.stores.couplings.takeUpHanging({ connectionSetupId, except: id }, keys, run.now());
  if (others.length > 0) await run.wakeMappings(others);
}

async function wakeTellers(run: SynchRun): Promise<void> {
  if (run.troubled.size === 0) return;
  const keys = [...run.troubled];
  run.troubled.clear();
  const { connectionSetupId } = run.compiled.mapping;
  const mappingIds = await run.stores.couplings.makeWaitingDue(connectionSetupId, keys, run.now());
  const others = mappingIds.filter((id) => id !== run.compiled.mapping.id);
  if (others.length > 0) await run.wakeMappings(others);
}

/** True when a record of this side without a counterpart gets one in this run. */
export function createsFrom(run: SynchRun, side: Side): boolean {
  if (!run.options.writes[otherSide(side)]) return false;
  if (tableRuleOf(run.compiled.mapping.integrationTable).neverCreated === true) return false;
  if (run.options.mode !== null) return run.options.mode !== 'COUPLED_ONLY';
  return !run.compiled.mapping.synchOnlyCoupledRecords;
}

/** The groups of fields by which this run matches all records before it creates any. */
export function groupsMatchedFirst({ options: { mode }, matchGroups }: SynchRun): readonly MatchGroupFields[] {
  if (mode === 'MATCH_THEN_CREATE') return matchGroups;
  return mode === 'CREATE_MISSING' ? groupsOfStandingOnce(matchGroups) : [];
}

/** The history row of one write; its id is the same when the write is recorded again. */
export function changeOf(
  run: SynchRun,
  coupling: Coupling,
  change: Pick<RecordChange, 'side' | 'action' | 'reason'> & {
    readonly before: FieldValues;
    readonly after: FieldValues;
  },
  writerRunId: string,
  number: number,
): RecordChange {
  const { side, action, reason, before, after } = change;
  return {
    _id: `${writerRunId}:${coupling._id}:${side}:${number}`,
    connectionSetupId: coupling.connectionSetupId,
    mappingId: coupling.mappingId,
    couplingId: coupling._id,
    synchJobId: run.jobs[side].job._id,
    runId: writerRunId,
    at: run.now(),
    side,
    action,
    outcome: 'APPLIED',
    reason,
    title: coupling.title,
    titleWords: coupling.titleWords,
    businessId: coupling.businessId,
    salesId: coupling.salesId,
    causedBy: run.causedBy,
    number,
    versions: { BUSINESS: coupling.business.version, SALES: coupling.sales.version },
    fields: Object.entries(after).map(([name, value]) => {
      const field = run.compiled.fields.find(
        (candidate) => (side === 'BUSINESS' ? candidate.field : candidate.integrationField) === name,
      );
      return {
        field: field?.field ?? (side === 'BUSINESS' ? name : ''),
        integrationField: field?.integrationField ?? (side === 'SALES' ? name : ''),
        before: before[name] ?? null,
        after: value,
      };
    }),
  };
}

/** The history row of a deletion: what the record held. */
export const deletionChange = (
  run: SynchRun,
  coupling: Coupling,
  { side, before, runId, number }: WriteIntent,
  reason: string,
): RecordChange => {
  const after = Object.fromEntries(Object.keys(before).map((name) => [name, null]));
  return changeOf(run, coupling, { side, action: 'DELETE', reason, before, after }, runId, number);
};

/** What a synch job does, and on what it is based. */
export type JobKind = Pick<SynchJob, 'kind' | 'dryRun' | 'basedOnId'>;

/** A synch job at its beginning. */
export const newSynchJob = (
  run: Pick<SynchRun, 'runId' | 'compiled'> & JobKind,
  id: string,
  into: Side,
  startedAt: Date,
): SynchJob => ({
  _id: id,
  connectionSetupId: run.compiled.mapping.connectionSetupId,
  kind: run.kind,
  mappingId: run.compiled.mapping.id,
  mappingName: run.compiled.mapping.name,
  direction: directionInto(into),
  runId: run.runId,
  status: 'IN_PROCESS',
  startedAt,
  finishedAt: null,
  message: null,
  error: null,
  dryRun: run.dryRun,
  basedOnId: run.basedOnId,
  total: null,
  inserted: 0,
  modified: 0,
  deleted: 0,
  unchanged: 0,
  skipped: 0,
  failed: 0,
  coupled: 0,
  uncoupled: 0,
  conflicts: 0,
  read: 0,
});
