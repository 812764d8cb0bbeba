import type { WriteOperation, WriteOutcome, WriteRequest } from '../connector.js';
import { asConnectorError } from './odata-client.js';

/**
 * Prepares each operation, settles together those that could be prepared, and puts the outcomes in the order of the
 * operations. `prepare` answers with an outcome for an operation that cannot be sent.
 */
export async function withPrepared<T extends object>(
  operations: readonly WriteOperation[],
  prepare: (operation: WriteOperation) => T | WriteOutcome,
  settle: (prepared: readonly T[]) => Promise<WriteOutcome[]>,
): Promise<WriteOutcome[]> {
  const attempts = operations.map(prepare);
  const prepared = attempts.filter((attempt): attempt is T => !isOutcome(attempt));
  const settledInOrder = (await settle(prepared))[Symbol.iterator]();
  return attempts.map((attempt) => {
    if (isOutcome(attempt)) return attempt;
    const next = settledInOrder.next();
    if (next.done === true) throw new Error('fewer outcomes than operations');
    return next.value;
  });
}

/** Where the records of a write are; when that cannot be told, each of its operations is refused for that reason. */
export async function locatedForWrite<T extends object>(
  { operations }: Pick<WriteRequest, 'operations'>,
  locate: () => Promise<T>,
  signal: AbortSignal,
): Promise<T | WriteOutcome[]> {
  try {
    return await locate();
  } catch (cause) {
    signal.throwIfAborted();
    const error = asConnectorError(cause);
    return operations.map(() => ({ kind: 'REFUSED', error }));
  }
}

const isOutcome = (attempt: object): attempt is WriteOutcome => 'kind' in attempt;
