import { abortable } from '../odata/abortable.js';

/** Lets one task of a table run at a time, in the order in which they came. */
export class TableLocks {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the task when all earlier ones of this table have ended, however they ended. An abort ends the wait at once. */
  async holding<T>(table: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.#last.get(table) ?? Promise.resolve();
    const mine = before.then(() => {
      signal.throwIfAborted();
      return task();
    });
    const ended = mine.catch(() => undefined);
    this.#last.set(table, ended);
    void ended.then(() => {
      if (this.#last.get(table) === ended) this.#last.delete(table);
    });
    return abortable(mine, signal);
  }
}
