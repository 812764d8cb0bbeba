import type { WriteOperation } from '../../src/connectors/connector.js';
import type { StoredRow } from '../../src/connectors/in-memory/in-memory-system.js';
import type { Coupling, WriteIntent } from '../../src/coupling/coupling.js';
import type { FieldValue, FieldValues } from '../../src/mapping/field-value.js';
import { type IntegrationTableMapping, tableOn } from '../../src/mapping/integration-table-mapping.js';
import type { CompiledField } from '../../src/synch/compiled-field.js';
import { type CompiledMapping, compileMapping } from '../../src/synch/compiled-mapping.js';
import { isNormalisedForm } from '../../src/synch/convert-value.js';
import { findBase } from '../../src/synch/field-base.js';
import type { References } from '../../src/synch/references.js';
import { otherSide, type Side, sides } from '../../src/synch/synch-error.js';
import type { RecordChange } from '../../src/synch/synch-job.js';
import type { InMemoryDatabase } from './in-memory-stores.js';
import { type Asked, chosenChanges } from './orders.js';
import type { Terrain } from './terrain.js';
import type { AppliedOperation } from './watched-system.js';

/** What must hold and did not. */
export interface Violation {
  /** PLAN: a dry run writes nothing, and what is applied of it is what it planned. */
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I7' | 'PLAN' | 'ERROR';
  readonly message: string;
}

/** The rows of a system as they are now. */
export interface PresentRows {
  row(table: string, id: string): StoredRow | null;
  rows(table: string): readonly StoredRow[];
}

/** Who wrote a value last; and whether both sides agreed on it since. */
interface Provenance {
  readonly author: 'PERSON' | 'SERVICE';
  agreed: boolean;
}

/** An intent that was stored at some time. */
interface StoredIntent {
  readonly coupling: Coupling;
  readonly intent: WriteIntent;
}

/** A run, as it was asked for. */
interface WitnessedRun extends Asked {
  /** The mappings as they were at its beginning: it goes by them to its end. */
  readonly compiled: readonly CompiledMapping[];
  /** What was planned and is not made yet, of a run that applies a plan. */
  readonly planned: Set<RecordChange>;
}

/** A value of a person that the service wrote over. */
interface Overwritten {
  readonly side: Side;
  readonly table: string;
  readonly id: string;
  readonly field: string;
  readonly value: FieldValue;
}

/** A write of the service that took effect. */
export interface ServiceWrite extends StoredIntent {
  readonly side: Side;
  readonly table: string;
  readonly before: StoredRow | null;
  readonly after: StoredRow | null;
}

/**
 * Sees all that really happens to the rows of both systems and to the couplings, and tells where an invariant does not hold.
 * It knows nothing of what the engine thinks: who wrote a value, and whether both sides agreed on it since, it sees itself.
 */
export class Witness {
  readonly violations: Violation[] = [];
  readonly writes: ServiceWrite[] = [];
  /** The mappings as they are now. */
  compiled: readonly CompiledMapping[] = [];
  private readonly runs = new Map<string, WitnessedRun>();
  /** Pairs whose fields were put back as they had been: they differ until a person decides. */
  private readonly undone = new Set<string>();
  private readonly provenance = new Map<string, Provenance>();
  private readonly intents = new Map<string, StoredIntent>();
  private readonly overwritten: Overwritten[] = [];
  /** All values that a field ever held. */
  private readonly held = new Map<string, Set<FieldValue>>();
  /** The pair of a record that the service is making. */
  private created: Coupling | null = null;
  /** Versions of records whose coupling was removed by then. */
  private readonly uncoupled = new Map<string, string | null>();

  constructor(
    mappings: readonly IntegrationTableMapping[],
    private readonly tables: Terrain['tables'],
    private readonly database: Pick<InMemoryDatabase, 'couplings' | 'changes'>,
    private readonly systems: () => Readonly<Record<Side, PresentRows>>,
  ) {
    this.mapped(mappings);
  }

