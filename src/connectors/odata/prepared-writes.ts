import type { WriteOperation, WriteOutcome } from '../connector.js';

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

const isOutcome = (attempt: object): attempt is WriteOutcome => 'kind' in attempt;
