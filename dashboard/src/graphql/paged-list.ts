import type { AnyVariables, Client, CombinedError, TypedDocumentNode } from '@urql/core';

/** A Relay connection as the service answers it. */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number;
  readonly totalCountPrecision?: 'EXACT' | 'AT_LEAST';
}

export interface PagedListOptions<Data, Variables extends AnyVariables, Node> {
  readonly client: Client;
  readonly query: TypedDocumentNode<Data, Variables>;
  /** Without first and after, which are the list's own. */
  readonly variables: Omit<Variables, 'first' | 'after'>;
  readonly pick: (data: Data) => Connection<Node>;
}

/** What is known of the list now. */
export interface ListState<Node> {
  /** In order, as far as it was read. */
  readonly rows: readonly Node[];
  /** Null until the first answer. */
  readonly total: number | null;
  readonly isTotalExact: boolean;
  readonly hasMore: boolean;
  readonly error: CombinedError | null;
}

interface ListPage<Node> {
  readonly after: string | null;
  readonly close: (() => void) | null;
  readonly connection: Connection<Node> | null;
}

export const PAGE_SIZE = 100;

/**
 * A list of any length, read page by page as it is scrolled. Only the pages on screen follow the cache, so that a list of
 * 100,000 costs no more than what is seen of it; rows that were read stay.
 */
export class PagedList<Data, Variables extends AnyVariables, Node> {
  #pages: ListPage<Node>[] = [];
  #shown = { from: 0, to: 0 };
  #state: ListState<Node> = { rows: [], total: null, isTotalExact: true, hasMore: true, error: null };
  readonly #listeners = new Set<() => void>();

  constructor(private readonly options: PagedListOptions<Data, Variables, Node>) {}

  get state(): ListState<Node> {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#pages.length === 0) this.#open(0, null);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      for (const { close } of this.#pages) close?.();
      this.#pages = [];
    };
  }

  /** Tells which rows are on screen: their pages are followed, the next one is read before the end is reached. */
  show(firstRow: number, lastRow: number): void {
    this.#shown = { from: Math.floor(firstRow / PAGE_SIZE), to: Math.floor((lastRow + PAGE_SIZE / 2) / PAGE_SIZE) };
    const isShown = (index: number): boolean => index >= this.#shown.from && index <= this.#shown.to;
    this.#pages.forEach((page, index) => {
      if (isShown(index) && page.close === null) this.#open(index, page.after);
      if (!isShown(index) && page.close !== null && page.connection !== null) {
        page.close();
        this.#pages[index] = { ...page, close: null };
      }
    });
    this.#readOn();
  }

  /** Asks the pages on screen again. */
  reload(): void {
    this.#pages.forEach((page, index) => {
      if (page.close !== null) this.#open(index, page.after, 'network-only');
    });
  }

  #open(
    index: number,
    after: string | null,
    requestPolicy: 'cache-and-network' | 'network-only' = 'cache-and-network',
  ): void {
    const { client, query, variables, pick } = this.options;
    const previous = this.#pages[index];
    const given = { ...variables, first: PAGE_SIZE, after } as unknown as Variables;
    let closed = false;
    let answers: { readonly unsubscribe: () => void } | null = null;
    const close = (): void => {
      closed = true;
      answers?.unsubscribe();
    };
    this.#pages[index] = { after, close, connection: previous?.connection ?? null };
    previous?.close?.();
    answers = client.query(query, given, { requestPolicy }).subscribe(({ data, error }) => {
      if (closed) return;
      if (data) this.#take(index, pick(data));
      else if (error) this.#publish(error);
    });
  }

  #take(index: number, connection: Connection<Node>): void {
    const page = this.#pages[index];
    if (page === undefined) return;
    this.#pages[index] = { ...page, connection };
    if (!connection.pageInfo.hasNextPage) {
      for (const { close } of this.#pages.splice(index + 1)) close?.();
    }
    // A row that came or went moves the ends of the pages: the next one begins where this one now ends.
    const next = this.#pages[index + 1];
    if (next !== undefined && next.after !== connection.pageInfo.endCursor)
      this.#open(index + 1, connection.pageInfo.endCursor);
    this.#readOn();
    this.#publish(null);
  }

  #readOn(): void {
    const last = this.#pages.at(-1);
    const index = this.#pages.length;
    if (last?.connection?.pageInfo.hasNextPage && index <= this.#shown.to)
      this.#open(index, last.connection.pageInfo.endCursor);
  }

  #publish(error: CombinedError | null): void {
    const [first] = this.#pages;
    this.#state = {
      rows: this.#pages.flatMap(({ connection }) => connection?.edges.map(({ node }) => node) ?? []),
      total: first?.connection?.totalCount ?? this.#state.total,
      isTotalExact: first?.connection?.totalCountPrecision !== 'AT_LEAST',
      hasMore: this.#pages.at(-1)?.connection?.pageInfo.hasNextPage ?? true,
      error,
    };
    for (const tell of this.#listeners) tell();
  }
}
