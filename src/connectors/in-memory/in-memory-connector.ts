import { randomUUID } from 'node:crypto';
import type { FieldValues, TableMetadata } from '../../mapping/field-value.js';
import { compileFilters } from '../../mapping/filter/filter-predicate.js';
import {
  type ChangePage,
  type Connector,
  ConnectorError,
  type ConnectorFeatures,
  type ConnectorTestResult,
  CursorExpiredError,
  type FindRequest,
  type ReadByIdsRequest,
  type ReadChangesRequest,
  type ReadMatchingRequest,
  type RowVersion,
  type SourceRow,
  type TableName,
  type WriteOperation,
  type WriteOutcome,
  type WriteRequest,
} from '../connector.js';
import { abortable } from '../odata/abortable.js';
import { runTestSteps } from '../odata/connection-test.js';
import { MAX_FOUND } from '../odata/find.js';
import { chunksOf } from '../odata/parallel.js';
import { nextTimeCursor } from '../odata/time-cursor.js';
import { InMemorySystem, type InMemoryTable, type ServerRule, type StoredRow } from './in-memory-system.js';

/** One request, as a fault hook sees it; a read of changes is one a page. */
export interface InMemoryRequest {
  readonly kind:
    | 'IDENTITY'
    | 'METADATA'
    | 'READ_CHANGES'
    | 'READ_BY_IDS'
    | 'FIND'
    | 'READ_MATCHING'
    | 'SWEEP'
    | WriteOperation['kind'];
  /** Empty where the request concerns no table. */
  readonly table: string;
  /** Set for writes. */
  readonly operation: WriteOperation | null;
}

/** What becomes of a request: it goes on, its answer is lost, or the system answers with this error. */
export type Fate = 'pass' | 'lose' | ConnectorError;

/** Asked before a request takes effect, and after. It may wait, for a delay or until something else has happened. */
export type FaultHook = (request: InMemoryRequest, when: 'before' | 'after') => Fate | Promise<Fate>;

export interface InMemoryOptions {
  readonly tables: readonly InMemoryTable[];
  /** Like Dataverse (all true) where nothing is said. */
  readonly features?: Partial<ConnectorFeatures>;
  readonly identity?: string;
  readonly now?: () => Date;
  readonly newId?: () => string;
  readonly rule?: ServerRule;
  readonly fault?: FaultHook;
  readonly pageSize?: number;
  readonly overlapMs?: number;
  readonly applyMs?: number;
  /** The rows that it shares with other connectors, e.g. those of a second worker; rows of its own where none is given. */
  readonly system?: InMemorySystem;
}

const likeDataverse: ConnectorFeatures = {
  changeTracking: true,
  deletions: true,
  batch: true,
  bulkWrite: true,
  clientAssignedIds: true,
  changeTimes: 'MOMENT',
};

interface StoredCursor {
  readonly generation: number;
  readonly changeNumber: number;
  readonly since: string;
  readonly fields: readonly string[];
}

/** A system in this process: for tests and simulations of what uses connectors, with every feature and every fault. */
export class InMemoryConnector implements Connector {
  readonly features: ConnectorFeatures;
  readonly applyMs: number;
  /** The rows themselves, to look at them. */
  readonly system: InMemorySystem;
  readonly #options: Required<Pick<InMemoryOptions, 'identity' | 'now' | 'pageSize' | 'overlapMs'>>;
  #fault: FaultHook;
  #generation = 1;