  /** The mappings are these from now on. */
  mapped(mappings: readonly IntegrationTableMapping[]): void {
    const lookups = new Map(mappings.map((mapping) => [mapping.name, mapping]));
    const metadata = (side: Side, name: string) => this.tables[side].find((table) => table.name === name)!;
    this.compiled = mappings.map((mapping) =>
      compileMapping(
        mapping,
        metadata('BUSINESS', mapping.table),
        metadata('SALES', mapping.integrationTable),
        lookups,
      ),
    );
  }

  /** A run begins. */
  began(runId: string, asked: Asked): void {
    const { apply } = asked.parameters;
    // What an interrupted run has made of a plan already, its successor does not make once more.
    const before = [...this.runs.values()].find((run) => apply !== undefined && run.parameters.apply === apply);
    const planned = before?.planned ?? new Set(apply === undefined ? [] : chosenChanges(this.database, apply));
    this.runs.set(runId, { ...asked, compiled: this.compiled, planned });
  }

  /** The mapping as a run has it. */
  compiledIn = (runId: string, mappingId: string): CompiledMapping =>
    this.runs.get(runId)?.compiled.find(({ mapping }) => mapping.id === mappingId) ?? this.compiledOf(mappingId);

  isDryRun = (runId: string): boolean => this.runs.get(runId)?.parameters.dryRun === true;

  isUndone = ({ _id }: Coupling): boolean => this.undone.has(_id);

  violate(invariant: Violation['invariant'], message: string): void {
    this.violations.push({ invariant, message });
  }

  compiledOf = (mappingId: string): CompiledMapping => this.compiled.find(({ mapping }) => mapping.id === mappingId)!;

  rowOf(side: Side, coupling: Coupling): StoredRow | null {
    const id = side === 'BUSINESS' ? coupling.businessId : coupling.salesId;
    const { mapping } = this.compiledOf(coupling.mappingId);
    return id === null
      ? null
      : this.systems()[side].row(side === 'BUSINESS' ? mapping.table : mapping.integrationTable, id);
  }

  /** Something happened to a row. */
  applied(side: Side, { table, operation, author, before, after }: AppliedOperation): void {
    if (author === 'SERVICE') this.serviceWrote(side, { table, operation, author, before, after });
    if (after === null) return;
    for (const [field, value] of Object.entries(after.values)) {
      if ((before?.values[field] ?? null) === value) continue;
      const key = cell(side, table, after.id, field);
      // What a system itself makes of a value is as good as a person's edit: nobody else knows it.
      const isSent =
        author === 'SERVICE' && operation.kind !== 'DELETE' && isNormalisedForm(operation.values[field] ?? null, value);
      this.provenance.set(key, {
        author: isSent || field === this.keyOf(side, table) ? 'SERVICE' : 'PERSON',
        agreed: isSent,
      });
      this.noteHeld(key, value);
    }
    if (this.created !== null) this.noteAgreement(this.created);
    this.created = null;
    for (const coupling of this.couplingsOf(side, table, after.id)) this.noteAgreement(coupling);
  }

  /** Couplings were stored or changed. */
  stored(ids: readonly string[]): void {
    for (const id of ids) {
      const coupling = this.database.couplings.get(id);
      if (coupling === undefined) continue;
      for (const intent of coupling.intents) {
        if (this.runs.get(intent.runId)?.task === 'UNDO') this.undone.add(id);
        this.intents.set(`${intent.runId}:${id}:${intent.side}:${intent.number}:${intent.kind}`, { coupling, intent });
      }
      this.checkBases(coupling);
      this.noteAgreement(coupling);
    }
  }

  /** A coupling is about to be removed. */
  removed(coupling: Coupling): void {
    for (const side of sides) {
      const id = side === 'BUSINESS' ? coupling.businessId : coupling.salesId;
      if (id !== null)
        this.uncoupled.set(`${coupling.mappingId}:${side}:${id}`, this.rowOf(side, coupling)?.version ?? null);
    }
  }

  /** The record was uncoupled and did not change since: it is left alone until somebody touches it. */
  isUncoupled = (mappingId: string, side: Side, row: StoredRow): boolean =>
    this.uncoupled.get(`${mappingId}:${side}:${row.id}`) === row.version;

