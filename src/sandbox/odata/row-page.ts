import type { Row, Scalar } from '../world/row.js';
import type { Candidates, Table } from '../world/table.js';
import type { Condition } from './filter-evaluation.js';

/** An order of rows that can be continued behind a row of an earlier page. No two rows are equal in it. */
export interface RowOrder {
  readonly keysOf: (row: Row) => readonly Scalar[];
  readonly compare: (a: readonly Scalar[], b: readonly Scalar[]) => number;
}

export interface PageRequest {
  readonly rows: Table;
  readonly holds: Condition<Row>;
  /** Rows outside of these do not match. */
  readonly candidates?: Candidates | undefined;
  /** Undefined for the table's own order, which needs no sorting. */
  readonly order: RowOrder | undefined;
  /** Keys of the last row of the page before. */
  readonly after: readonly Scalar[] | undefined;
  readonly skip: number;
  readonly count: number;
}

export interface Page {
  readonly rows: readonly Row[];
  /** Whether there are rows behind these. */
  readonly hasMore: boolean;
  /** Keys of the last row, to continue behind it. */
  readonly last: readonly Scalar[];
}

/** The next rows behind `after`. Rows that were put before it since are missed, and moved ones repeat, as in the real systems. */
export function takePage(request: PageRequest): Page {
  const { order, rows: table } = request;
  const found = order === undefined ? inTableOrder(request) : sorted(request, order);
  const rows = found.slice(0, request.count);
  const last = rows.at(-1);
  const keys = last === undefined ? [] : order === undefined ? ownKeys(table, last) : order.keysOf(last);
  return { rows, hasMore: found.length > rows.length, last: keys };
}

function ownKeys(table: Table, row: Row): readonly Scalar[] {
  const { key, id } = table.sortKeyOf(row);
  return [key, id];
}

function inTableOrder({ rows, holds, candidates, after, skip, count }: PageRequest): readonly Row[] {
  const taken: Row[] = [];
  let skipped = 0;
  const behind = after === undefined ? undefined : { key: String(after[0]), id: String(after[1]) };
  for (const row of rows.inOrder(behind, candidates)) {
    if (!holds(row)) continue;
    if (skipped < skip) {
      skipped++;
      continue;
    }
    taken.push(row);
    if (taken.length > count) break;
  }
  return taken;
}

/** More rows than that are not kept while the first ones are looked for. */
const LEAST_KEPT = 10_000;

function sorted({ rows, holds, candidates, after, skip, count }: PageRequest, order: RowOrder): readonly Row[] {
  const wanted = skip + count + 1;
  let found: { readonly row: Row; readonly keys: readonly Scalar[] }[] = [];
  const sortedFirst = () => found.sort((a, b) => order.compare(a.keys, b.keys)).slice(0, wanted);
  for (const row of rows.inOrder(undefined, candidates)) {
    if (!holds(row)) continue;
    const keys = order.keysOf(row);
    if (after === undefined || order.compare(keys, after) > 0) found.push({ row, keys });
    if (found.length >= Math.max(LEAST_KEPT, 2 * wanted)) found = sortedFirst();
  }
  return sortedFirst()
    .slice(skip)
    .map(({ row }) => row);
}
