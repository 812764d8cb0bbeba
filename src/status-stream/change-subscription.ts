import { type LiveChange, type LiveSubject, mergedKind, type StoredChange } from './live-change.js';
import { changeCursorOf } from './stream-cursor.js';
import { SubscriberTooSlowError } from './subscription.js';

/** What a subscriber of changes wants. */
export interface ChangeInterest {
  /** What a write is to this subscriber; null for nothing. */
  readonly subjectOf: (change: StoredChange) => LiveSubject | null;
  /** An object is told at most once in this time. */
  readonly intervalMs: number;
}

// So many different objects wait only for a subscriber that takes nothing any more.
const MOST_PENDING = 5_000;

interface Pending {
  readonly subject: LiveSubject;
  readonly id: string;
  kind: LiveChange['kind'];
  at: Date;
  /** Of the first write that was not told. */
  readonly since: bigint;
}

/** One subscriber's changes that were not told yet: each object stands among them once, with its latest change. */
export class ChangeSubscription {
  readonly #pending = new Map<string, Pending>();
  readonly #toldAt = new Map<string, number>();
  #seen: bigint;
  #state: 'OPEN' | 'CLOSED' | Error = 'OPEN';
  #wake: () => void = () => undefined;

  constructor(
    private readonly interest: ChangeInterest,
    from: bigint,
  ) {
    this.#seen = from;
  }

  /** Takes note of a write. One that was offered before changes nothing but the number of times that it is told. */
  offer(change: StoredChange): void {
    if (change.time > this.#seen) this.#seen = change.time;
    const subject = this.interest.subjectOf(change);
    if (subject === null || this.#state !== 'OPEN') return;
    const key = `${subject} ${change.id}`;
    const known = this.#pending.get(key);
    if (known) {
      known.kind = mergedKind(known.kind, change.kind);
      known.at = change.at;
    } else if (this.#pending.size >= MOST_PENDING) {
      return this.end(new SubscriberTooSlowError(changeCursorOf(this.#told()), MOST_PENDING));
    } else {
      this.#pending.set(key, { subject, id: change.id, kind: change.kind, at: change.at, since: change.time });
    }
    this.#wake();
  }

  /** Ends it; with an error, the subscriber gets that. */
  end(error?: Error): void {
    if (this.#state === 'OPEN') this.#state = error ?? 'CLOSED';
    this.#pending.clear();
    this.#wake();
  }

  /** The next change as soon as there is one that may be told; null when it was closed. */
  async take(): Promise<LiveChange | null> {
    for (;;) {
      if (this.#state === 'CLOSED') return null;
      if (this.#state !== 'OPEN') throw this.#state;
      const { due, waitMs } = this.#firstDue();
      if (due) return this.#tell(due);
      await this.#somethingNew(waitMs);
    }
  }

  #tell([key, { subject, id, kind, at }]: readonly [string, Pending]): LiveChange {
    this.#pending.delete(key);
    this.#toldAt.delete(key);
    this.#toldAt.set(key, Date.now());
    this.#forgetOldTimes();
    return { subject, id, kind, at, told: this.#told() };
  }

  // Writes of one transaction share one time, and the next one may still come: what is certain ends before the newest.
  #told(): bigint {
    let oldest = this.#seen;
    for (const { since } of this.#pending.values()) if (since < oldest) oldest = since;
    return oldest - 1n;
  }

  #firstDue(): { readonly due: readonly [string, Pending] | null; readonly waitMs: number | null } {
    let waitMs: number | null = null;
    for (const entry of this.#pending) {
      const left = (this.#toldAt.get(entry[0]) ?? 0) + this.interest.intervalMs - Date.now();
      if (left <= 0) return { due: entry, waitMs: null };
      waitMs = Math.min(waitMs ?? left, left);
    }
    return { due: null, waitMs };
  }

  #somethingNew(waitMs: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = waitMs === null ? undefined : setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  // Told first stands first: those that are old enough to be told again are at the beginning.
  #forgetOldTimes(): void {
    const old = Date.now() - this.interest.intervalMs;
    for (const [key, toldAt] of this.#toldAt) {
      if (toldAt > old) return;
      this.#toldAt.delete(key);
    }
  }
}