  /** Couplings as they are now, as the planner asks for them. */
  readonly references: References = {
    salesIdOf: (mappingName, businessId) => this.pair(mappingName, 'BUSINESS', businessId)?.salesId ?? null,
    businessIdOf: (mappingName, salesId) => this.pair(mappingName, 'SALES', salesId)?.businessId ?? null,
    localCurrency: null,
  };

  /** Towns are held in capitals by one of the systems. */
  agrees(field: CompiledField, business: StoredRow, sales: StoredRow): boolean {
    const [to, from] = [business.values[field.field] ?? null, sales.values[field.integrationField] ?? null];
    return (
      field.agree(to, from, this.references) ||
      (field.integrationField === 'address1_city' && isNormalisedForm(to, from))
    );
  }

  isPersons(side: Side, table: string, id: string, field: string): boolean {
    const provenance = this.provenance.get(cell(side, table, id, field));
    return provenance?.author === 'PERSON' && !provenance.agreed;
  }

  /** A person wrote it, and the pair has not agreed on it as far as its base tells. */
  isChangedByPerson(side: Side, table: string, row: StoredRow, field: CompiledField, coupling: Coupling): boolean {
    const name = side === 'BUSINESS' ? field.field : field.integrationField;
    const { bases, recoupled = [] } = this.database.couplings.get(coupling._id) ?? coupling;
    const base = findBase(bases, field);
    // Without a base any difference is one that a rule or a person has to decide; so it is with a reference to a record that
    // was coupled anew, by which what was agreed of it is void.
    if (base === undefined || (field.lookup !== null && recoupled.length > 0)) return true;
    const isNew = (side === 'BUSINESS' ? base.business : base.sales) !== (row.values[name] ?? null);
    const author = this.provenance.get(cell(side, table, row.id, name))?.author;
    return author === 'PERSON' && isNew;
  }

  /** The record may be the one that a listed create made: a person decides. */
  isOfAmbiguousCreate = (side: Side, id: string, couplings: readonly Coupling[]): boolean =>
    couplings.some(
      ({ error }) => error?.code === 'CREATE_OUTCOME_AMBIGUOUS' && error.side === side && error.message.includes(id),
    );

  /** What was overwritten of people's values has to stand in the history. */
  checkHistory(): void {
    const changes = [...this.database.changes.values()];
    for (const { side, table, id, field, value } of this.overwritten) {
      const isKept = changes.some(
        (change) =>
          change.side === side &&
          (side === 'BUSINESS' ? change.businessId : change.salesId) === id &&
          change.fields.some(
            (one) => (side === 'BUSINESS' ? one.field : one.integrationField) === field && one.before === value,
          ),
      );
      if (!isKept)
        this.violate(
          'I3',
          `"${String(value)}" in ${field} of ${side} ${table} ${short(id)} was overwritten and is not in the history`,
        );
    }
  }

  private keyOf = (side: Side, table: string): string =>
    this.tables[side].find(({ name }) => name === table)?.keyField ?? '';

  private noteHeld(key: string, value: FieldValue): void {
    this.held.set(key, (this.held.get(key) ?? new Set([null])).add(value));
  }

