import { ConnectorError, type WriteOutcome } from '../connector.js';
import { RequestError } from './classify.js';
import { inParallel } from './parallel.js';
import { mayBeApplied } from './repetition.js';
import { Attempts, type RetryPolicy, wait } from './retry.js';

/** What became of one operation of a batch. */
export type PartVerdict =
  | { readonly kind: 'SETTLED'; readonly outcome: WriteOutcome }
  /** Surely not applied, and worth another try. */
  | { readonly kind: 'REPEAT'; readonly error: RequestError };

export const settled = (outcome: WriteOutcome): PartVerdict => ({ kind: 'SETTLED', outcome });

/** The verdict on a part that was answered with an error that has no meaning of its own for the caller. */
export function verdictOnError(error: RequestError): PartVerdict {
  if (mayBeApplied(error.situation, 'WRITE')) return settled({ kind: 'UNKNOWN', error });
  const repeats =
    error.situation === 'THROTTLED' || error.situation === 'NOTHING_DONE' || error.situation === 'ROLLED_BACK';
  return repeats ? { kind: 'REPEAT', error } : settled({ kind: 'REFUSED', error });
}

export interface BatchSender<T> {
  /** Verdict i belongs to operation i. Throws for an answer to the batch as a whole. */
  send(operations: readonly T[], signal: AbortSignal): Promise<readonly PartVerdict[]>;
  /** Makes all requests of the user wait. */
  pause(durationMs: number): void;
  readonly retry: RetryPolicy;
  readonly random: () => number;
}

/** Too large as a whole, or refused for what only some of its operations are: nothing of it was done. */
const isForFewer = ({ errorClass, httpStatus }: ConnectorError): boolean =>
  errorClass === 'VALIDATION' && httpStatus !== null && httpStatus >= 400 && httpStatus < 500;

/**
 * Sends one batch until each operation has its outcome: what surely was not applied is sent again within the policy, a batch
 * that is too large, or refused as a whole for what one of its operations is, is halved; what may have been applied is told as UNKNOWN. Rejects only when aborted.
 */
export async function settleBatch<T>(
  operations: readonly T[],
  sender: BatchSender<T>,
  signal: AbortSignal,
): Promise<WriteOutcome[]> {
  const attempts = new Attempts(sender.retry, sender.random);
  const outcomes = new Map<number, WriteOutcome>();
  let open = operations.map((_, index) => index);
  while (open.length > 0) {
    const sent = open;
    const verdicts = await verdictsOn(pick(operations, sent), sender, signal);
    const repeat: { index: number; error: RequestError }[] = [];
    sent.forEach((index, position) => {
      const verdict = verdicts[position] ?? unanswered();
      if (verdict.kind === 'SETTLED') outcomes.set(index, verdict.outcome);
      else repeat.push({ index, error: verdict.error });
    });
    open = repeat.map(({ index }) => index);
    const gaveUp = !(await waitBeforeRepeat(repeat, attempts, sender, signal));
    if (gaveUp) {
      for (const { index, error } of repeat) outcomes.set(index, { kind: 'REFUSED', error });
      break;
    }
  }
  return operations.map((_, index) => outcomes.get(index) ?? unknown(noAnswer()));
}

/** False when there is no further try. */
async function waitBeforeRepeat<T>(
  repeat: readonly { readonly error: RequestError }[],
  attempts: Attempts,
  sender: BatchSender<T>,
  signal: AbortSignal,
): Promise<boolean> {
  const first = repeat.find(({ error }) => error.situation === 'THROTTLED') ?? repeat[0];
  if (first === undefined) return true;
  const asked = repeat.flatMap(({ error }) => error.retryAfterMs ?? []);
  const delayMs = attempts.next(first.error.situation, 'WRITE', asked.length === 0 ? null : Math.max(...asked));
  if (delayMs === null) return false;
  if (first.error.situation === 'THROTTLED') sender.pause(delayMs);
  else await wait(delayMs, signal);
  return true;
}

async function verdictsOn<T>(
  operations: readonly T[],
  sender: BatchSender<T>,
  signal: AbortSignal,
): Promise<readonly PartVerdict[]> {
  try {
    return await sender.send(operations, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ConnectorError)) throw error;
    if (operations.length > 1 && isForFewer(error)) return inHalves(operations, sender, signal);
    const applied = error instanceof RequestError && mayBeApplied(error.situation, 'BATCH');
    return operations.map(() => settled(applied ? unknown(error) : { kind: 'REFUSED', error }));
  }
}

async function inHalves<T>(
  operations: readonly T[],
  sender: BatchSender<T>,
  signal: AbortSignal,
): Promise<readonly PartVerdict[]> {
  const middle = Math.ceil(operations.length / 2);
  const halves = [operations.slice(0, middle), operations.slice(middle)];
  const verdicts: PartVerdict[] = [];
  // One after the other: the creates of one table must not run side by side.
  for (const half of halves) verdicts.push(...(await verdictsOn(half, sender, signal)));
  return verdicts;
}

const unknown = (error: ConnectorError): WriteOutcome => ({ kind: 'UNKNOWN', error });

const noAnswer = (): RequestError =>
  new RequestError('the answer to the batch has no part for this operation', {
    errorClass: 'TRANSIENT',
    code: 'NO_ANSWER',
    situation: 'LOST',
  });

const unanswered = (): PartVerdict => settled(unknown(noAnswer()));

/** The verdict on an operation that the system did not come to, because it stopped at an earlier one. */
export const notReached = (): PartVerdict => ({
  kind: 'REPEAT',
  error: new RequestError('the system stopped before this operation', {
    errorClass: 'TRANSIENT',
    code: 'NOT_REACHED',
    situation: 'NOTHING_DONE',
  }),
});

function pick<T>(items: readonly T[], indexes: readonly number[]): T[] {
  const wanted = new Set(indexes);
  return items.filter((_, index) => wanted.has(index));
}

/** Settles several batches side by side. */
export async function settleBatches<T>(
  batches: readonly (readonly T[])[],
  sender: BatchSender<T>,
  signal: AbortSignal,
): Promise<WriteOutcome[]> {
  const outcomes = await inParallel(
    batches.map((batch) => (either: AbortSignal) => settleBatch(batch, sender, either)),
    signal,
  );
  return outcomes.flat();
}
