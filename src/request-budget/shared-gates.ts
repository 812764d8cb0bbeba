import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Gate, type GateLimits, type Gates, LocalGate, type Permit } from '../connectors/odata/gate.js';
import { DEFAULT_WINDOW_SECONDS, LIVE_MS, pauseLeftMs, SLOT_SECONDS, type SystemUse, shareOf } from './system-use.js';
import type { SystemUseStore } from './system-use-store.js';

interface Sharing {
  readonly store: Pick<SystemUseStore, 'tell'>;
  readonly logger: Logger;
}

/** While a system is used, its use is told so often. */
const TELL_EVERY_MS = 1_000;

/** A database that answers slower is not waited for: what is known goes on to hold. */
const TELL_TIMEOUT_MS = 2_000;

/** The first request after a rest waits for the others' word, but no longer than this. */
const FIRST_WORD_MS = 250;

/** A share that was not confirmed for so long may have been given to others. */
const UNHEARD_MS = LIVE_MS;

/**
 * Gates whose permits are divided between all processes that use a system now, at least one each, and whose pauses hold for
 * all of them. The word goes through the database, about once a second for each system in use and never while a request
 * waits for its permit, but for the first one after a rest. While the database does not answer, a process goes on with one
 * permit. Once the window of the last use has ended, that is told too: whoever watches the budget sees that it is unused again.
 */
export class SharedGates implements Gates {
  readonly #processId = randomUUID();
  readonly #sharing: Sharing;
  readonly #gates = new Map<string, SharedGate>();

  constructor(sharing: Sharing) {
    this.#sharing = sharing;
  }

  gateOf(name: string, limits: GateLimits): Gate {
    const known = this.#gates.get(name);
    if (known !== undefined) return known;
    const gate = new SharedGate(name, this.#processId, limits, this.#sharing);
    this.#gates.set(name, gate);
    return gate;
  }

  /** Gives the permits back to the others. */
  async close(): Promise<void> {
    await Promise.all([...this.#gates.values()].map((gate) => gate.close()));
  }
}

class SharedGate implements Gate {
  readonly #local: LocalGate;
  /** The word that is under way. */
  #telling: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** While the system rests: tells that the window in which it was used has ended. */
  #lastWord: NodeJS.Timeout | null = null;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #toldRequests = 0;
  #pauseToTell: { readonly untilMs: number } | null = null;
  #closed = false;

  constructor(
    private readonly name: string,
    private readonly processId: string,
    private readonly limits: GateLimits,
    private readonly sharing: Sharing,
  ) {
    this.#local = new LocalGate(limits);
    this.#local.hold(ONE_PERMIT);
  }

  async enter(signal: AbortSignal): Promise<Permit> {
    signal.throwIfAborted();
    if (this.#timer === null && !this.#closed) await this.#begin();
    return this.#local.enter(signal);
  }

  pause(durationMs: number): void {
    this.#local.pause(durationMs);
    this.#pauseToTell = { untilMs: performance.now() + this.#local.pauseLeftMs() };
    void this.#tell(false);
  }

  adviseConcurrency(requests: number): void {
    this.#local.adviseConcurrency(requests);
  }

  narrow(): void {
    this.#local.narrow();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#lastWord !== null) clearTimeout(this.#lastWord);
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    await this.#telling;
    await this.#tell(true);
  }

  /** The use of the system begins: from now on it is told, and the first request hears of the others before it goes. */
  async #begin(): Promise<void> {
    if (this.#lastWord !== null) clearTimeout(this.#lastWord);
    this.#timer = setInterval(() => void this.#goOn(), TELL_EVERY_MS);
    this.#timer.unref();
    await Promise.race([this.#tell(false), sleep(FIRST_WORD_MS, undefined, { ref: false })]);
  }

  async #goOn(): Promise<void> {
    const { busy, waiting, admitted } = this.#local.use();
    const rests = busy === 0 && waiting === 0 && admitted === this.#toldRequests && this.#pauseToTell === null;
    if (rests && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
      const { seconds = DEFAULT_WINDOW_SECONDS } = this.limits.window ?? {};
      this.#lastWord = setTimeout(() => void this.#tell(true), (seconds + SLOT_SECONDS) * 1_000);
      this.#lastWord.unref();
    }
    await this.#tell(rests);
    if (performance.now() - this.#heardAtMs > UNHEARD_MS) this.#local.hold(ONE_PERMIT);
  }

  /** One word at a time: what happens meanwhile is told with the next one. */
  #tell(leaves: boolean): Promise<void> {
    this.#telling ??= this.#exchange(leaves).finally(() => {
      this.#telling = null;
    });
    return this.#telling;
  }

  async #exchange(leaves: boolean): Promise<void> {
    const { busy, admitted, concurrentLimit } = this.#local.use();
    const pause = this.#pauseToTell;
    const told = {
      processId: this.processId,
      limits: this.limits,
      concurrentLimit,
      requests: admitted - this.#toldRequests,
      busy,
      pauseMs: pause === null ? null : Math.max(0, Math.ceil(pause.untilMs - performance.now())),
      leaves,
    };
    try {
      this.#hear(await this.sharing.store.tell(this.name, told, TELL_TIMEOUT_MS));
      this.#toldRequests = admitted;
      if (this.#pauseToTell === pause) this.#pauseToTell = null;
      else setImmediate(() => void this.#tell(false));
    } catch (error) {
      this.sharing.logger.warn({ err: error, system: this.name }, 'the permits of a system could not be shared');
    }
  }

  #hear(use: SystemUse): void {
    this.#heardAtMs = performance.now();
    this.#local.hold(shareOf(use, this.processId));
    const leftMs = pauseLeftMs(use);
    if (leftMs > 0) this.#local.pause(leftMs);
  }
}

/** What a process may have when it knows nothing of the others: one request at a time never harms a system. */
const ONE_PERMIT = { processes: Number.POSITIVE_INFINITY, place: Number.POSITIVE_INFINITY };
