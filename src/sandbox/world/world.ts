import { type Change, Journal, readJournal } from './journal.js';
import type { MadeRows } from './made-rows.js';
import type { Fact, Row, Scalar, Side, Tombstone, Values } from './row.js';
import { Table } from './table.js';

export interface WorldOptions {
  /** Where the data is kept. Without it the world lives in memory alone. */
  readonly dataDir?: string;
  /** The time of a side in milliseconds; the sides' clocks may differ. */
  readonly now: (side: Side) => number;
  /** The rows that follow from what `makeWhenRead` was given, by table. */
  readonly madeRows?: (plan: Fact) => Iterable<readonly [table: string, rows: MadeRows]>;
}

/** A row as its writer gives it; id, version and stamps are the world's. */
export interface Written {
  readonly table: string;
  readonly id: string;
  readonly values: Values;
  readonly by: string;
  /** Another time of change than now: a transaction that began earlier and is committed late. */
  readonly atMs?: number;
}

/** A row that a write replaced; undefined where there was none. */
interface Replaced {
  readonly table: string;
  readonly id: string;
  readonly before: Row | undefined;
  readonly atMs: number;
}

const REMEMBERED = 10_000;

/** Thrown by `transaction` when called inside another one: that is a bug of the caller. */
class NestedTransactionError extends Error {}

/** Column whose value gives a table its own order; tables that are not named here are ordered by id. */
const ORDERED_BY: Readonly<Record<string, string>> = {
  companies: 'name',
  customers: 'number',
  currencies: 'code',
  paymentTerms: 'code',
  shipmentMethods: 'code',
  paymentMethods: 'code',
  shippingAgents: 'code',
  customerPriceGroups: 'code',
  countriesRegions: 'code',
  salespeoplePurchasers: 'code',
  currencyExchangeRates: 'key',
  contacts: 'number',
  vendors: 'number',
  unitsOfMeasure: 'code',
  items: 'number',
  itemCategories: 'code',
  taxGroups: 'code',
  generalProductPostingGroups: 'code',
  inventoryPostingGroups: 'code',
  resources: 'number',
  salesPrices: 'key',
  salesInvoices: 'number',
  salesInvoiceLines: 'key',
  salesOrders: 'number',
  opportunities: 'number',
};

/** Name of a table in the world. Business tables belong to a company. */
export const businessTable = (companyId: string, name: string): string => `BUSINESS/${companyId}/${name}`;
/** Name of the fact that keeps the last number of a table's number series. */
export const seriesFact = (companyId: string, table: string): string => `BUSINESS/${companyId}/series/${table}`;
export const salesTable = (name: string): string => `SALES/${name}`;

const sideOf = (table: string): Side => (table.startsWith('BUSINESS/') ? 'BUSINESS' : 'SALES');

/**
 * All rows of both systems, with every change in a journal before it is answered. They are in memory, but for those of a
 * large world that nobody has changed yet: these are made when they are read.
 *
 * A transaction is a synchronous function, so requests never interleave inside one; what it wrote is taken back when it
 * throws, and is one line of the journal when it does not.
 */
export class World {
  readonly #tables = new Map<string, Table>();
  readonly #facts = new Map<string, Fact>();
  readonly #now: (side: Side) => number;
  readonly #madeRows: NonNullable<WorldOptions['madeRows']>;
  readonly #versions: Record<Side, number> = { BUSINESS: 0, SALES: 0 };
  #journal: Journal | undefined;
  /** What the last writes replaced, oldest first, for readers that lag behind. */
  #replaced: Replaced[] = [];
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  #open: { readonly changes: Change[]; readonly undo: (() => void)[]; readonly isFilling?: boolean } | undefined;
  #dataDir: string | undefined;