  private serviceWrote(side: Side, { table, operation, before, after }: AppliedOperation): void {
    const stored = [...this.intents.values()].findLast(
      ({ intent, coupling }) =>
        intent.side === side && isIntentOf(intent, operation) && this.tableOf(coupling, side) === table,
    );
    if (stored === undefined) {
      if (operation.kind !== 'CREATE' || !this.wasDeleted(side, table, operation))
        this.violate('I2', `${operation.kind} of ${side} ${table} without a stored intent`);
      return;
    }
    this.checkPlanned(side, stored);
    this.writes.push({ side, table, before, after, ...stored });
    if (operation.kind === 'CREATE' && after !== null) {
      for (const [field, value] of Object.entries(operation.values))
        this.noteHeld(cell(side, table, after.id, field), value);
      this.noteCreate(side, table, stored.coupling);
      const id = side === 'BUSINESS' ? { businessId: after.id } : { salesId: after.id };
      this.created = { ...stored.coupling, ...id };
    }
    if (before === null) return;
    if (operation.kind === 'DELETE') {
      for (const field of this.compiledIn(stored.intent.runId, stored.coupling.mappingId).fields) {
        const name = side === 'BUSINESS' ? field.field : field.integrationField;
        if (this.isPersons(side, table, before.id, name) && !this.isBase(side, before, field, stored.coupling))
          this.violate(
            'I3',
            `${side} ${table} ${short(before.id)} was deleted with "${String(before.values[name])}" in ${name}, which a person wrote`,
          );
      }
      return;
    }
    for (const [field, value] of Object.entries(operation.kind === 'UPDATE' ? operation.values : {})) {
      this.noteHeld(cell(side, table, before.id, field), value);
      const loser = before.values[field] ?? null;
      this.checkEcho(side, before, field, value, stored);
      if (loser === value || !this.isPersons(side, table, before.id, field)) continue;
      this.overwritten.push({ side, table, id: before.id, field, value: loser });
      if (!this.mayOverwrite(side, table, before, field, stored))
        this.violate(
          'I3',
          `"${String(loser)}", which a person wrote to ${field} of ${side} ${table} ${short(before.id)}, was overwritten with "${String(value)}"`,
        );
    }
  }

  /** A record that is made again because its deletion is undone is coupled with nothing, so that no coupling holds an intent. */
  private wasDeleted(
    side: Side,
    table: string,
    { values }: Extract<WriteOperation, { readonly kind: 'CREATE' }>,
  ): boolean {
    return [...this.runs.values()].some(({ task, mappingId, parameters: { undo } }) => {
      if (task !== 'UNDO' || tableOn(this.compiledOf(mappingId).mapping, side) !== table) return false;
      const ofJobs = new Set(undo?.synchJobs.map(({ id }) => id));
      return [...this.database.changes.values()].some(
        (change) =>
          change.action === 'DELETE' &&
          change.side === side &&
          ofJobs.has(change.synchJobId ?? '') &&
          Object.entries(values).every(([name, value]) =>
            change.fields.some(
              ({ field, integrationField, before }) =>
                (side === 'BUSINESS' ? field : integrationField) === name && before === value,
            ),
          ),
      );
    });
  }

  /** What a run makes of a plan was planned so, and is made once. */
  private checkPlanned(side: Side, { coupling, intent }: StoredIntent): void {
    const run = this.runs.get(intent.runId);
    if (run?.task !== 'APPLY_DRY_RUN') return;
    const sourceId = side === 'SALES' ? coupling.businessId : coupling.salesId;
    const found = [...run.planned].find(
      (change) =>
        change.side === side &&
        change.action === actions[intent.kind] &&
        (side === 'SALES' ? change.businessId : change.salesId) === sourceId &&
        (intent.kind === 'DELETE' || isWrittenAs(intent, change)),
    );
    if (found === undefined)
      this.violate(
        'PLAN',
        `${intent.runId} makes a ${intent.kind} of ${side} for ${short(sourceId ?? '-')} that was not planned: ${JSON.stringify(intent.values)}`,
      );
    else run.planned.delete(found);
  }

  /** What the service itself wrote to one side, nobody has changed: it does not go back to the other one. */
  private checkEcho(
    side: Side,
    row: StoredRow,
    name: string,
    value: FieldValue,
    { coupling, intent }: StoredIntent,
  ): void {
    // What is undone is what the service wrote; it may go on to the other side once a person has decided.
    if (this.undone.has(coupling._id)) return;
    const { mapping, fields } = this.compiledIn(intent.runId, coupling.mappingId);
    const field = fields.find((one) => (side === 'BUSINESS' ? one.field : one.integrationField) === name);
    const source = this.rowOf(otherSide(side), coupling);
    if (field === undefined || field.lookup !== null || field.toSales !== field.toBusiness || source === null) return;
    const before = row.values[name] ?? null;
    if (before === value || this.wasSent(side, tableOn(mapping, side), row.id, name, before)) return;
    const from = otherSide(side);
    const author = this.provenance.get(
      cell(from, tableOn(mapping, from), source.id, side === 'BUSINESS' ? field.integrationField : field.field),
    )?.author;
    if (author === 'SERVICE' && !this.isPersons(side, tableOn(mapping, side), row.id, name))
      this.violate(
        'I4',
        `"${String(value)}" was written to ${name} of ${side} ${short(row.id)}, though only the service itself changed the other side`,
      );
  }

