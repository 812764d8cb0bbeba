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
}

/** Places of a gate, at first and at most. */
export interface GateLimits {
  readonly initial: number;
  readonly maximum: number;
}

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

/** First come, first served. */
export class LocalGate implements Gate {
  readonly #limits: GateLimits;
  readonly #waiting = new Set<Waiter>();
  #places: number;
  #busy = 0;
  #pausedUntilMs = 0;
  #endOfPause: NodeJS.Timeout | null = null;

  constructor(limits: GateLimits) {
    this.#limits = limits;
    this.#places = limits.initial;
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
    this.#places = Math.min(requests, this.#limits.maximum);
    this.#admitWaiting();
  }

  #admitWaiting(): void {
    const pauseMs = this.#pausedUntilMs - performance.now();
    if (pauseMs > 0) {
      this.#admitAfter(pauseMs);
      return;
    }
    for (const waiter of this.#waiting) {
      if (this.#busy >= this.#places) return;
      this.#waiting.delete(waiter);
      this.#busy += 1;
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
