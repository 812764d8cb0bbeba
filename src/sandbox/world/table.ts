import { firstPlace, type MadeRows } from './made-rows.js';
import type { Row, Scalar, Tombstone } from './row.js';

interface Change {
  readonly version: number;
  readonly id: string;
}

const keyOrder = (a: SortKey, b: SortKey): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/** The place of a row in the table's own order. */
export interface SortKey {
  readonly key: string;
  readonly id: string;
}

/** What is known of the rows that are looked for: none outside of it can be meant. */
export interface Candidates {
  readonly ids?: readonly string[];
  readonly keys?: readonly string[];
  /** Rows changed before that are not meant, in milliseconds. */
  readonly changedFromMs?: number;
  /** Rows with another value in the column are not meant; texts may differ in case and accents. */
  readonly equal?: { readonly column: string; readonly value: Scalar } | undefined;
}

/** Rows that are made when they are read, with those of their places that were changed or deleted since. */
interface MadePart {
  readonly made: MadeRows;
  readonly covered: Set<number>;
}

/**
 * The rows of one table with two indexes: by key, for reading pages, and by version, for reading changes.
 * Only the world writes to it, inside a transaction.
 *
 * Rows are kept here once they were written; before, those of a large world are made when they are read.
 */
export class Table {
  readonly #rows = new Map<string, Row>();
  #made: readonly MadePart[] = [];
  // One entry a write, oldest first. An entry whose row has a newer version by now is skipped when read, and dropped
  // when there are more of those than rows.
  #changes: Change[] = [];
  #tombstones: Tombstone[] = [];
  #order: SortKey[] = [];
  #orderIsStale = false;
  // Where a table has an order of its own, its key names one row.
  readonly #idByKey = new Map<string, string>();
  readonly #keyOf: (row: Row) => string;

  constructor(keyOf: (row: Row) => string) {
    this.#keyOf = keyOf;
  }

  /** Adds rows that are made when they are read. Their versions and keys are in use by no other row. */
  attach(made: MadeRows): void {
    const others = [...this.#made, { made, covered: new Set<number>() }];
    this.#made = others.sort((a, b) => a.made.firstVersion - b.made.firstVersion);
  }

  get size(): number {
    return this.#made.reduce((sum, { made, covered }) => sum + made.count - covered.size, this.#rows.size);
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id) ?? this.#uncovered((made) => made.placeOfId(id));
  }

