/** Pages of items in the order of their ids; each is read once the one before has been dealt with. */
export async function* pagesOf<T>(
  read: (afterId: string | null) => Promise<readonly T[]>,
  idOf: (item: T) => string,
): AsyncGenerator<readonly T[]> {
  let afterId: string | null = null;
  for (;;) {
    const page = await read(afterId);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    afterId = idOf(last);
  }
}

/** Pages of couplings, of their history, or of other documents. */
export const pagesOfDocuments = <T extends { readonly _id: string }>(
  read: (afterId: string | null) => Promise<readonly T[]>,
): AsyncGenerator<readonly T[]> => pagesOf(read, ({ _id }) => _id);

/** Pages of records that a run has staged. */
export const pagesOfRecords = <T extends { readonly id: string }>(
  read: (afterId: string | null) => Promise<readonly T[]>,
): AsyncGenerator<readonly T[]> => pagesOf(read, ({ id }) => id);
