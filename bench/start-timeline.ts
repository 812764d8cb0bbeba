import type { MongoClient } from 'mongodb';

interface Span {
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The commands whose answers say what became of a start; the monitor of the topology asks others all the time. */
const UNINTERESTING = new Set(['hello', 'ping', 'isMaster', 'endSessions']);
const TICK_MS = 5;
const GAP_MS = 15;

/** The time of day in milliseconds, finer than `Date` tells it. */
export const clockMs = (): number => performance.timeOrigin + performance.now();

/** What a process did while somebody waited: its commands to MongoDB, and when it could do nothing at all. */
export class StartTimeline implements Disposable {
  readonly #spans: Span[] = [];
  readonly #ticking: NodeJS.Timeout;

  /** Listens to clients that were opened with `monitorCommands`. */
  constructor(clients: readonly MongoClient[]) {
    for (const client of clients) this.#listenTo(client);
    let lastMs = clockMs();
    this.#ticking = setInterval(() => {
      const nowMs = clockMs();
      if (nowMs - lastMs > GAP_MS) this.#spans.push({ what: 'event loop stood still', fromMs: lastMs, toMs: nowMs });
      lastMs = nowMs;
    }, TICK_MS).unref();
  }

  #listenTo(client: MongoClient): void {
    const sent = new Map<number, Omit<Span, 'toMs'>>();
    client.on('commandStarted', ({ requestId, commandName, command }) => {
      if (UNINTERESTING.has(commandName)) return;
      const transaction = command.autocommit === undefined ? '' : ` (transaction ${command.txnNumber})`;
      sent.set(requestId, {
        what: `${commandName} ${String(command[commandName])}${transaction}`,
        fromMs: clockMs(),
      });
    });
    const ended = (requestId: number, how: string): void => {
      const span = sent.get(requestId);
      sent.delete(requestId);
      if (span !== undefined) this.#spans.push({ ...span, what: span.what + how, toMs: clockMs() });
    };
    client.on('commandSucceeded', ({ requestId }) => ended(requestId, ''));
    client.on('commandFailed', ({ requestId, failure }) => ended(requestId, `: ${failure.message}`));
  }

  /** One line for each thing that went on between the two moments, in milliseconds after the first. */
  between(fromMs: number, toMs: number): string[] {
    return this.#spans
      .filter((span) => span.toMs >= fromMs && span.fromMs <= toMs)
      .toSorted((a, b) => a.fromMs - b.fromMs)
      .map((span) => {
        const at = (span.fromMs - fromMs).toFixed(1).padStart(8);
        return `    ${at} +${(span.toMs - span.fromMs).toFixed(1).padStart(6)}  ${span.what}`;
      });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticking);
  }
}