  /** The rules by which a value of a person gives way. */
  private mayOverwrite(
    side: Side,
    table: string,
    row: StoredRow,
    name: string,
    { coupling, intent }: StoredIntent,
  ): boolean {
    const { mapping, fields } = this.compiledIn(intent.runId, coupling.mappingId);
    const field = fields.find((one) => (side === 'BUSINESS' ? one.field : one.integrationField) === name)!;
    const run = this.runs.get(intent.runId);
    // Only what it wrote itself is put back by whoever undoes.
    if (run?.task === 'UNDO') return this.wasSent(side, table, row.id, name, row.values[name] ?? null);
    const { decision } = run?.parameters ?? {};
    if (decision !== undefined && 'source' in decision && decision.source === otherSide(side)) return true;
    if (field.toSales !== field.toBusiness) return true;
    // Exactly what was sent before and may come late is no person's value to anybody who looks.
    if (this.wasSent(side, table, row.id, name, row.values[name] ?? null)) return true;
    const other = otherSide(side);
    const counterpart = this.rowOf(other, this.database.couplings.get(coupling._id) ?? coupling);
    const otherTable = other === 'BUSINESS' ? mapping.table : mapping.integrationTable;
    if (this.isBase(side, row, field, coupling)) return true;
    // What it was planned from may have been deleted since.
    if (counterpart !== null && !this.isChangedByPerson(other, otherTable, counterpart, field, coupling)) return false;
    switch (mapping.updateConflictResolution) {
      case 'NONE':
        return false;
      case 'SEND_TO_INTEGRATION':
        return side === 'SALES';
      case 'GET_FROM_INTEGRATION':
        return side === 'BUSINESS';
      case 'MERGE_FIELDS':
        if (field.conflictRule === 'BUSINESS_WINS') return side === 'SALES';
        if (field.conflictRule === 'SALES_WINS') return side === 'BUSINESS';
        return field.conflictRule === 'NEWEST_WINS';
    }
  }

  /** The field stands there as it did when both agreed last, or when its reference could not be translated yet. */
  private isBase(side: Side, row: StoredRow, field: CompiledField, coupling: Coupling): boolean {
    const base = findBase((this.database.couplings.get(coupling._id) ?? coupling).bases, field);
    const name = side === 'BUSINESS' ? field.field : field.integrationField;
    return base !== undefined && (side === 'BUSINESS' ? base.business : base.sales) === (row.values[name] ?? null);
  }

  private wasSent(side: Side, table: string, id: string, name: string, value: FieldValue): boolean {
    return [...this.intents.values()].some(
      ({ intent, coupling }) =>
        intent.side === side &&
        intent.recordId === id &&
        this.tableOf(coupling, side) === table &&
        intent.values[name] === value &&
        name in intent.values,
    );
  }

  /** A record has one counterpart at a time that the service made. */
  private noteCreate(side: Side, table: string, coupling: Coupling): void {
    const sourceId = side === 'SALES' ? coupling.businessId : coupling.salesId;
    const own = this.writes.find(
      (write) => write.intent.kind === 'CREATE' && write.side === otherSide(side) && write.after?.id === sourceId,
    );
    if (own !== undefined && own.coupling._id !== coupling._id && this.rowOf(side, own.coupling) !== null)
      this.violate(
        'I2',
        `a record of ${side} ${table} was made from ${short(sourceId ?? '')}, which the service itself made from another one`,
      );
    const living = this.writes.filter(
      (write) =>
        write.intent.kind === 'CREATE' &&
        write.side === side &&
        write.table === table &&
        (side === 'SALES' ? write.coupling.businessId : write.coupling.salesId) === sourceId &&
        write.after !== null &&
        this.systems()[side].row(table, write.after.id) !== null,
    );
    const ids = new Set(living.map(({ after }) => short(after?.id ?? '')));
    if (ids.size > 1)
      this.violate(
        'I2',
        `${table} of ${side} has ${ids.size} records made for one and the same (${[...ids].join(', ')})`,
      );
  }

