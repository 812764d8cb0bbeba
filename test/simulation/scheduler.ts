import type { Seeded } from '../support/seeded.js';

/** Whoever takes steps: a worker of the service, or one of the systems with a request on its way. */
export interface Actor {
  /** False once it died: nothing of it happens any more. */
  alive: boolean;
  /** It stands still until then. */
  stalledUntil: number;
}

interface PendingStep {
  readonly actor: Actor;
  /** Not before then. */
  readonly at: number;
  readonly go: () => void;
  /** Called when the actor dies before the step. */
  readonly onDeath: () => void;
}

/** Time that a step takes at most. */
const STEP_MS = 200;

/**
 * Decides who takes the next step. Everything that waits for anything waits here, and one step is taken at a time, in an
 * order that repeats with its seed; the time is the simulation's own.
 */
export class Scheduler {
  /** Milliseconds since the beginning. */
  time = 0;
  steps = 0;
  private pending: PendingStep[] = [];

  constructor(
    private readonly random: Seeded,
    /** Called before each step, at its time. */
    private readonly before: () => void,
  ) {}

  /** Resolves when it is this actor's turn; never, when it dies before. */
  turn(actor: Actor, delayMs = 0, onDeath: () => void = () => undefined): Promise<void> {
    return new Promise((go) => {
      this.pending.push({ actor, at: this.time + delayMs, go, onDeath });
    });
  }

  /** From now on nothing of the actor happens any more. */
  kill(actor: Actor): void {
    actor.alive = false;
    const steps = this.pending.filter((step) => step.actor === actor);
    this.pending = this.pending.filter((step) => step.actor !== actor);
    for (const step of steps) step.onDeath();
  }

  /** Takes steps until it is over, or until nobody has one to take. */
  async run(isOver: () => boolean): Promise<void> {
    for (;;) {
      await everythingWaits();
      if (isOver() || this.pending.length === 0) return;
      const step = this.choose();
      this.steps += 1;
      this.before();
      if (step.actor.alive) step.go();
      else step.onDeath();
    }
  }

  private choose(): PendingStep {
    this.time += Math.floor(this.random.fraction() * STEP_MS);
    let ready = this.pending.filter((step) => readyAt(step) <= this.time);
    if (ready.length === 0) {
      this.time = Math.min(...this.pending.map(readyAt));
      ready = this.pending.filter((step) => readyAt(step) <= this.time);
    }
    const chosen = ready[Math.floor(this.random.fraction() * ready.length)]!;
    this.pending.splice(this.pending.indexOf(chosen), 1);
    return chosen;
  }
}

const readyAt = ({ actor, at }: PendingStep): number => Math.max(at, actor.stalledUntil);

/** All promises that can settle have settled: whoever is left waits for its turn. */
const everythingWaits = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
