/** Leave to have one request under way; to be given back exactly once, whatever became of the request. */
export interface Permit {
  release(): void;
}

/**
 * What all requests of one user at one system pass through, because the system counts them together. The interface says
 * nothing of where the count is kept: permits can be shared between processes behind it.
 */
export interface Gate {
  /** Waits for a free place and for the end of a pause. Rejects with the signal's reason when it aborts. */
  enter(signal: AbortSignal): Promise<Permit>;
  /** Lets nobody in for so long: the system asked to wait. A shorter pause does not end a longer one. */
  pause(durationMs: number): void;
  /** What the system recommends now as number of parallel requests; more than its limit is not taken. */
  adviseConcurrency(requests: number): void;
  /** A request waited in the system's own queue until it gave up: half as many at once, and more again bit by bit. */
  narrow(): void;
}

/** Places of a gate, at first and at most, and what the system takes in a window of time. */
export interface GateLimits {
  readonly initial: number;
  readonly maximum: number;
  /** Absent where the system counts no requests by time. */
  readonly window?: { readonly requests: number; readonly seconds: number };
}

/** Which part of the places is this process's, among all that use the system. */
export interface GateShare {
  readonly processes: number;
  /** From 0: the first ones get what cannot be divided evenly. */
  readonly place: number;
}

/** What goes through a gate. */
export interface GateUse {
  readonly busy: number;
  readonly waiting: number;
  /** Requests let in since the gate was made. */
  readonly admitted: number;
  /** Places of all processes together. */
  readonly concurrentLimit: number;
}

/**
 * The name of the gate of one user at one system: limits count per user, also over several connections, and two kinds of
 * system count for themselves though one host may carry both.
 */
export const gateName = (kind: string, baseUrl: URL, user: string): string => `${kind} ${baseUrl.origin} ${user}`;

/** Gives the gate of a system and user, always the same one for the same name. */
export interface Gates {
  gateOf(name: string, limits: GateLimits): Gate;
}

/** A system's Retry-After beyond this is taken for a mistake of the system; what fails by it is tried in a later run. */
const MAX_PAUSE_MS = 10 * 60_000;

/** Gates of this process alone. One instance belongs to all connectors of the process. */
export class LocalGates implements Gates {
  readonly #gates = new Map<string, LocalGate>();

  gateOf(name: string, limits: GateLimits): Gate {
    const known = this.#gates.get(name);
    if (known !== undefined) return known;
    const gate = new LocalGate(limits);
    this.#gates.set(name, gate);
    return gate;
  }
}

interface Waiter {
  readonly admit: (permit: Permit) => void;
}

/** After a queue of the system gave up, one more place is tried after each so long. */
const WIDEN_EVERY_MS = 5_000;
const NARROW_EVERY_MS = 1_000;

/** First come, first served. */
export class LocalGate implements Gate {
  readonly #limits: GateLimits;
  readonly #waiting = new Set<Waiter>();
  #advised: number;
  #narrowed: { readonly places: number; readonly atMs: number } | null = null;
  #share: GateShare = { processes: 1, place: 0 };
  #busy = 0;
  #admitted = 0;
  #pausedUntilMs = 0;
  #endOfPause: NodeJS.Timeout | null = null;

  constructor(limits: GateLimits) {
    this.#limits = limits;
    this.#advised = limits.initial;
  }

  async enter(signal: AbortSignal): Promise<Permit> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        this.#forgetEndOfPause();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        admit: (permit) => {
          signal.removeEventListener('abort', leave);
          resolve(permit);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(waiter);
      this.#admitWaiting();
    });
  }

  pause(durationMs: number): void {
    const until = performance.now() + Math.min(durationMs, MAX_PAUSE_MS);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, until);
  }

  adviseConcurrency(requests: number): void {
    if (!Number.isInteger(requests) || requests < 1) return;
    this.#advised = Math.min(requests, this.#limits.maximum);
    this.#admitWaiting();
  }

  narrow(): void {
    // Requests that failed together tell of one queue.
    if (this.#narrowed !== null && performance.now() - this.#narrowed.atMs < NARROW_EVERY_MS) return;
    this.#narrowed = { places: Math.max(1, Math.floor(this.#allPlaces() / 2)), atMs: performance.now() };
  }

  /** Takes this part of the places from now on; at least one. */
  hold(share: GateShare): void {
    this.#share = share;
    this.#admitWaiting();
  }

  use(): GateUse {
    return {
      busy: this.#busy,
      waiting: this.#waiting.size,
      admitted: this.#admitted,
      concurrentLimit: this.#allPlaces(),
    };
  }

  pauseLeftMs(): number {
    return Math.max(0, this.#pausedUntilMs - performance.now());
  }

  /** Places of all processes together. */
  #allPlaces(): number {
    if (this.#narrowed === null) return this.#advised;
    const widened = Math.floor((performance.now() - this.#narrowed.atMs) / WIDEN_EVERY_MS);
    const places = this.#narrowed.places + widened;
    if (places < this.#advised) return places;
    this.#narrowed = null;
    return this.#advised;
  }

  #places(): number {
    const { processes, place } = this.#share;
    const all = this.#allPlaces();
    return Math.max(1, Math.floor(all / processes) + (place < all % processes ? 1 : 0));
  }

  #admitWaiting(): void {
    const pauseMs = this.#pausedUntilMs - performance.now();
    if (pauseMs > 0) {
      this.#admitAfter(pauseMs);
      return;
    }
    for (const waiter of this.#waiting) {
      if (this.#busy >= this.#places()) return;
      this.#waiting.delete(waiter);
      this.#busy += 1;
      this.#admitted += 1;
      waiter.admit(this.#permit());
    }
  }

  #admitAfter(pauseMs: number): void {
    if (this.#endOfPause !== null || this.#waiting.size === 0) return;
    this.#endOfPause = setTimeout(() => {
      this.#endOfPause = null;
      this.#admitWaiting();
    }, Math.ceil(pauseMs));
  }

  /** A timer that nobody waits for would keep the process alive. */
  #forgetEndOfPause(): void {
    if (this.#waiting.size > 0 || this.#endOfPause === null) return;
    clearTimeout(this.#endOfPause);
    this.#endOfPause = null;
  }

  #permit(): Permit {
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        this.#busy -= 1;
        this.#admitWaiting();
      },
    };
  }
}
