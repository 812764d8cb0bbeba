import type { Description } from './operation.js';

/** A write that is under way. */
interface OpenWrite {
  readonly ended: Promise<void>;
}

/**
 * The writes that are under way, by the row that they name. Writes themselves take no time in a sandbox; what keeps one
 * open is a delay of the fault plan in front of it, and that is when another one may meet it.
 */
export class OpenWrites {
  readonly #open = new Map<string, OpenWrite>();

  /** Runs `work` as the write of its row. While another one is there, `meets` says what becomes of this one. */
  async during<T>(
    description: Description,
    work: () => Promise<T>,
    meets: (other: OpenWrite) => Promise<T | undefined>,
  ): Promise<T> {
    const row = rowOf(description);
    if (row === undefined) return work();
    const other = this.#open.get(row);
    if (other !== undefined) {
      const instead = await meets(other);
      if (instead !== undefined) return instead;
    }
    const ending = Promise.withResolvers<void>();
    const own: OpenWrite = { ended: ending.promise };
    this.#open.set(row, own);
    try {
      return await work();
    } finally {
      if (this.#open.get(row) === own) this.#open.delete(row);
      ending.resolve();
    }
  }
}

/** The row that an update or a deletion names, as far as an address tells it. */
function rowOf({ kind, path, entitySet }: Description): string | undefined {
  const key = kind === 'update' || kind === 'delete' ? /\(([^()]*)\)[^()]*$/.exec(path)?.[1] : undefined;
  return key === undefined ? undefined : `${entitySet}(${key.toLowerCase()})`;
}
