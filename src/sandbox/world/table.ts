import type { Row, Tombstone } from './row.js';

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

/**
 * The rows of one table with two indexes: by key, for reading pages, and by version, for reading changes.
 * Only the world writes to it, inside a transaction.
 */
export class Table {
  readonly #rows = new Map<string, Row>();
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

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  rows(): IterableIterator<Row> {
    return this.#rows.values();
  }

  find(holds: (row: Row) => boolean): Row | undefined {
    for (const row of this.#rows.values()) if (holds(row)) return row;
    return undefined;
  }

  /** The row whose key this is; only for tables that are ordered by a column. */
  withKey(key: string): Row | undefined {
    return this.#rows.get(this.#idByKey.get(key) ?? '');
  }

  /** Rows in the order of their key, beginning after `after`. */
  *inOrder(after?: SortKey): IterableIterator<Row> {
    const order = this.#sorted();
    for (let at = after === undefined ? 0 : firstAbove(order, after); at < order.length; at++) {
      const row = this.#rows.get(order[at]?.id ?? '');
      if (row !== undefined) yield row;
    }
  }

  sortKeyOf(row: Row): SortKey {
    return { key: this.#keyOf(row), id: row.id };
  }

  /** Rows written after `version`, oldest write first, each in its present state. */
  *changedSince(version: number): IterableIterator<Row> {
    for (let at = firstVersionAbove(this.#changes, version); at < this.#changes.length; at++) {
      const change = this.#changes[at];
      const row = change && this.#rows.get(change.id);
      if (row !== undefined && row.version === change?.version) yield row;
    }
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
    const before = this.#rows.get(row.id);
    this.#exchange(before, row);
    this.#changes.push({ version: row.version, id: row.id });
    return () => {
      this.#changes.pop();
      this.#exchange(row, before);
    };
  }

  /** Replaces a row without telling readers of changes; answers with what takes it back. */
  replace(row: Row): () => void {
    const before = this.#rows.get(row.id);
    this.#exchange(before, row);
    return () => this.#exchange(row, before);
  }

  /** Removes a row, leaves a tombstone, and answers with what takes it back. */
  remove(tombstone: Tombstone): () => void {
    const before = this.#rows.get(tombstone.id);
    this.#exchange(before, undefined);
    this.#tombstones.push(tombstone);
    return () => {
      this.#tombstones.pop();
      this.#exchange(undefined, before);
    };
  }

  /** Puts `after` in the place of `before`, with the index of keys. */
  #exchange(before: Row | undefined, after: Row | undefined): void {
    const [oldKey, newKey] = [before && this.#keyOf(before), after && this.#keyOf(after)];
    if (oldKey !== newKey) {
      this.#orderIsStale = true;
      if (oldKey !== undefined && this.#idByKey.get(oldKey) === before?.id) this.#idByKey.delete(oldKey);
      if (newKey !== undefined && newKey !== '' && after !== undefined) this.#idByKey.set(newKey, after.id);
    }
    if (after !== undefined) this.#rows.set(after.id, after);
    else if (before !== undefined) this.#rows.delete(before.id);
  }

  /** Forgets superseded changes. Not inside a transaction: taking back relies on the last entry. */
  compact(): void {
    if (this.#changes.length <= 2 * this.#rows.size + 1_000) return;
    this.#changes = this.#changes.filter((change) => this.#rows.get(change.id)?.version === change.version);
  }

  #sorted(): readonly SortKey[] {
    if (this.#orderIsStale) {
      this.#order = Array.from(this.#rows.values(), (row) => this.sortKeyOf(row)).sort(keyOrder);
      this.#orderIsStale = false;
    }
    return this.#order;
  }

  /** Everything needed to build the table again, in the order of versions. */
  *dump(): IterableIterator<Row | Tombstone> {
    yield* [...this.#rows.values()].sort((a, b) => a.version - b.version);
    for (const tombstone of this.#tombstones) if (!this.#rows.has(tombstone.id)) yield tombstone;
  }
}

function firstAbove(order: readonly SortKey[], key: SortKey): number {
  return firstIndex(order, (entry) => keyOrder(entry, key) > 0);
}

function firstVersionAbove(entries: readonly { readonly version: number }[], version: number): number {
  return firstIndex(entries, (entry) => entry.version > version);
}

/** Binary search: the first index for which `holds` is true, given that it stays true behind it. */
function firstIndex<T>(entries: readonly T[], holds: (entry: T) => boolean): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && holds(entry)) high = middle;
    else low = middle + 1;
  }
  return low;
}