  *rows(): IterableIterator<Row> {
    yield* this.#rows.values();
    for (const part of this.#made) yield* madeFrom(part);
  }

  find(holds: (row: Row) => boolean): Row | undefined {
    for (const row of this.rows()) if (holds(row)) return row;
    return undefined;
  }

  /** The row whose key this is; only for tables that are ordered by a column. */
  withKey(key: string): Row | undefined {
    const id = this.#idByKey.get(key);
    return id === undefined ? this.#uncovered((made) => made.placeOfKey(key)) : this.#rows.get(id);
  }

  /** Rows that may have the value in the column, and all that have it. */
  *#mayHave(column: string, value: Scalar): IterableIterator<Row> {
    yield* this.#rows.values();
    for (const part of this.#made) yield* madeFrom(part, undefined, { column, value });
  }

  /** The rows that have the value in the column. */
  having(column: string, value: Scalar): readonly Row[] {
    const found: Row[] = [];
    for (const row of this.#mayHave(column, value)) if (row.values[column] === value) found.push(row);
    return found;
  }

  /** A row for which `holds` is true; it is true of none that has another value in the column. */
  findHaving(column: string, value: Scalar, holds: (row: Row) => boolean): Row | undefined {
    for (const row of this.#mayHave(column, value)) if (holds(row)) return row;
    return undefined;
  }

  /** Rows in the order of their key, beginning after `after`; where candidates are given, at least all that can be meant. */
  *inOrder(after?: SortKey, candidates?: Candidates): IterableIterator<Row> {
    const named = candidates === undefined ? undefined : this.#named(candidates);
    if (named !== undefined) {
      for (const row of named) if (after === undefined || keyOrder(this.sortKeyOf(row), after) > 0) yield row;
      return;
    }
    const from = candidates?.changedFromMs ?? Number.NEGATIVE_INFINITY;
    const streams = [
      this.#keptFrom(after),
      ...this.#made
        .filter(({ made }) => made.lastChangeMs >= from)
        .map((part) => madeFrom(part, after, candidates?.equal)),
    ];
    yield* merged(streams, (a, b) => keyOrder(this.sortKeyOf(a), this.sortKeyOf(b)));
  }

  sortKeyOf(row: Row): SortKey {
    return { key: this.#keyOf(row), id: row.id };
  }

  /** Rows written after `version`, oldest write first, each in its present state. */
  *changedSince(version: number): IterableIterator<Row> {
    yield* merged(
      [this.#keptSince(version), ...this.#made.map((part) => madeSince(part, version))],
      (a, b) => a.version - b.version,
    );
  }

  /** Deletions after `version` of rows that have not come back since. */
  *deletedSince(version: number): IterableIterator<Tombstone> {
    for (let at = firstVersionAbove(this.#tombstones, version); at < this.#tombstones.length; at++) {
      const tombstone = this.#tombstones[at];
      if (tombstone !== undefined && !this.#rows.has(tombstone.id)) yield tombstone;
    }
  }

  /** Puts a row and answers with what takes it back. */
  put(row: Row): () => void {
    const takeBack = this.#keep(row);
    this.#changes.push({ version: row.version, id: row.id });
    return () => {
      this.#changes.pop();
      takeBack();
    };
  }

  /** Replaces a row without telling readers of changes; answers with what takes it back. */
  replace(row: Row): () => void {
    const wasKept = this.#rows.has(row.id);
    const takeBack = this.#keep(row);
    if (wasKept) return takeBack;
    // Whoever reads changes from before this row's version still has to find it.
    const at = firstVersionAbove(this.#changes, row.version);
    this.#changes.splice(at, 0, { version: row.version, id: row.id });
    return () => {
      this.#changes.splice(at, 1);
      takeBack();
    };
  }

  /** Removes a row, leaves a tombstone, and answers with what takes it back. */
  remove(tombstone: Tombstone): () => void {
    const takeBack = this.#drop(tombstone.id);
    this.#tombstones.push(tombstone);
    return () => {
      this.#tombstones.pop();
      takeBack();
    };
  }

  /** A copy whose rows are those of before, as far as `before` names them; undefined stands for a row that was not there. */
  copyWith(before: ReadonlyMap<string, Row | undefined>): Table {
    const copy = new Table(this.#keyOf);
    copy.#made = this.#made.map(({ made, covered }) => ({ made, covered: new Set(covered) }));
    for (const row of this.#rows.values()) copy.#keep(row);
    for (const [id, row] of before) {
      if (row === undefined) copy.#drop(id);
      else copy.#keep(row);
    }
    return copy;
  }

  /** Adds what follows from each row of another table and has its id, which is not in use here. */
  addFollowing(other: Table, follow: (row: Row) => Row): void {
    const made = other.#made.map((part) => ({ ...part, made: followed(part.made, this.#keyOf, follow) }));
    this.#made = [...this.#made, ...made];
    for (const row of other.#rows.values()) this.#keep(follow(row));
  }

  /** Forgets superseded changes. Not inside a transaction: taking back relies on the last entry. */
  compact(): void {
    if (this.#changes.length <= 2 * this.#rows.size + 1_000) return;
    this.#changes = this.#changes.filter((change) => this.#rows.get(change.id)?.version === change.version);
  }

  /** Everything needed to build the table again but for the rows that are made, in the order of versions. */
  *dump(): IterableIterator<Row | Tombstone> {
    yield* [...this.#rows.values()].sort((a, b) => a.version - b.version);
    for (const tombstone of this.#tombstones) if (!this.#rows.has(tombstone.id)) yield tombstone;
  }

  /** Keeps a row instead of the one of before, with the index of keys; answers with what takes that back. */
  #keep(row: Row): () => void {
    const before = this.#rows.get(row.id);
    const uncover = this.#cover(row.id);
    this.#unlist(before);
    this.#rows.set(row.id, row);
    const key = this.#keyOf(row);
    if (key !== '') this.#idByKey.set(key, row.id);
    if (before === undefined || this.#keyOf(before) !== key) this.#orderIsStale = true;
    return () => this.#restore(row.id, before, uncover);
  }

  /** Forgets a row, kept or made; answers with what takes that back. */
  #drop(id: string): () => void {
    const before = this.#rows.get(id);
    const uncover = this.#cover(id);
    this.#unlist(before);
    this.#rows.delete(id);
    this.#orderIsStale = true;
    return () => this.#restore(id, before, uncover);
  }

  #restore(id: string, before: Row | undefined, uncover: () => void): void {
    if (before !== undefined) {
      this.#keep(before);
      return;
    }
    this.#unlist(this.#rows.get(id));
    this.#rows.delete(id);
    this.#orderIsStale = true;
    uncover();
  }

  /** Takes a kept row out of the index of keys. */
  #unlist(row: Row | undefined): void {
    if (row === undefined) return;
    const key = this.#keyOf(row);
    if (this.#idByKey.get(key) === row.id) this.#idByKey.delete(key);
  }

  /** From now on the row of this id is no longer made; answers with what takes that back. */
  #cover(id: string): () => void {
    for (const { made, covered } of this.#made) {
      const at = made.placeOfId(id);
      if (at === undefined || covered.has(at)) continue;
      covered.add(at);
      return () => covered.delete(at);
    }
    return () => undefined;
  }

  #uncovered(placeIn: (made: MadeRows) => number | undefined): Row | undefined {
    for (const { made, covered } of this.#made) {
      const at = placeIn(made);
      if (at !== undefined && !covered.has(at)) return made.row(at);
    }
    return undefined;
  }

  /** The rows of ids or keys that candidates name, in the order of the table; undefined where they name none. */
  #named({ ids, keys }: Candidates): readonly Row[] | undefined {
    if (ids === undefined && keys === undefined) return undefined;
    const found = new Map<string, Row>();
    for (const row of [...(ids ?? []).map((id) => this.get(id)), ...(keys ?? []).map((key) => this.withKey(key))])
      if (row !== undefined) found.set(row.id, row);
    return [...found.values()].sort((a, b) => keyOrder(this.sortKeyOf(a), this.sortKeyOf(b)));
  }

  *#keptFrom(after: SortKey | undefined): IterableIterator<Row> {
    const order = this.#sorted();
    const first = after === undefined ? 0 : firstPlace(order.length, (at) => isAbove(order[at], after));
    for (let at = first; at < order.length; at++) {
      const row = this.#rows.get(order[at]?.id ?? '');
      if (row !== undefined) yield row;
    }
  }

  *#keptSince(version: number): IterableIterator<Row> {
    for (let at = firstVersionAbove(this.#changes, version); at < this.#changes.length; at++) {
      const change = this.#changes[at];
      const row = change && this.#rows.get(change.id);
      if (row !== undefined && row.version === change?.version) yield row;
    }
  }

  #sorted(): readonly SortKey[] {
    if (this.#orderIsStale) {
      this.#order = Array.from(this.#rows.values(), (row) => this.sortKeyOf(row)).sort(keyOrder);
      this.#orderIsStale = false;
    }
    return this.#order;
  }
}

const isAbove = (entry: SortKey | undefined, key: SortKey): boolean => entry !== undefined && keyOrder(entry, key) > 0;

const firstVersionAbove = (entries: readonly { readonly version: number }[], version: number): number =>
  firstPlace(entries.length, (at) => (entries[at]?.version ?? 0) > version);

const followed = (made: MadeRows, keyOf: (row: Row) => string, follow: (row: Row) => Row): MadeRows => ({
  ...made,
  row: (at) => follow(made.row(at)),
  keyAt: (at) => keyOf(follow(made.row(at))),
  placeOfKey: () => undefined,
  placesWith: () => undefined,
});

/** The rows behind `after`; of those, where the places of a column's values are known, the ones that may have the value. */
function* madeFrom({ made, covered }: MadePart, after?: SortKey, equal?: Candidates['equal']): IterableIterator<Row> {
  const first =
    after === undefined
      ? 0
      : firstPlace(made.count, (at) => keyOrder({ key: made.keyAt(at), id: made.idAt(at) }, after) > 0);
  const places = equal && made.placesWith(equal.column, equal.value);
  for (const at of places ?? placesFrom(first, made.count)) if (at >= first && !covered.has(at)) yield made.row(at);
}

function* placesFrom(first: number, count: number): IterableIterator<number> {
  for (let at = first; at < count; at++) yield at;
}

function* madeSince({ made, covered }: MadePart, version: number): IterableIterator<Row> {
  for (let at = Math.max(0, version - made.firstVersion + 1); at < made.count; at++)
    if (!covered.has(at)) yield made.row(at);
}

/** Rows of several streams, each in order, as one stream in that order. */
function* merged(
  streams: readonly IterableIterator<Row>[],
  compare: (a: Row, b: Row) => number,
): IterableIterator<Row> {
  const heads = streams.flatMap((stream) => {
    const { value, done } = stream.next();
    return done === true ? [] : [{ stream, row: value }];
  });
  while (heads.length > 0) {
    const head = heads.reduce((least, one) => (compare(one.row, least.row) < 0 ? one : least));
    yield head.row;
    const { value, done } = head.stream.next();
    if (done === true) heads.splice(heads.indexOf(head), 1);
    else head.row = value;
  }
}