  private constructor({ now, madeRows = () => [] }: WorldOptions) {
    this.#now = now;
    this.#madeRows = madeRows;
  }

  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options);
    if (options.dataDir === undefined) return world;
    for await (const changes of readJournal(options.dataDir)) for (const change of changes) world.#replay(change);
    world.#dataDir = options.dataDir;
    world.#journal = Journal.begin(options.dataDir, world.#dump());
    return world;
  }

  close(): void {
    this.#journal?.close();
    this.#journal = undefined;
  }

  get isEmpty(): boolean {
    return this.#tables.size === 0;
  }

  now(side: Side): number {
    return this.#now(side);
  }

  /** The version that the next write of a side will exceed. */
  version(side: Side): number {
    return this.#versions[side];
  }

  table(name: string): Table {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const table = this.#emptyTable(name);
    this.#tables.set(name, table);
    return table;
  }

  #emptyTable(name: string): Table {
    const column = name.startsWith('BUSINESS/') ? ORDERED_BY[name.slice(name.lastIndexOf('/') + 1)] : undefined;
    return new Table(column === undefined ? () => '' : (row) => String(row.values[column] ?? ''));
  }

  tableNames(): readonly string[] {
    return [...this.#tables.keys()];
  }

  fact(name: string): Fact | undefined {
    return this.#facts.get(name);
  }

  /** Runs `work`; everything it put or removed is kept together, or not at all when it throws. */
  transaction<T>(work: () => T): T {
    if (this.#open !== undefined) throw new NestedTransactionError('a transaction of the sandbox cannot hold another');
    const open = { changes: [] as Change[], undo: [] as (() => void)[] };
    this.#open = open;
    try {
      const result = work();
      if (open.changes.length > 0) this.#committed(open.changes);
      return result;
    } catch (error) {
      for (const undo of open.undo.reverse()) undo();
      throw error;
    } finally {
      this.#open = undefined;
      for (const change of open.changes) if ('table' in change) this.table(change.table).compact();
    }
  }

  /**
   * Fills an empty world, however large: nothing is noted that could take it back, and the journal is written row by row.
   * When `work` throws, the world is empty again.
   */
  fill(work: () => void): void {
    if (this.#open !== undefined) throw new NestedTransactionError('a transaction of the sandbox cannot hold another');
    this.#open = { changes: [], undo: [], isFilling: true };
    try {
      work();
    } catch (error) {
      this.#tables.clear();
      this.#facts.clear();
      throw error;
    } finally {
      this.#open = undefined;
    }
    if (this.#journal === undefined || this.#dataDir === undefined) return;
    this.#journal.close();
    this.#journal = Journal.begin(this.#dataDir, this.#dump());
  }

  #committed(changes: readonly Change[]): void {
    this.#journal?.append(changes);
    for (const listener of this.#listeners) listener(changes);
  }

  /** Tells the listener of every transaction from now on; answers with what ends that. */
  listen(listener: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Inserts or replaces a row and answers with it, with its new version and stamps. */
  put(written: Written): Row {
    const side = sideOf(written.table);
    const before = this.table(written.table).get(written.id);
    const atMs = written.atMs ?? this.#now(side);
    const row: Row = {
      id: written.id,
      version: ++this.#versions[side],
      createdAtMs: before?.createdAtMs ?? atMs,
      modifiedAtMs: atMs,
      createdBy: before?.createdBy ?? written.by,
      modifiedBy: written.by,
      values: written.values,
    };
    this.#record({ table: written.table, put: row }, this.table(written.table).put(row));
    this.#remember({ table: written.table, id: written.id, before });
    return row;
  }

  /** Changes calculated columns: neither version nor stamps move, so nobody can see that the row changed. */
  putQuietly(table: string, id: string, values: Values): void {
    const before = this.table(table).get(id);
    if (before === undefined) return;
    const row = { ...before, values: { ...before.values, ...values } };
    this.#record({ table, quiet: row }, this.table(table).replace(row));
    this.#remember({ table, id, before });
  }

  remove(table: string, id: string): void {
    const side = sideOf(table);
    const row = this.table(table).get(id);
    const key = row === undefined ? '' : this.table(table).sortKeyOf(row).key;
    const tombstone: Tombstone = {
      id,
      version: ++this.#versions[side],
      deletedAtMs: this.#now(side),
      ...(key === '' ? {} : { key }),
    };
    this.#record({ table, gone: tombstone }, this.table(table).remove(tombstone));
    this.#remember({ table, id, before: row });
  }

  /** The rows of a table as they were so long ago, as far as the last writes are remembered: what a replica still shows. */
  asOf(name: string, agoMs: number): Table {
    const since = performance.now() - agoMs;
    const before = new Map<string, Row | undefined>();
    for (const one of this.#replaced)
      if (one.table === name && one.atMs > since && !before.has(one.id)) before.set(one.id, one.before);
    return this.table(name).copyWith(before);
  }

  #remember(replaced: Omit<Replaced, 'atMs'>): void {
    if (this.#open?.isFilling === true) return;
    this.#replaced.push({ ...replaced, atMs: performance.now() });
    if (this.#replaced.length > 2 * REMEMBERED) this.#replaced = this.#replaced.slice(-REMEMBERED);
  }

  /** Uses up a version of a side without a write. */
  skipVersion(side: Side): void {
    this.#versions[side]++;
    this.#record({ fact: VERSIONS_FACT, value: { ...this.#versions } }, () => {});
  }

  /** Sets versions aside for rows that are made when they are read; answers with the first one. */
  reserveVersions(side: Side, count: number): number {
    const first = this.#versions[side] + 1;
    this.#versions[side] += count;
    return first;
  }

  /** Adds rows that are made when they are read. Only while the world is filled. */
  makeWhenRead(plan: Fact): void {
    if (this.#open?.isFilling !== true)
      throw new Error('rows are made when they are read from the beginning, or never');
    this.#facts.set(MADE_FACT, plan);
    this.#attach(plan);
  }

  #attach(plan: Fact): void {
    for (const [table, rows] of this.#madeRows(plan)) if (rows.count > 0) this.table(table).attach(rows);
  }

  setFact(name: string, value: Fact): void {
    const before = this.#facts.get(name);
    this.#facts.set(name, value);
    this.#record({ fact: name, value }, () => {
      if (before === undefined) this.#facts.delete(name);
      else this.#facts.set(name, before);
    });
  }

  /** Empties everything. Version counters go on, so that etags and change tokens of before never fit again. */
  clear(): void {
    this.#tables.clear();
    this.#facts.clear();
    this.#replaced = [];
    this.#journal?.append([{ reset: true }, { fact: VERSIONS_FACT, value: { ...this.#versions } }]);
  }

  #record(change: Change, undo: () => void): void {
    if (this.#open === undefined) throw new Error(`a write outside a transaction: ${Object.keys(change).join(', ')}`);
    if (this.#open.isFilling === true) return;
    this.#open.changes.push(change);
    this.#open.undo.push(undo);
  }

  #replay(change: Change): void {
    if ('put' in change) {
      this.table(change.table).put(change.put);
      this.#seen(sideOf(change.table), change.put.version);
    } else if ('quiet' in change) {
      this.table(change.table).replace(change.quiet);
    } else if ('gone' in change) {
      this.table(change.table).remove(change.gone);
      this.#seen(sideOf(change.table), change.gone.version);
    } else if ('fact' in change) {
      if (change.fact === VERSIONS_FACT) this.#restoreVersions(change.value);
      else this.#facts.set(change.fact, change.value);
      if (change.fact === MADE_FACT) this.#attach(change.value);
    } else {
      this.#tables.clear();
      this.#facts.clear();
    }
  }

  #seen(side: Side, version: number): void {
    this.#versions[side] = Math.max(this.#versions[side], version);
  }

  #restoreVersions(value: Fact): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [side, version] of Object.entries(value)) this.#seen(side as Side, Number(version));
  }

  *#dump(): Generator<Change> {
    yield { fact: VERSIONS_FACT, value: { ...this.#versions } };
    for (const [fact, value] of this.#facts) yield { fact, value };
    for (const [table, rows] of this.#tables)
      for (const entry of rows.dump()) yield 'values' in entry ? { table, put: entry } : { table, gone: entry };
  }
}

const VERSIONS_FACT = 'versions';
const MADE_FACT = 'madeRows';

/** The text of a value, blank for none; for columns that are known to hold text. */
export const textOf = (value: Scalar | undefined): string =>
  value === null || value === undefined ? '' : String(value);
