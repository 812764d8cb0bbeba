import type { SourceRow } from '../connectors/connector.js';
import type { Coupling, WriteIntent } from '../coupling/coupling.js';
import type { CouplingChange } from '../coupling/coupling-store.js';
import { tableOn } from '../mapping/integration-table-mapping.js';
import { basesAfterWrite } from './bases-after-write.js';
import { isNormalisedForm } from './convert-value.js';
import { type CouplingSet, parkedState } from './coupling-states.js';
import { makeError } from './describe-error.js';
import { withLanded } from './loop-breaker.js';
import { readByIds } from './read-records.js';
import { titleFieldsOf } from './record-title.js';
import type { Side } from './synch-error.js';
import type { RecordChange } from './synch-job.js';
import { changeOf, deletionChange, markCompleted, type SynchRun } from './synch-run.js';
import { stepsAfterWrite } from './table-rules.js';

/**
 * Modification times within this distance before a create was begun still count as made by it: the system's clock may
 * differ from ours by so much.
 */
const CLOCK_ALLOWANCE_MS = 5 * 60_000;

/**
 * Settles writes that were begun and whose outcome nobody knows, by reading: after a crash, a lost lease or a lost answer.
 * It asks only whether what was sent is there; the pair is planned afterwards like any other. Nothing is sent twice.
 */
export async function recoverIntents(run: SynchRun, couplings: readonly Coupling[]): Promise<void> {
  if (couplings.length === 0) return;
  const rows = await readRecords(run, couplings);
  const adoptions = await lookUpCreates(run, couplings);
  const changes: CouplingChange[] = [];
  const history: RecordChange[] = [];
  for (const coupling of couplings) {
    const recovery = new Recovery(run, coupling);
    for (const intent of coupling.intents) {
      const recordId = intent.recordId;
      if (recordId === null) recovery.settleCreateWithoutId(intent, adoptions.get(coupling._id) ?? { kind: 'NONE' });
      else recovery.settleByRecord(intent, rows[intent.side].get(recordId));
    }
    changes.push({ _id: coupling._id, revision: coupling.revision, set: recovery.result() });
    history.push(...recovery.history);
  }
  await run.stores.jobs.addChanges(history);
  await run.stores.couplings.change(changes);
}

async function readRecords(
  run: SynchRun,
  couplings: readonly Coupling[],
): Promise<Record<Side, Map<string, SourceRow>>> {
  const read = async (side: Side) => {
    const intents = couplings.flatMap((coupling) => coupling.intents.filter((intent) => intent.side === side));
    const ids = intents.flatMap(({ recordId }) => recordId ?? []);
    // What was sent is looked for, also in fields that the mapping has lost meanwhile.
    const sent = intents.flatMap(({ values }) => Object.keys(values));
    const known = run.compiled.table[side].fields;
    return readByIds(
      run,
      side,
      ids,
      sent.filter((name) => known.has(name)),
    );
  };
  return { BUSINESS: await read('BUSINESS'), SALES: await read('SALES') };
}

/** What a look-up found of a create whose id the system gives. */
type Adoption =
  | { readonly kind: 'FOUND'; readonly row: SourceRow }
  | { readonly kind: 'NONE' }
  /** Rows that may be it, and cannot be told from what a person made. */
  | { readonly kind: 'AMBIGUOUS'; readonly ids: readonly string[] };

/**
 * Looks for the rows of creates without an id of ours: equal in all that was sent, in no coupling, modified since. Of equal
 * creates each adopts one row; more rows than creates, or one that only has the name, are left to a person.
 */
async function lookUpCreates(run: SynchRun, couplings: readonly Coupling[]): Promise<Map<string, Adoption>> {
  const found = new Map<string, Adoption>();
  for (const group of equalCreates(couplings)) {
    const candidates = await uncoupledRows(run, group.intent, group.intent.values, group.since);
    if (candidates.length > group.couplingIds.length) {
      for (const id of group.couplingIds) found.set(id, { kind: 'AMBIGUOUS', ids: candidates.map((row) => row.id) });
      continue;
    }
    for (const [index, row] of candidates.entries()) {
      const couplingId = group.couplingIds[index];
      if (couplingId !== undefined) found.set(couplingId, { kind: 'FOUND', row });
    }
    if (candidates.length > 0) continue;
    const namesakes = await uncoupledRows(run, group.intent, nameOf(run, group.intent), group.since);
    if (namesakes.length > 0)
      for (const id of group.couplingIds) found.set(id, { kind: 'AMBIGUOUS', ids: namesakes.map((row) => row.id) });
  }
  return found;
}

interface CreateGroup {
  readonly intent: WriteIntent;
  readonly couplingIds: string[];
  since: Date;
}

