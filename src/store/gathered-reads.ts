import DataLoader from 'dataloader';
import type { Collection, Document, Sort } from 'mongodb';

/** Part of a collection that is read as it stands: what matches, in this order, so many at most. */
export interface Read {
  readonly filter: Document;
  readonly sort: Sort;
  readonly limit: number;
  /** Fields that are not read. */
  readonly without?: readonly string[] | undefined;
}

/** How many documents match, counted up to `limit` where there is one. */
export interface CountRead {
  readonly filter: Document;
  readonly limit?: number;
}

/**
 * Reads of one collection that are asked for in the same turn of the event loop become one command: the lists inside the
 * items of a list (the errors of each of twenty jobs) cost what one list costs.
 */
export function gatheredFind<T extends Document>(
  collection: Collection<T>,
  { filter, sort, limit, without = [] }: Read,
): Promise<T[]> {
  const projection = Object.fromEntries(without.map((field) => [field, 0]));
  return gathered(collection, {
    stages: [
      { $match: filter },
      { $sort: sort },
      { $limit: limit },
      ...(without.length === 0 ? [] : [{ $unset: [...without] }]),
    ],
    alone: () => open(collection).find(filter, { projection }).sort(sort).limit(limit).toArray(),
  }) as Promise<T[]>;
}

/** As {@link gatheredFind}, for counts. */
export async function gatheredCount<T extends Document>(
  collection: Collection<T>,
  { filter, limit }: CountRead,
): Promise<number> {
  const [found] = await gathered(collection, {
    stages: [{ $match: filter }, ...(limit === undefined ? [] : [{ $limit: limit }]), { $count: 'count' }],
    alone: async () => [{ count: await open(collection).countDocuments(filter, limit === undefined ? {} : { limit }) }],
  });
  return Number(found?.count ?? 0);
}

/** As {@link gatheredFind}, for whatever a pipeline makes of the collection. */
export function gatheredAggregate<R extends object>(collection: Collection, stages: readonly Document[]): Promise<R[]> {
  const alone = () =>
    open(collection)
      .aggregate([...stages], { allowDiskUse: true })
      .toArray();
  return gathered(collection, { stages, alone }) as Promise<R[]>;
}

interface Part {
  readonly stages: readonly Document[];
  /** The same as a command of its own, in the form that the database likes best. */
  readonly alone: () => Promise<Document[]>;
}

const open = <T extends Document>(collection: Collection<T>): Collection => collection as unknown as Collection;

// A page has no more items.
const MOST_PARTS = 100;

const gatherers = new WeakMap<object, DataLoader<Part, Document[]>>();

function gathered<T extends Document>(collection: Collection<T>, part: Part): Promise<Document[]> {
  const gatherer =
    gatherers.get(collection) ??
    // Nothing is kept: each read is of its own time.
    new DataLoader((parts: readonly Part[]) => answers(open(collection), parts), {
      cache: false,
      maxBatchSize: MOST_PARTS,
    });
  gatherers.set(collection, gatherer);
  return gatherer.load(part);
}

/** What each of the parts gives. One that cannot be read fails alone: parts of several operations may stand together. */
async function answers(collection: Collection, parts: readonly Part[]): Promise<(Document[] | Error)[]> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return [await only.alone()];
  try {
    return await together(collection, parts);
  } catch {
    const each = await Promise.allSettled(parts.map((part) => part.alone()));
    return each.map((one) => (one.status === 'fulfilled' ? one.value : asError(one.reason)));
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

// One answer holds all parts, so that a second command is needed only beyond its 16 MB.
const BATCH = 10_000;

async function together(collection: Collection, parts: readonly Part[]): Promise<Document[][]> {
  const [first = [], ...others] = parts.map(({ stages }, part) => [
    ...stages,
    { $project: { _id: 0, part: { $literal: part }, document: '$$ROOT' } },
  ]);
  const union = others.map((pipeline) => ({ $unionWith: { coll: collection.collectionName, pipeline } }));
  const found = collection.aggregate<{ part: number; document: Document }>([...first, ...union], {
    batchSize: BATCH,
    allowDiskUse: true,
  });
  const given = parts.map((): Document[] => []);
  for await (const { part, document } of found) given[part]?.push(document);
  return given;
}
