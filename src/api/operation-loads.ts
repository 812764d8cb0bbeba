import DataLoader from 'dataloader';

/** Reads several objects at once; answers those that exist, in any order. */
export type ReadByIds<T> = (ids: readonly string[]) => Promise<readonly T[]>;

/** A source that the loads of one operation are gathered for. */
export interface BatchSource<T> {
  readonly byIds: ReadByIds<T>;
  idOf(item: T): string;
}

/**
 * The loads of one operation: what several fields ask of one source in one step becomes one read, and nothing is read
 * twice. Made anew for each operation, so it never answers with what another one read.
 */
export class OperationLoads {
  readonly #loaders = new Map<BatchSource<unknown>, DataLoader<string, unknown>>();

  /** The object, or null when there is none with this id. */
  one<T>(source: BatchSource<T>, id: string | null): Promise<T | null> {
    return id === null ? Promise.resolve(null) : this.#loaderOf(source).load(id);
  }

  #loaderOf<T>(source: BatchSource<T>): DataLoader<string, T | null> {
    const known = this.#loaders.get(source);
    if (known !== undefined) return known as DataLoader<string, T | null>;
    const made = new DataLoader<string, T | null>(async (ids) => {
      const found = new Map((await source.byIds(ids)).map((item) => [source.idOf(item), item]));
      return ids.map((id) => found.get(id) ?? null);
    });
    this.#loaders.set(source, made);
    return made;
  }
}