function equalCreates(couplings: readonly Coupling[]): readonly CreateGroup[] {
  const groups = new Map<string, CreateGroup>();
  for (const coupling of couplings) {
    for (const intent of coupling.intents) {
      if (intent.recordId !== null) continue;
      const key = JSON.stringify([intent.side, Object.entries(intent.values).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
      const group = groups.get(key) ?? { intent, couplingIds: [], since: intent.startedAt };
      group.couplingIds.push(coupling._id);
      if (intent.startedAt < group.since) group.since = intent.startedAt;
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

async function uncoupledRows(
  run: SynchRun,
  intent: WriteIntent,
  equal: WriteIntent['values'],
  since: Date,
): Promise<SourceRow[]> {
  if (Object.keys(equal).length === 0) return [];
  const { mapping, readFields } = run.compiled;
  const request = {
    table: tableOn(mapping, intent.side),
    fields: readFields[intent.side],
    equal,
    modifiedSince: new Date(since.getTime() - CLOCK_ALLOWANCE_MS),
  };
  const rows = await run.connectors[intent.side].find(request, run.signal);
  const coupled = await run.stores.couplings.coupledIds(
    mapping.id,
    intent.side,
    rows.map(({ id }) => id),
  );
  return rows.filter(({ id }) => !coupled.has(id));
}

/** The part of what was sent that names the record. */
function nameOf(run: SynchRun, intent: WriteIntent): WriteIntent['values'] {
  const names = titleFieldsOf(run.compiled.table[intent.side]).filter(
    (name) => intent.values[name] !== undefined && intent.values[name] !== null,
  );
  return Object.fromEntries(names.map((name) => [name, intent.values[name] ?? null]));
}

/** Collects what becomes of one coupling. */
class Recovery {
  readonly history: RecordChange[] = [];
  private bases: Coupling['bases'];
  private readonly open: WriteIntent[] = [];
  private readonly late: Coupling['late'][number][];
  private set: CouplingSet = {};

  constructor(
    private readonly run: SynchRun,
    private readonly coupling: Coupling,
  ) {
    this.bases = coupling.bases;
    this.late = coupling.late.filter(({ until }) => until > run.now());
  }

  /** A write of a record whose id is known: it landed when the record shows what was sent. */
  settleByRecord(intent: WriteIntent, row: SourceRow | undefined): void {
    if (row === undefined) {
      // A create under our own id is begun again with the same id. An update of a deleted record is settled: it is gone.
      if (intent.kind === 'CREATE') this.open.push(intent);
      if (intent.kind === 'DELETE') this.noteDeletion(intent);
      return;
    }
    // A record that still stands is planned anew; deleting it again names the same version.
    if (intent.kind === 'DELETE') return;
    const landed =
      intent.kind === 'CREATE' ||
      Object.entries(intent.values).every(([name, sent]) => isNormalisedForm(sent, row.values[name] ?? null));
    if (landed) this.land(intent, row);
    else this.rememberLate(intent);
  }

  settleCreateWithoutId(intent: WriteIntent, adoption: Adoption): void {
    const retryAt = this.applicableUntil(intent);
    if (adoption.kind === 'FOUND') {
      this.land(intent, adoption.row);
      this.set = {
        ...this.set,
        ...(intent.side === 'BUSINESS' ? { businessId: adoption.row.id } : { salesId: adoption.row.id }),
      };
    } else if (adoption.kind === 'AMBIGUOUS') {
      const message = `a record was sent to be created and no answer came; these may be it: ${adoption.ids.join(', ')}. Couple the right one by hand`;
      this.set = parkedState(
        this.coupling,
        'FAILED',
        makeError('DUPLICATE', 'CREATE_OUTCOME_AMBIGUOUS', message, { side: intent.side }),
        this.run.now(),
      );
    } else if (retryAt > this.run.now()) {
      this.open.push(intent);
      this.set = { ...this.set, nextAttemptAt: retryAt };
    }
  }

  result(): CouplingSet {
    return {
      business: { ...this.coupling.business, clean: false },
      sales: { ...this.coupling.sales, clean: false },
      bases: this.bases,
      late: this.late,
      ...this.set,
      intents: this.open,
    };
  }

  private land(intent: WriteIntent, row: SourceRow): void {
    const { side, values: sent, sources, before, cleared } = intent;
    this.bases = basesAfterWrite(this.run.compiled.fields, this.bases, {
      side,
      sent,
      sources,
      before,
      answered: row.values,
      cleared,
      conflicts: this.coupling.conflicts,
    }).bases;
    const { openSteps = this.coupling.openSteps } = this.set;
    const { integrationTable } = this.run.compiled.mapping;
    this.set = { ...this.set, openSteps: stepsAfterWrite(integrationTable, intent, openSteps) };
    if (intent.kind === 'UPDATE') {
      const recent = this.set.recentWrites ?? this.coupling.recentWrites ?? [];
      const landed = { side, values: sent };
      this.set = { ...this.set, recentWrites: withLanded(this.run.compiled.fields, recent, landed, this.run.now()) };
    }
    if (intent.kind === 'CREATE') {
      markCompleted(this.run, {
        ...this.coupling,
        ...(side === 'BUSINESS' ? { businessId: row.id } : { salesId: row.id }),
      });
    }
    const action = intent.kind === 'CREATE' ? 'INSERT' : 'MODIFY';
    this.run.jobs[side].count(action === 'INSERT' ? 'inserted' : 'modified');
    const reason = 'sent earlier without an answer, and found to be applied';
    this.history.push(
      changeOf(this.run, this.coupling, { side, action, reason, before, after: sent }, intent.runId, intent.number),
    );
  }

  private noteDeletion(intent: WriteIntent): void {
    this.run.jobs[intent.side].count('deleted');
    this.history.push(
      deletionChange(this.run, this.coupling, intent, 'deleted earlier without an answer, and found to be gone'),
    );
  }

  /** The system may still apply what did not land: showing it later is no change by a person. */
  private rememberLate(intent: WriteIntent): void {
    const until = this.applicableUntil(intent);
    const { side, values, runId, number, version, before } = intent;
    if (until > this.run.now()) this.late.push({ side, values, until, write: { runId, number, version, before } });
  }

  private applicableUntil(intent: WriteIntent): Date {
    return new Date(intent.startedAt.getTime() + this.run.connectors[intent.side].applyMs);
  }
}
