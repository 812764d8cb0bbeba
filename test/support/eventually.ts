import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often `eventually` looks. */
export interface EventuallyOptions {
  /** Ends the waiting with an error. */
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/** An answer, or that there is none yet. */
type Looked<T> = T | undefined | null | false;

/**
 * Asks `look` again and again until it answers with something other than `undefined`, `null` or `false`, and returns that
 * answer. For sources that tell no event, such as a process that has to end or a file that has to appear; where an event
 * exists, await the event.
 *
 * @throws Error naming `what`, the time waited and the last answer or error, when nothing came within `withinMs`
 */
export async function eventually<T>(
  what: string,
  look: () => Looked<T> | Promise<Looked<T>>,
  { withinMs = 30_000, everyMs = 25 }: EventuallyOptions = {},
): Promise<T> {
  const end = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await look();
      if (answer !== undefined && answer !== null && answer !== false) {
        return answer;
      }
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= end) {
      throw new Error(`${what}: not within ${withinMs} ms; the last look gave ${describe(last)}`);
    }
    await delay(everyMs);
  }
}

function describe(last: unknown): string {
  return last instanceof Error ? `the error "${last.message}"` : String(last);
}