  constructor({
    tables,
    features,
    identity,
    now,
    newId,
    rule,
    fault,
    pageSize,
    overlapMs,
    applyMs,
    system,
  }: InMemoryOptions) {
    this.features = { ...likeDataverse, ...features };
    this.applyMs = applyMs ?? 0;
    this.#fault = fault ?? (() => 'pass');
    this.#options = {
      identity: identity ?? 'in-memory',
      now: now ?? (() => new Date()),
      pageSize: pageSize ?? 1_000,
      overlapMs: overlapMs ?? 0,
    };
    const { clientAssignedIds } = this.features;
    this.system =
      system ??
      new InMemorySystem({
        tables,
        now: this.#options.now,
        newId: newId ?? randomUUID,
        rule,
        clientAssignedIds,
      });
  }

  /** Replaces the fault hook. */
  setFault(fault: FaultHook): void {
    this.#fault = fault;
  }

  /** From now on, cursors given so far are refused as expired. */
  expireCursors(): void {
    this.#generation += 1;
  }

  /** Somebody else makes a row. Throws ConnectorError where the system refuses it. */
  insert(table: string, values: FieldValues, id: string | null = null): StoredRow {
    return this.#asPerson(table, { kind: 'CREATE', id, values });
  }

  /** Somebody else changes a row, whatever version it has. Throws ConnectorError where the system refuses it. */
  edit(table: string, id: string, values: FieldValues): StoredRow {
    return this.#asPerson(table, { kind: 'UPDATE', id, version: this.#versionOf(table, id), values });
  }

  /** Somebody else deletes a row. */
  remove(table: string, id: string): void {
    this.system.apply(table, { kind: 'DELETE', id, version: this.#versionOf(table, id) }, 'PERSON');
  }

  /** The service's operation takes effect now, without an answer: a request that the system applies late. */
  applyLate(table: string, operation: WriteOperation): WriteOutcome {
    return this.system.apply(table, operation, 'SERVICE');
  }

  async identity(signal: AbortSignal): Promise<string> {
    return this.#read({ kind: 'IDENTITY', table: '' }, () => this.#options.identity, signal);
  }

  async test(signal: AbortSignal): Promise<ConnectorTestResult> {
    const company = { step: 'COMPANY', run: async () => `This is ${await this.identity(signal)}` } as const;
    return runTestSteps([company], () => null, signal);
  }

  async tables(signal: AbortSignal): Promise<readonly TableName[]> {
    const load = () => this.system.tables.map(({ metadata: { name, label } }) => ({ name, label }));
    return this.#read({ kind: 'METADATA', table: '' }, load, signal);
  }

  async metadata(table: string, signal: AbortSignal): Promise<TableMetadata> {
    return this.#read({ kind: 'METADATA', table }, () => this.system.table(table).metadata, signal);
  }

  async *readChanges(request: ReadChangesRequest, signal: AbortSignal): AsyncGenerator<ChangePage, void, undefined> {
    const { table, fields } = request;
    const read = { kind: 'READ_CHANGES', table } as const;
    const { ids, deletedIds, cursor } = await this.#read(read, () => this.#changesSince(request), signal);
    const pages = chunksOf(ids, this.#options.pageSize);
    const last = Math.max(0, pages.length - 1);
    for (let index = 0; index <= last; index += 1) {
      const load = () => this.#present(table, pages[index] ?? [], fields);
      const rows = index === 0 ? load() : await this.#read(read, load, signal);
      yield index === last ? { rows, deletedIds, cursor } : { rows, deletedIds: [], cursor: null };
    }
  }

  async readByIds({ table, fields, ids }: ReadByIdsRequest, signal: AbortSignal): Promise<SourceRow[]> {
    if (ids.length === 0) return [];
    return this.#read({ kind: 'READ_BY_IDS', table }, () => this.#present(table, [...new Set(ids)], fields), signal);
  }

  async find(
    { table, fields, equal, modifiedSince, atMost = MAX_FOUND }: FindRequest,
    signal: AbortSignal,
  ): Promise<SourceRow[]> {
    const agrees = (row: StoredRow) =>
      Object.entries(equal).every(([field, value]) => (row.values[field] ?? null) === value) &&
      (modifiedSince === undefined || row.modifiedAt >= modifiedSince);
    const load = () => this.#shown(table, this.system.rows(table).filter(agrees).slice(0, atMost), fields);
    return this.#read({ kind: 'FIND', table }, load, signal);
  }

  async *readMatching(
    { table, fields, filter, pageSize }: ReadMatchingRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SourceRow[], void, undefined> {
    const read = { kind: 'READ_MATCHING', table } as const;
    const matches = compileFilters(filter, this.system.table(table).metadata);
    const load = () => this.system.rows(table).filter(({ values }) => matches(values));
    const pages = chunksOf(await this.#read(read, load, signal), pageSize ?? this.#options.pageSize);
    for (const [index, page] of pages.entries()) {
      if (index > 0) await this.#read(read, () => undefined, signal);
      yield this.#shown(table, page, fields);
    }
  }

  async *sweep(table: string, signal: AbortSignal): AsyncGenerator<readonly RowVersion[], void, undefined> {
    const read = { kind: 'SWEEP', table } as const;
    const pages = chunksOf(await this.#read(read, () => this.system.rows(table), signal), this.#options.pageSize);
    for (const [index, page] of pages.entries()) {
      if (index > 0) await this.#read(read, () => undefined, signal);
      yield page.map(({ id, version }) => ({ id, version }));
    }
  }

  async write(request: WriteRequest, signal: AbortSignal): Promise<WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const operation of request.operations) outcomes.push(await this.#writeOne(request, operation, signal));
    return outcomes;
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  async #writeOne(
    { table, fields, assertHeld }: WriteRequest,
    operation: WriteOperation,
    signal: AbortSignal,
  ): Promise<WriteOutcome> {
    const request: InMemoryRequest = { kind: operation.kind, table, operation };
    assertHeld?.();
    const before = await this.#fateOf(request, 'before', signal);
    if (before !== 'pass') return before === 'lose' ? unknown(lost(request)) : { kind: 'REFUSED', error: before };
    const outcome = this.#applied(table, operation, fields);
    const after = await this.#fateOf(request, 'after', signal);
    if (after === 'pass') return outcome;
    return unknown(after === 'lose' ? lost(request) : after);
  }

  #applied(table: string, operation: WriteOperation, fields: readonly string[]): WriteOutcome {
    try {
      const outcome = this.system.apply(table, operation, 'SERVICE');
      if (outcome.kind !== 'WRITTEN' || outcome.row === null) return outcome;
      const [row = null] = this.#present(table, [outcome.row.id], fields);
      return { kind: 'WRITTEN', row };
    } catch (error) {
      if (error instanceof ConnectorError) return { kind: 'REFUSED', error };
      throw error;
    }
  }

  async #read<T>(request: Omit<InMemoryRequest, 'operation'>, load: () => T, signal: AbortSignal): Promise<T> {
    await this.#pass({ ...request, operation: null }, 'before', signal);
    const loaded = load();
    await this.#pass({ ...request, operation: null }, 'after', signal);
    return loaded;
  }

  async #pass(request: InMemoryRequest, when: 'before' | 'after', signal: AbortSignal): Promise<void> {
    const fate = await this.#fateOf(request, when, signal);
    if (fate !== 'pass') throw fate === 'lose' ? lost(request) : fate;
  }

  async #fateOf(request: InMemoryRequest, when: 'before' | 'after', signal: AbortSignal): Promise<Fate> {
    signal.throwIfAborted();
    return abortable(Promise.resolve(this.#fault(request, when)), signal);
  }

  #changesSince({ table, fields, cursor, filter = [] }: ReadChangesRequest): {
    ids: string[];
    deletedIds: string[];
    cursor: string;
  } {
    const { changeTracking, deletions } = this.features;
    const { now, overlapMs } = this.#options;
    const before = cursor === null ? null : this.#cursorIn(table, cursor);
    const known = before !== null && fields.every((field) => before.fields.includes(field)) ? before : null;
    const isChanged = (row: StoredRow) =>
      known === null ||
      (changeTracking ? row.changeNumber > known.changeNumber : row.modifiedAt.toISOString() >= known.since);
    const isWanted = compileFilters(cursor === null ? filter : [], this.system.table(table).metadata);
    const next: StoredCursor = {
      generation: this.#generation,
      changeNumber: this.system.lastChange,
      since: nextTimeCursor(known?.since ?? null, now(), overlapMs),
      fields,
    };
    return {
      ids: this.system
        .rows(table)
        .filter((row) => isChanged(row) && isWanted(row.values))
        .map(({ id }) => id),
      deletedIds: deletions && before !== null ? this.system.deletedSince(table, before.changeNumber) : [],
      cursor: JSON.stringify(next),
    };
  }

  #cursorIn(table: string, text: string): StoredCursor {
    const cursor = JSON.parse(text) as StoredCursor;
    if (cursor.generation !== this.#generation) throw new CursorExpiredError(table);
    return cursor;
  }

  #present(table: string, ids: readonly string[], fields: readonly string[]): SourceRow[] {
    return this.#shown(
      table,
      ids.flatMap((id) => this.system.row(table, id) ?? []),
      fields,
    );
  }

  #shown(table: string, rows: readonly StoredRow[], fields: readonly string[]): SourceRow[] {
    const known = this.system.table(table).metadata.fields;
    const strange = fields.find((field) => !known.has(field));
    if (strange !== undefined) {
      throw new ConnectorError(`${table} has no field "${strange}"`, {
        errorClass: 'CONFIGURATION',
        code: 'UNKNOWN_FIELD',
        field: strange,
      });
    }
    return rows.map(({ id, version, modifiedAt, values }) => ({
      id,
      version,
      modifiedAt,
      values: Object.fromEntries(fields.map((field) => [field, values[field] ?? null])),
    }));
  }

  #asPerson(table: string, operation: WriteOperation): StoredRow {
    const outcome = this.system.apply(table, operation, 'PERSON');
    const row = outcome.kind === 'WRITTEN' && outcome.row !== null ? this.system.row(table, outcome.row.id) : null;
    if (row !== null) return row;
    throw 'error' in outcome ? outcome.error : missing(table, operation.id ?? '');
  }

  #versionOf(table: string, id: string): string {
    const row = this.system.row(table, id);
    if (row === null) throw missing(table, id);
    return row.version;
  }
}

const missing = (table: string, id: string): ConnectorError =>
  new ConnectorError(`${table} has no row ${id}`, { errorClass: 'NOT_FOUND', code: 'NOT_FOUND' });

const unknown = (error: ConnectorError): WriteOutcome => ({ kind: 'UNKNOWN', error });

const lost = ({ kind, table }: InMemoryRequest): ConnectorError =>
  new ConnectorError(`${kind} ${table}: no answer`, { errorClass: 'TRANSIENT', code: 'CONNECTION_LOST' });
