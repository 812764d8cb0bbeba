import type { Collection, Document, Filter, Sort } from 'mongodb';
import { gatheredCount, gatheredFind } from './gathered-reads.js';

/** Which part of a list is asked for: up to `limit` after or before a place in it. With `fromEnd` the last ones. */
export interface PageRequest {
  /** Place of an item, as an earlier page gave it; exclusive. */
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
  /** True: the last `limit` items between after and before instead of the first ones; in the list's order all the same. */
  readonly fromEnd?: boolean | undefined;
}

/** Part of a list, in its order. */
export interface Page<T> {
  readonly items: readonly { readonly item: T; readonly place: string }[];
  /** True when more items follow the last one (with `fromEnd`: precede the first one). */
  readonly hasMore: boolean;
}

/** The order of a list: by one field, then by _id in the same direction. */
export interface ListOrder {
  readonly field: string;
  readonly direction: 'ASC' | 'DESC';
  /** True when items may have no value there: they come last in either direction. */
  readonly nullable?: boolean;
  /** Fields that its items are read without: large ones that no page shows. */
  readonly without?: readonly string[];
}

/** Thrown when a text is given as a place in a list that no page of that list gave out. */
export class InvalidPlaceError extends Error {
  override readonly name = 'InvalidPlaceError';
  readonly code = 'BAD_USER_INPUT';
  constructor(readonly place: string) {
    super(`"${place.slice(0, 40)}" is no cursor of this list; use one that a page of it gave, with the same order`);
  }
}

/**
 * Reads a page by comparing with the item at its edge, so that a page costs the same wherever it lies, and items that come
 * or go in between shift nothing. The list needs an index that begins with the fields of its filter and goes on with the
 * order's field and _id.
 *
 * @throws InvalidPlaceError when `after` or `before` is no place of a list in this order
 */
export async function readPage<T extends Document & { readonly _id: string }>(
  collection: Collection<T>,
  filter: Filter<T>,
  order: ListOrder,
  { after, before, limit, fromEnd = false }: PageRequest,
): Promise<Page<T>> {
  const bounds = [...beside(order, after, 'after'), ...beside(order, before, 'before')];
  const found: T[] = [];
  for (const part of partsOf(order, fromEnd)) {
    // One more than asked tells whether there is more.
    const missing = limit + 1 - found.length;
    if (missing <= 0) break;
    const query = { $and: [filter, ...bounds, ...part] } as Filter<T>;
    const sort = sortOf(order, fromEnd);
    found.push(...(await gatheredFind(collection, { filter: query, sort, limit: missing, without: order.without })));
  }
  const kept = found.slice(0, limit);
  if (fromEnd) kept.reverse();
  return { items: kept.map((item) => ({ item, place: placeOf(item, order) })), hasMore: found.length > limit };
}

/** How many items a list has: exactly, or at least so many where counting stopped. */
export interface Count {
  readonly count: number;
  readonly exact: boolean;
}

// Counting walks the index; beyond this nobody reads the number as more than "many".
const COUNTED_AT_MOST = 10_000;

/** Counts up to 10,000 matches; with `always` to the end, for filters that an index answers alone. */
export async function countMatches<T extends Document>(
  collection: Collection<T>,
  filter: Filter<T>,
  always: boolean,
): Promise<Count> {
  if (always) return { count: await gatheredCount(collection, { filter }), exact: true };
  return countedUpTo(COUNTED_AT_MOST, await gatheredCount(collection, { filter, limit: COUNTED_AT_MOST + 1 }));
}

/** The count of a list of which `counted` items were counted, more than `limit` only to know that there are more. */
const countedUpTo = (limit: number, counted: number): Count =>
  counted > limit ? { count: limit, exact: false } : { count: counted, exact: true };

// MongoDB sorts null first, so a list with items without value is read as two.
function partsOf({ field, nullable = false }: ListOrder, fromEnd: boolean): Document[][] {
  if (!nullable) return [[]];
  const parts = [[{ [field]: { $ne: null } }], [{ [field]: null }]];
  return fromEnd ? parts.reverse() : parts;
}

function sortOf({ field, direction }: ListOrder, fromEnd: boolean): Sort {
  const way = (direction === 'ASC') === fromEnd ? -1 : 1;
  return { [field]: way, _id: way };
}

function beside(order: ListOrder, place: string | undefined, side: 'after' | 'before'): Document[] {
  if (place === undefined) return [];
  const { field, direction, nullable = false } = order;
  const { value, id } = readPlace(place, order);
  const operator = (direction === 'ASC') === (side === 'after') ? '$gt' : '$lt';
  const tie = { [field]: value, _id: { [operator]: id } };
  if (value === null) return [side === 'after' ? tie : { $or: [{ [field]: { $ne: null } }, tie] }];
  const beyond: Document[] = [{ [field]: { [operator]: value } }, tie];
  return [{ $or: side === 'after' && nullable ? [...beyond, { [field]: null }] : beyond }];
}

function placeOf(item: Document & { readonly _id: string }, { field, direction }: ListOrder): string {
  const value: unknown = item[field];
  const told = value instanceof Date ? { date: value.toISOString() } : (value ?? null);
  return Buffer.from(JSON.stringify([field, direction, told, item._id])).toString('base64url');
}

type PlaceValue = string | number | Date | null;

function readPlace(place: string, order: ListOrder): { readonly value: PlaceValue; readonly id: string } {
  const [field, direction, told, id] = parseList(place);
  const value = valueOf(told);
  if (field !== order.field || direction !== order.direction || typeof id !== 'string' || value === undefined) {
    throw new InvalidPlaceError(place);
  }
  return { value, id };
}

function parseList(place: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(place, 'base64url').toString('utf8'));
    if (Array.isArray(parsed)) return parsed;
  } catch {
    // Whatever is no JSON is no place either; told below.
  }
  throw new InvalidPlaceError(place);
}

// Only plain values pass: what a caller sends must never reach the database as an operator.
function valueOf(told: unknown): PlaceValue | undefined {
  if (told === null || typeof told === 'string' || typeof told === 'number') return told;
  if (typeof told !== 'object' || !('date' in told) || typeof told.date !== 'string') return undefined;
  const date = new Date(told.date);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