  private noteAgreement(coupling: Coupling): void {
    const [business, sales] = sides.map((side) => this.rowOf(side, coupling));
    if (!business || !sales) return;
    const { fields, mapping } = this.compiledOf(coupling.mappingId);
    for (const field of fields) {
      if (!this.agrees(field, business, sales)) continue;
      for (const key of [
        cell('BUSINESS', mapping.table, business.id, field.field),
        cell('SALES', mapping.integrationTable, sales.id, field.integrationField),
      ]) {
        const provenance = this.provenance.get(key);
        if (provenance !== undefined) provenance.agreed = true;
      }
    }
  }

  /** What both sides agreed on is something that each of them held. */
  private checkBases(coupling: Coupling): void {
    for (const base of coupling.bases) {
      for (const side of sides) {
        const [id, name, value] =
          side === 'BUSINESS'
            ? [coupling.businessId, base.field, base.business]
            : [coupling.salesId, base.integrationField, base.sales];
        if (value === null || id === null) continue;
        const held = this.held.get(cell(side, this.tableOf(coupling, side), id, name));
        if (held !== undefined && !held.has(value))
          this.violate(
            'I3',
            `the base of ${name} holds "${String(value)}" for ${side} ${short(id)}, which that record never held`,
          );
      }
    }
  }

  private tableOf(coupling: Coupling, side: Side): string {
    const { mapping } = this.compiledOf(coupling.mappingId);
    return side === 'BUSINESS' ? mapping.table : mapping.integrationTable;
  }

  private couplingsOf(side: Side, table: string, id: string): Coupling[] {
    return [...this.database.couplings.values()].filter(
      (coupling) =>
        (side === 'BUSINESS' ? coupling.businessId : coupling.salesId) === id && this.tableOf(coupling, side) === table,
    );
  }

  private pair(mappingName: string, side: Side, id: string): Coupling | undefined {
    return [...this.database.couplings.values()].find(
      (coupling) =>
        coupling.mappingName === mappingName &&
        (side === 'BUSINESS' ? coupling.businessId : coupling.salesId) === id &&
        coupling.businessId !== null &&
        coupling.salesId !== null &&
        coupling.state !== 'BROKEN' &&
        !coupling.intents.some(({ kind }) => kind === 'CREATE'),
    );
  }
}

const cell = (side: Side, table: string, id: string, field: string): string => `${side}:${table}:${id}:${field}`;

export const short = (id: string): string => id.slice(-4);

/** What the history calls a write. */
const actions = { CREATE: 'INSERT', UPDATE: 'MODIFY', DELETE: 'DELETE' } as const;

/** The write sends exactly the fields of the change, with their values. */
const isWrittenAs = ({ side, values }: WriteIntent, { fields }: RecordChange): boolean =>
  Object.keys(values).length === fields.length &&
  fields.every(
    ({ field, integrationField, after }) => (values[side === 'BUSINESS' ? field : integrationField] ?? null) === after,
  );

function isIntentOf(
  intent: WriteIntent,
  operation: {
    readonly kind: string;
    readonly id: string | null;
    readonly values?: FieldValues;
    readonly version?: string;
  },
): boolean {
  return (
    intent.kind === operation.kind &&
    intent.recordId === operation.id &&
    (operation.kind === 'CREATE' || intent.version === operation.version) &&
    (operation.kind === 'DELETE' || JSON.stringify(intent.values) === JSON.stringify(operation.values))
  );
}
