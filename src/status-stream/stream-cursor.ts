/** Thrown when a text is given as a cursor that no stream ever gave out. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
  readonly code = 'BAD_USER_INPUT';

  constructor(readonly cursor: string) {
    super(
      `"${cursor.slice(0, 40)}" is no cursor of this stream; use one that the stream or liveCursor gave, unchanged`,
    );
  }
}

/** Thrown when transitions behind the cursor are no longer kept, or it is of a database that was replaced since. */
export class CursorExpiredError extends Error {
  override readonly name = 'CursorExpiredError';
  readonly code = 'CURSOR_EXPIRED';

  constructor(reason: string) {
    super(`the cursor cannot be resumed: ${reason}; read the present state again, and subscribe from liveCursor on`);
  }
}

// The version leaves room for a cursor that says more than a number.
const VERSION = 't1';
const SHAPE = /^t1:(0|[1-9]\d{0,15})$/;

/** The text that stands for "everything up to and including transition `number` was seen". Opaque to clients. */
export const streamCursorOf = (number: number): string => Buffer.from(`${VERSION}:${number}`).toString('base64url');

/**
 * The number that a cursor stands for.
 *
 * @throws InvalidCursorError when it is not exactly a text that {@link streamCursorOf} makes
 */
export function numberOfCursor(cursor: string): number {
  const digits = SHAPE.exec(Buffer.from(cursor, 'base64url').toString('utf8'))?.[1];
  const number = digits === undefined ? Number.NaN : Number(digits);
  if (!Number.isSafeInteger(number) || streamCursorOf(number) !== cursor) throw new InvalidCursorError(cursor);
  return number;
}
