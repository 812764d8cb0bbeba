import { setImmediate as turn } from 'node:timers/promises';
import type { ChangeSource, OpenChanges } from '../../../src/status-stream/change-source-store.js';
import type { LiveChangeKind, StoredChange } from '../../../src/status-stream/live-change.js';
import { CursorExpiredError } from '../../../src/status-stream/stream-cursor.js';

/** A log of writes in memory: their times count from 1, and its beginning can be dropped as a database drops it. */
export class WrittenChanges implements ChangeSource {
  readonly #writes: StoredChange[] = [];
  #dropped = 0n;
  #failures = 0;
  /** How many writes all readings together were given. */
  given = 0;
  /** How many readings are open. */
  openReadings = 0;

  write(id: string, kind: LiveChangeKind = 'CHANGED', collection = 'workers'): void {
    const time = BigInt(this.#writes.length + 1);
    this.#writes.push({ collection, id, kind, fields: null, states: null, time, at: new Date(0) });
  }

  /** Everything that was written so far is no longer kept. */
  drop(): void {
    this.#dropped = BigInt(this.#writes.length);
  }

  /** The next reads fail. */
  fail(times: number): void {
    this.#failures = times;
  }

  async position(): Promise<{ readonly number: number; readonly time: bigint }> {
    return { number: 0, time: BigInt(this.#writes.length) };
  }

  async gone(): Promise<null> {
    return null;
  }

  open(after: bigint): OpenChanges {
    let readTo = after;
    let isOpen = true;
    this.openReadings += 1;
    return {
      next: async () => {
        await turn();
        if (!isOpen) throw new Error('the reading is closed');
        if (this.#failures > 0) {
          this.#failures -= 1;
          throw new Error('the database is away');
        }
        if (readTo < this.#dropped) throw new CursorExpiredError('changes after it are no longer kept');
        const write = this.#writes[Number(readTo)];
        if (write === undefined) return null;
        this.given += 1;
        readTo = write.time;
        return write;
      },
      readTo: () => readTo,
      close: async () => {
        if (isOpen) this.openReadings -= 1;
        isOpen = false;
      },
    };
  }
}
