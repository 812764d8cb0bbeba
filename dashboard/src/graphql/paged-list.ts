import type { AnyVariables, Client, CombinedError, TypedDocumentNode } from '@urql/core';
import { type AskPage, PageChain } from './page-chain';

/** A Relay connection as the service answers it. */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly endCursor: string | null;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
  };
  readonly totalCount: number;
  readonly totalCountPrecision?: 'EXACT' | 'AT_LEAST';
}

/** What a node that has no such list shows of it. */
export const emptyConnection: Connection<never> = {
  edges: [],
  pageInfo: { hasNextPage: false, endCursor: null, hasPreviousPage: false, startCursor: null },
  totalCount: 0,
};

export interface PagedListOptions<Data, Variables extends AnyVariables, Node> {
  readonly client: Client;
  readonly query: TypedDocumentNode<Data, Variables>;
  /** Without the arguments of paging, which are the list's own. */
  readonly variables: Omit<Variables, 'first' | 'after' | 'last' | 'before'>;
  readonly pick: (data: Data) => Connection<Node>;
}

/** What is known of the list now. */
export interface ListState<Node> {
  /** In order from the beginning, as far as it was read. */
  readonly rows: readonly Node[];
  /** How many rows there is room for: all, where their number is known, else those that were read. */
  readonly count: number;
  /** The row at a place; undefined where it was not read yet. */
  readonly rowAt: (index: number) => Node | undefined;
  /** Null until the first answer. */
  readonly total: number | null;
  readonly isTotalExact: boolean;
  readonly hasMore: boolean;
  readonly error: CombinedError | null;
}

const nothingYet = {
  rows: [],
  count: 0,
  rowAt: () => undefined,
  total: null,
  isTotalExact: true,
  hasMore: true,
  error: null,
} as const;

/**
 * A list of any length, read page by page as it is scrolled, from whichever end is nearer: to the last row, or to any other
 * place, one need not have passed all before it.
 */
export class PagedList<Data, Variables extends AnyVariables, Node> {
  readonly #head: PageChain<Node>;
  readonly #tail: PageChain<Node>;
  #state: ListState<Node> = nothingYet;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly options: PagedListOptions<Data, Variables, Node>) {
    const onChange = (error: CombinedError | null): void => this.#publish(error);
    this.#head = new PageChain({ end: 'FIRST', ask: this.#ask, onChange });
    this.#tail = new PageChain({ end: 'LAST', ask: this.#ask, onChange });
  }

  get state(): ListState<Node> {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#head.begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#head.close();
      this.#tail.close();
    };
  }

  /** Tells which rows are on screen: their pages are followed, and read where they are not there yet. */
  show(firstRow: number, lastRow: number): void {
    const { rows, count } = this.#state;
    const tailLength = this.#tail.rows.length;
    const toHead = Math.max(0, lastRow + 1 - rows.length);
    const toTail = Math.max(0, count - tailLength - firstRow);
    const readsTail = this.#hasGap(rows.length) && toTail < toHead;
    this.#head.show(firstRow, lastRow, !readsTail);
    this.#tail.show(count - 1 - lastRow, count - 1 - firstRow, readsTail);
  }

  /** Asks the pages on screen again. */
  reload(): void {
    this.#head.reload();
    this.#tail.reload();
  }

  readonly #ask: AskPage<Node> = (page, { onPage, onError }, isNew) => {
    const { client, query, variables, pick } = this.options;
    const requestPolicy = isNew ? 'network-only' : 'cache-and-network';
    const answers = client
      .query(query, { ...variables, ...page } as unknown as Variables, { requestPolicy })
      .subscribe(({ data, error }) => {
        if (data) onPage(pick(data));
        else if (error) onError(error);
      });
    return () => answers.unsubscribe();
  };

  /** Whether rows are known to follow those that were read from the beginning. */
  #hasGap(read: number): boolean {
    const first = this.#head.outermost;
    const isExact = first !== null && first.totalCountPrecision !== 'AT_LEAST';
    return isExact && this.#head.hasMore && first.totalCount > read;
  }

  #publish(error: CombinedError | null): void {
    const first = this.#head.outermost;
    const rows = this.#head.rows;
    const count = this.#hasGap(rows.length) ? (first?.totalCount ?? 0) : rows.length;
    const tail = count > rows.length ? this.#tail.rows : [];
    this.#state = {
      rows,
      count,
      rowAt: (index) => rows[index] ?? tail[index - (count - tail.length)],
      total: first?.totalCount ?? this.#state.total,
      isTotalExact: first?.totalCountPrecision !== 'AT_LEAST',
      hasMore: this.#head.hasMore,
      error,
    };
    for (const tell of this.#listeners) tell();
  }
}
