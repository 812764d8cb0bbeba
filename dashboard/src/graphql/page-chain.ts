import type { CombinedError } from '@urql/core';
import type { Connection } from './paged-list';

export const PAGE_SIZE = 100;

/** Which end of a list its pages are read from. */
export type End = 'FIRST' | 'LAST';

/** Asks for a page; answers with the way to stop following it. */
export type AskPage<Node> = (
  page: PageArguments,
  handlers: {
    readonly onPage: (connection: Connection<Node>) => void;
    readonly onError: (error: CombinedError) => void;
  },
  isNew: boolean,
) => () => void;

export type PageArguments =
  | { readonly first: number; readonly after: string | null }
  | { readonly last: number; readonly before: string | null };

export interface PageChainOptions<Node> {
  readonly end: End;
  readonly ask: AskPage<Node>;
  readonly onChange: (error: CombinedError | null) => void;
}

interface ListPage<Node> {
  readonly cursor: string | null;
  readonly close: (() => void) | null;
  readonly connection: Connection<Node> | null;
}

/**
 * Pages read one after the other from one end of a list. Only those on screen follow the cache, so that a list of 100,000
 * costs no more than what is seen of it; rows that were read stay.
 */
export class PageChain<Node> {
  #pages: ListPage<Node>[] = [];
  #readTo = -1;

  constructor(private readonly options: PageChainOptions<Node>) {}

  get isEmpty(): boolean {
    return this.#pages.length === 0;
  }

  /** The page at this end. */
  get outermost(): Connection<Node> | null {
    return this.#pages[0]?.connection ?? null;
  }

  get hasMore(): boolean {
    const innermost = this.#pages.at(-1)?.connection ?? null;
    return innermost === null || this.#hasFurther(innermost);
  }

  /** What was read, in the order of the list. */
  get rows(): Node[] {
    const pages = this.options.end === 'FIRST' ? this.#pages : this.#pages.toReversed();
    return pages.flatMap(({ connection }) => connection?.edges.map(({ node }) => node) ?? []);
  }

  begin(): void {
    if (this.isEmpty) this.#open(0, null);
  }

  /**
   * Tells which rows are on screen, counted from this end: their pages are followed. With `reads` they are read as well,
   * and the next page before its end is reached.
   */
  show(nearest: number, furthest: number, reads: boolean): void {
    const from = Math.floor(nearest / PAGE_SIZE);
    const to = Math.floor((furthest + PAGE_SIZE / 2) / PAGE_SIZE);
    this.#readTo = reads ? to : -1;
    this.#pages.forEach((page, index) => {
      const isShown = index >= from && index <= to;
      if (isShown && page.close === null) this.#open(index, page.cursor);
      if (!isShown && page.close !== null && page.connection !== null) {
        page.close();
        this.#pages[index] = { ...page, close: null };
      }
    });
    if (reads) this.begin();
    this.#readOn();
  }

  /** Asks the pages on screen again. */
  reload(): void {
    this.#pages.forEach((page, index) => {
      if (page.close !== null) this.#open(index, page.cursor, true);
    });
  }

  close(): void {
    for (const { close } of this.#pages) close?.();
    this.#pages = [];
  }

  #hasFurther({ pageInfo }: Connection<Node>): boolean {
    return this.options.end === 'FIRST' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
  }

  #furtherFrom({ pageInfo }: Connection<Node>): string | null {
    return this.options.end === 'FIRST' ? pageInfo.endCursor : pageInfo.startCursor;
  }

  #open(index: number, cursor: string | null, isNew = false): void {
    const { end, ask, onChange } = this.options;
    const previous = this.#pages[index];
    let closed = false;
    let stop: (() => void) | null = null;
    const close = (): void => {
      closed = true;
      stop?.();
    };
    this.#pages[index] = { cursor, close, connection: previous?.connection ?? null };
    previous?.close?.();
    const page = end === 'FIRST' ? { first: PAGE_SIZE, after: cursor } : { last: PAGE_SIZE, before: cursor };
    const handlers = {
      onPage: (connection: Connection<Node>) => {
        if (!closed) this.#take(index, connection);
      },
      onError: (error: CombinedError) => {
        if (!closed) onChange(error);
      },
    };
    stop = ask(page, handlers, isNew);
  }

  #take(index: number, connection: Connection<Node>): void {
    const page = this.#pages[index];
    if (page === undefined) return;
    this.#pages[index] = { ...page, connection };
    if (!this.#hasFurther(connection)) {
      for (const { close } of this.#pages.splice(index + 1)) close?.();
    }
    // A row that came or went moves the ends of the pages: the next one begins where this one now ends.
    const next = this.#pages[index + 1];
    const further = this.#furtherFrom(connection);
    if (next !== undefined && next.cursor !== further) this.#open(index + 1, further);
    this.#readOn();
    this.options.onChange(null);
  }

  #readOn(): void {
    const connection = this.#pages.at(-1)?.connection ?? null;
    const index = this.#pages.length;
    if (connection !== null && this.#hasFurther(connection) && index <= this.#readTo)
      this.#open(index, this.#furtherFrom(connection));
  }
}
