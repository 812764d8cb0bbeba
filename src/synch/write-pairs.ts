import type { SourceRow, WriteOperation, WriteOutcome } from '../connectors/connector.js';
import type { AwaitedReference, Coupling, WriteIntent } from '../coupling/coupling.js';
import type { CouplingChange } from '../coupling/coupling-store.js';
import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import { tableOn } from '../mapping/integration-table-mapping.js';
import { type CouplingSet, enter } from './coupling-states.js';
import { toBaseValue } from './field-base.js';
import { failureSet, waitingSet } from './pair-outcome.js';
import { type PairWork, type PlannedStep, stateOn, writesOf } from './pair-work.js';
import type { SideChanges } from './plan-pair.js';
import { evaluatedWith } from './settle-pair.js';
import { otherSide, type Side, sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/** One write of one record, from its intent to its outcome. */
export interface RecordWrite {
  readonly side: Side;
  readonly intent: WriteIntent;
  readonly operation: WriteOperation;
  /** Set once it was sent. */
  outcome: WriteOutcome | null;
}

/** The writes of one pair in one round: one, or one to each side where changes are merged. */
export interface PairWrites {
  readonly work: PairWork;
  readonly writes: readonly RecordWrite[];
  readonly bases: Coupling['bases'];
  readonly conflicts: Coupling['conflicts'];
  readonly untranslated: readonly AwaitedReference[];
  readonly reason: string;
}

/**
 * Stores the intents of a round inside their couplings, before any request. Pairs that somebody changed meanwhile, and
 * records that somebody coupled, are left to the next run.
 */
export async function beginWrites(run: SynchRun, planned: readonly PlannedStep[]): Promise<readonly PairWrites[]> {
  const begun = planned.flatMap((step) => admitted(run, writesOfStep(run, step)));
  const unwritten = planned.flatMap(({ work, step }) => (work.stored ? [] : (unwrittenSet(run, work, step) ?? [])));
  const changes: CouplingChange[] = [];
  const inserts: Coupling[] = [];
  for (const pair of begun) {
    const { work } = pair;
    const set = intentSet(run, pair);
    if (work.stored) changes.push({ _id: work.coupling._id, revision: work.coupling.revision, set });
    else inserts.push({ ...work.coupling, ...set });
    work.coupling = { ...work.coupling, ...set, revision: work.coupling.revision + (work.stored ? 1 : 0) };
  }
  inserts.push(...unwritten);
  const holding = new Set([
    ...(await run.stores.couplings.change(changes)),
    ...(await run.stores.couplings.insert(inserts)),
  ]);
  const refused = begun.filter(({ work }) => work.stored && !holding.has(work.coupling._id));
  await run.stores.couplings.makeDue(
    refused.map(({ work }) => work.coupling._id),
    run.now(),
  );
  const holds = begun.filter(({ work }) => holding.has(work.coupling._id));
  for (const { work } of holds) work.stored = true;
  return holds;
}

/** The writes of a pair that this run may make. */
function admitted(run: SynchRun, pair: PairWrites | null): PairWrites[] {
  if (pair === null || run.gate === null) return pair === null ? [] : [pair];
  const writes = run.gate.admit(pair);
  return writes.length === 0 ? [] : [{ ...pair, writes }];
}

/** A record without coupling that cannot be created now is listed as a coupling with one id, so that it is never lost. */
function unwrittenSet(run: SynchRun, work: PairWork, step: PlannedStep['step']): Coupling | null {
  if (step.kind === 'FAIL') return { ...work.coupling, ...failureSet(run, work, step.into, step.error, step.hangsOn) };
  if (step.kind === 'WAIT') return { ...work.coupling, ...waitingSet(run, work, step) };
  return null;
}

/** Sends the writes of a round, those to Dataverse first; each gets its outcome. */
export async function sendWrites(run: SynchRun, pairs: readonly PairWrites[]): Promise<void> {
  for (const side of [...sides].toReversed()) {
    const writes = pairs.flatMap((pair) => pair.writes.filter((write) => write.side === side));
    if (writes.length === 0) continue;
    const { mapping, readFields } = run.compiled;
    const outcomes = await run.connectors[side].write(
      {
        table: tableOn(mapping, side),
        fields: readFields[side],
        operations: writes.map(({ operation }) => operation),
        assertHeld: run.assertHeld,
      },
      run.signal,
    );
    writes.forEach((write, index) => {
      write.outcome = outcomes[index] ?? null;
    });
  }
}

function writesOfStep(run: SynchRun, { work, step }: PlannedStep): PairWrites | null {
  if (step.kind === 'CREATE') {
    const { into, record } = step;
    const recordId = step.recordId ?? (run.connectors[into].features.clientAssignedIds ? run.newId() : null);
    const intent = newIntent(run, work, {
      side: into,
      kind: 'CREATE',
      recordId,
      version: null,
      values: record.values,
      before: {},
      sources: record.sources,
      cleared: Object.keys(record.cleared),
    });
    const operation: WriteOperation = { kind: 'CREATE', id: recordId, values: record.values };
    return {
      work,
      writes: [{ side: into, intent, operation, outcome: null }],
      bases: [],
      conflicts: [],
      untranslated: Object.values(record.cleared),
      reason: step.reason,
    };
  }
  if (step.kind === 'DELETE') return deletionOf(run, work, step);
  if (step.kind !== 'SYNCHRONIZE') return null;
  const { plan } = step;
  const writes = writesOf(run, plan).flatMap((side) => {
    const changes = side === 'SALES' ? plan.toSales : plan.toBusiness;
    return changes === null ? [] : [updateOf(run, work, side, changes)];
  });
  return writes.length === 0
    ? null
    : {
        work,
        writes,
        bases: plan.bases,
        conflicts: plan.conflicts,
        untranslated: plan.untranslated,
        reason: plan.reason,
      };
}

/** The history keeps what the deleted record held. */
function deletionOf(
  run: SynchRun,
  work: PairWork,
  { from: side, row, reason }: { from: Side; row: SourceRow; reason?: string },
): PairWrites {
  const names = mappedFieldsOf(run, side);
  const before = Object.fromEntries(names.map((name) => [name, row.values[name] ?? null]));
  const { id: recordId, version } = row;
  const intent = newIntent(run, work, {
    side,
    kind: 'DELETE',
    recordId,
    version,
    values: {},
    before,
    sources: {},
    cleared: [],
  });
  return {
    work,
    writes: [{ side, intent, operation: { kind: 'DELETE', id: recordId, version }, outcome: null }],
    bases: work.coupling.bases,
    conflicts: work.coupling.conflicts,
    untranslated: [],
    reason: reason ?? `its counterpart in ${side === 'SALES' ? 'the business system' : 'Dataverse'} was deleted`,
  };
}

const mappedFieldsOf = (run: SynchRun, side: Side): readonly string[] => [
  ...new Set(
    run.compiled.fields
      .map(({ field, integrationField }) => (side === 'BUSINESS' ? field : integrationField))
      .filter((name) => name !== ''),
  ),
];

function updateOf(run: SynchRun, work: PairWork, side: Side, changes: SideChanges): RecordWrite {
  const row = work.seen[side];
  const id = side === 'BUSINESS' ? work.coupling.businessId : work.coupling.salesId;
  const version = row?.version ?? stateOn(work.coupling, side).version;
  if (id === null || version === null)
    throw new Error(`coupling ${work.coupling._id} is to be written before its record was read`);
  const intent = newIntent(run, work, {
    side,
    kind: 'UPDATE',
    recordId: id,
    version,
    ...changes,
    sources: sourcesOf(run, work, side, changes.values),
  });
  return { side, intent, operation: { kind: 'UPDATE', id, version, values: changes.values }, outcome: null };
}

const newIntent = (
  run: SynchRun,
  work: PairWork,
  intent: Omit<WriteIntent, 'runId' | 'leaseToken' | 'number' | 'startedAt'>,
): WriteIntent => ({
  ...intent,
  // In the form of bases, which they become: with the values sent, long texts would stand in it twice.
  sources: Object.fromEntries(Object.entries(intent.sources).map(([name, value]) => [name, toBaseValue(value)])),
  runId: run.runId,
  leaseToken: run.leaseToken,
  number: work.round,
  startedAt: run.now(),
});

/** The other side's value that each written value was made from. A side that was not read has the values of its bases. */
function sourcesOf(run: SynchRun, work: PairWork, into: Side, values: FieldValues): FieldValues {
  const source = work.seen[otherSide(into)];
  const sources: Record<string, FieldValue> = {};
  for (const field of run.compiled.fields) {
    const [name, sourceName] =
      into === 'SALES' ? [field.integrationField, field.field] : [field.field, field.integrationField];
    if (!(name in values) || name in sources) continue;
    if (source !== undefined) {
      sources[name] = sourceName === '' ? null : (source.values[sourceName] ?? null);
    } else {
      const base = work.coupling.bases.find(
        (candidate) => candidate.field === field.field && candidate.integrationField === field.integrationField,
      );
      sources[name] = (into === 'SALES' ? base?.business : base?.sales) ?? null;
    }
  }
  return sources;
}

/**
 * PENDING with its intents; a create under an id of ours reserves that record too. Whoever settles the writes has to know what is in
 * conflict, and that a field which is put back has no base any more.
 */
function intentSet(run: SynchRun, { work, writes, bases, conflicts }: PairWrites): CouplingSet {
  const created = writes.find(({ intent }) => intent.kind === 'CREATE');
  return {
    ...enter(work.coupling, 'PENDING', run.now()),
    intents: writes.map(({ intent }) => intent),
    nextAttemptAt: run.now(),
    conflicts,
    ...(conflicts.length === 0 ? {} : { bases }),
    ...evaluatedWith(run.compiled, work),
    ...(created === undefined
      ? {}
      : created.side === 'SALES'
        ? { salesId: created.intent.recordId }
        : { businessId: created.intent.recordId }),
  };
}
