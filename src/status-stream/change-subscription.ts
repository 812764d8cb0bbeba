import type { OpenChanges } from './change-source-store.js';
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

/** What was written before a subscriber followed, read only as far as it takes it. */
export interface MissedChanges extends OpenChanges {
  /** True when all that the process's reader has passed on was given: from now on that passes on the rest. */
  isComplete(): boolean;
}

/** Where a subscription begins, and who is told of its course. */
export interface SubscriptionCourse {
  /** What was written up to this time is not told. */
  readonly from: bigint;
  /** What is to be read first; null when there is nothing. */
  readonly missed: MissedChanges | null;
  /** Called at the moment from which on each write has to be offered. */
  readonly isLive: (subscription: ChangeSubscription) => void;
  readonly hasEnded: (subscription: ChangeSubscription) => void;
}

// So many different objects wait only for a subscriber that takes nothing any more.
const MOST_PENDING = 5_000;
// Many enough that several changes of one object are told as one, few enough for many that catch up at once.
const MOST_READ_AHEAD = 1_000;

interface Pending {
  readonly subject: LiveSubject;
  readonly id: string;
  kind: LiveChange['kind'];
  at: Date;
  states: LiveChange['states'];
  /** Of the first write that was not told. */
  readonly since: bigint;
}

/**
 * One subscriber's changes that were not told yet: each object stands among them once, with its latest change. After a resume
 * it reads by itself what was missed, at the pace at which that is taken; then writes are offered to it as they come.
 */
export class ChangeSubscription {
  // In the order of their first write that was not told.
  readonly #pending = new Map<string, Pending>();
  readonly #toldAt = new Map<string, number>();
  #missed: MissedChanges | null;
  /** Everything up to it was offered. */
  #offeredTo: bigint;
  #seen: bigint;
  #state: 'OPEN' | 'CLOSED' | { readonly error: unknown } = 'OPEN';
  #wake: () => void = () => undefined;

  constructor(
    private readonly interest: ChangeInterest,
    private readonly course: SubscriptionCourse,
  ) {
    this.#seen = this.#offeredTo = course.from;
    this.#missed = course.missed;
    if (this.#missed === null) course.isLive(this);
  }

  /** Reads the first of what was missed. Throws CursorExpiredError when that is no longer kept. */
  async begin(): Promise<void> {
    try {
      await this.#readMissed();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Takes note of a write. Writes come in the order of their times; one that was offered already changes nothing. */
  offer(change: StoredChange): void {
    if (change.time <= this.#offeredTo) return;
    if (change.time > this.#seen) this.#seen = change.time;
    const subject = this.interest.subjectOf(change);
    if (subject === null || this.#state !== 'OPEN') return;
    const key = `${subject} ${change.id}`;
    const known = this.#pending.get(key);
    if (known) {
      known.kind = mergedKind(known.kind, change.kind);
      known.at = change.at;
      known.states = known.states && change.states && new Set([...known.states, ...change.states]);
    } else if (this.#pending.size >= MOST_PENDING) {
      return this.end(new SubscriberTooSlowError(changeCursorOf(this.#told()), MOST_PENDING));
    } else {
      const { id, kind, at, states, time: since } = change;
      this.#pending.set(key, { subject, id, kind, at, states: states && new Set(states), since });
    }
    this.#wake();
  }

  /** Ends it; with an error, the subscriber gets that. */
  end(error?: unknown): void {
    if (this.#state !== 'OPEN') return;
    this.#state = error === undefined ? 'CLOSED' : { error };
    this.#pending.clear();
    void this.#missed?.close();
    this.course.hasEnded(this);
    this.#wake();
  }

  /** The next change as soon as there is one that may be told; null when it was closed. */
  async take(): Promise<LiveChange | null> {
    for (;;) {
      if (this.#state === 'OPEN' && this.#mayReadOn) await this.#readMissed().catch((error) => this.end(error));
      if (this.#state === 'CLOSED') return null;
      if (this.#state !== 'OPEN') throw this.#state.error;
      const { due, waitMs } = this.#firstDue();
      if (due) return this.#tell(due);
      if (!this.#mayReadOn) await this.#somethingNew(waitMs);
    }
  }

  get #mayReadOn(): boolean {
    return this.#missed !== null && this.#pending.size < MOST_READ_AHEAD;
  }

  // Reads as far ahead as it may, or up to where it had to wait for the next one.
  async #readMissed(): Promise<void> {
    while (this.#state === 'OPEN' && this.#missed !== null && this.#mayReadOn) {
      const missed = this.#missed;
      const change = await missed.next();
      if (change !== null) this.offer(change);
      if (missed.isComplete()) this.#goLive(missed);
      else if (change === null) return;
    }
  }

  // No turn of the event loop lies between what `isComplete` said and this: what comes next is offered.
  #goLive(missed: MissedChanges): void {
    if (this.#state !== 'OPEN') return;
    this.#offeredTo = missed.readTo();
    this.#missed = null;
    this.course.isLive(this);
    void missed.close();
  }

  #tell([key, { subject, id, kind, at, states }]: readonly [string, Pending]): LiveChange {
    this.#pending.delete(key);
    this.#toldAt.delete(key);
    this.#toldAt.set(key, Date.now());
    this.#forgetOldTimes();
    return { subject, id, kind, at, states, told: this.#told() };
  }

  // Writes of one transaction share one time, and the next one may still come: what is certain ends before the newest.
  #told(): bigint {
    const [first] = this.#pending.values();
    return (first?.since ?? this.#seen) - 1n;
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
