import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import type { Count, Page, PageRequest } from '../store/keyset-page.js';
import { badUserInput } from './api-errors.js';
import { graphqlEnum } from './graphql-enum.js';
import { DEFAULT_PAGE, LARGEST_PAGE } from './page-size.js';

export const CountPrecisionEnum = graphqlEnum<'EXACT' | 'AT_LEAST'>('CountPrecision', 'How exact a count is.', {
  EXACT: 'There are exactly so many.',
  AT_LEAST: 'Counting stopped at 10,000; there are more.',
});

@ObjectType('PageInfo', { description: 'Where a page lies in its list (Relay).', simpleResolvers: true })
class PageInfoType {
  @Field(() => Boolean, { description: 'True when the list goes on after this page.' })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'True when the list begins before this page.' })
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null for an empty page.' })
  readonly startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge; null for an empty page.' })
  readonly endCursor!: string | null;
}

/** The paging arguments of every list; lists with filters extend it. */
@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'How many from the beginning, or from `after`: 20 without, at most 100.',
  })
  readonly first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what comes after this cursor.' })
  readonly after?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many from the end, or back from `before`: at most 100.' })
  readonly last?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what comes before this cursor.' })
  readonly before?: string | null;
}

/** Makes the edge and connection types of a list, and returns the connection's. `node` may name a type that is declared later. */
export function connectionType(name: string, node: () => object): new () => object {
  @ObjectType(`${name}Edge`, { description: `One ${name} in a list.`, simpleResolvers: true })
  class EdgeType {
    @Field(() => String, { description: 'Its place in the list, for `after` and `before`.' })
    readonly cursor!: string;

    @Field(() => node(), { description: `The ${name}.` })
    readonly node!: object;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name} (Relay).`, simpleResolvers: true })
  class ConnectionType {
    @Field(() => [EdgeType], { description: 'The page, in the order of the list.' })
    readonly edges!: readonly EdgeType[];

    @Field(() => PageInfoType, { description: 'Where the page lies in the list.' })
    readonly pageInfo!: PageInfoType;

    @Field(() => Int, { description: 'How many the whole list has; counted only when asked for.' })
    readonly totalCount!: number;

    @Field(() => CountPrecisionEnum, { description: 'How exact totalCount is.' })
    readonly totalCountPrecision!: string;
  }
  return ConnectionType;
}

/** What a list's resolver answers: counts and neighbours are asked for only when the operation selects them. */
export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: () => Promise<boolean>;
    readonly hasPreviousPage: () => Promise<boolean>;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: () => Promise<number>;
  readonly totalCountPrecision: () => Promise<'EXACT' | 'AT_LEAST'>;
}

/** A list that can be read by page and counted. */
export interface PagedList<T> {
  page(request: PageRequest): Promise<Page<T>>;
  count(): Promise<Count>;
}

/** Answers one page of a list. Throws BAD_USER_INPUT for paging arguments that contradict each other, are too large or no cursors. */
export async function connectionOf<T>(args: ConnectionArgs, list: PagedList<T>): Promise<Connection<T>> {
  const request = pageRequest(args);
  const page = await list.page(request);
  const counting = new Lazy(() => list.count());
  return {
    edges: page.items.map(({ place, item }) => ({ cursor: place, node: item })),
    pageInfo: {
      hasNextPage: () => hasNext(list, request, page),
      hasPreviousPage: () => hasPrevious(list, request, page),
      startCursor: page.items[0]?.place ?? null,
      endCursor: page.items.at(-1)?.place ?? null,
    },
    totalCount: async () => (await counting.value()).count,
    totalCountPrecision: async () => ((await counting.value()).exact ? 'EXACT' : 'AT_LEAST'),
  };
}

// The page tells whether more lies between it and the cursor at its far end. What lies beyond a cursor takes a look of its own;
// a page that is empty has no edge to look from: the item of the cursor is what lies there.
async function hasNext<T>(list: PagedList<T>, request: PageRequest, page: Page<T>): Promise<boolean> {
  if (request.fromEnd !== true && page.hasMore) return true;
  if (request.before === undefined) return false;
  const last = page.items.at(-1)?.place;
  return last === undefined || isAny(await list.page({ after: last, limit: 1 }));
}

async function hasPrevious<T>(list: PagedList<T>, request: PageRequest, page: Page<T>): Promise<boolean> {
  if (request.fromEnd === true && page.hasMore) return true;
  if (request.after === undefined) return false;
  const first = page.items[0]?.place;
  return first === undefined || isAny(await list.page({ before: first, limit: 1, fromEnd: true }));
}

const isAny = (page: Page<unknown>): boolean => page.items.length > 0;

/** Reads the paging arguments. Throws BAD_USER_INPUT naming the argument that cannot be answered. */
export function pageRequest({ first, after, last, before }: ConnectionArgs): PageRequest {
  const forward = first ?? null;
  const backward = last ?? null;
  if (forward !== null && backward !== null) {
    throw badUserInput(
      'first, last: expected one of them, got both; ask for one page from the beginning and one from the end',
    );
  }
  checkSize('first', forward);
  checkSize('last', backward);
  return {
    limit: forward ?? backward ?? DEFAULT_PAGE,
    fromEnd: backward !== null,
    after: after ?? undefined,
    before: before ?? undefined,
  };
}

function checkSize(argument: string, size: number | null): void {
  if (size !== null && (size < 0 || size > LARGEST_PAGE)) {
    throw badUserInput(`${argument}: expected 0 to ${LARGEST_PAGE}, got ${size}; ask for the next page by its cursor`);
  }
}

class Lazy<T> {
  #started: Promise<T> | null = null;

  constructor(private readonly start: () => Promise<T>) {}

  value(): Promise<T> {
    this.#started ??= this.start();
    return this.#started;
  }
}
