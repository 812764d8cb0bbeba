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

// A transition's cursor is its number (t1). A change's is a time of the database (c1). liveCursor holds both (l1).
const TRANSITION = /^t1:(0|[1-9]\d{0,15})$/;
const CHANGE = /^c1:(0|[1-9]\d{0,19})$/;
const LIVE = /^l1:(0|[1-9]\d{0,15}):(0|[1-9]\d{0,19})$/;

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

/** The text that stands for "everything up to and including transition `number` was seen". Opaque to clients. */
export const streamCursorOf = (number: number): string => encoded(`t1:${number}`);

/** The text that stands for "everything that was written up to this time of the database was told". */
export const changeCursorOf = (time: bigint): string => encoded(`c1:${time}`);

/** Both in one: the position of all streams. */
export const liveCursorOf = (number: number, time: bigint): string => encoded(`l1:${number}:${time}`);

/**
 * The number that a cursor of a transition, or of liveCursor, stands for.
 *
 * @throws InvalidCursorError when it is not exactly a text that {@link streamCursorOf} or {@link liveCursorOf} makes
 */
export function numberOfCursor(cursor: string): number {
  const text = decoded(cursor);
  const digits = TRANSITION.exec(text)?.[1] ?? LIVE.exec(text)?.[1];
  const number = digits === undefined ? Number.NaN : Number(digits);
  if (!Number.isSafeInteger(number)) throw new InvalidCursorError(cursor);
  return number;
}

/**
 * The time of the database that a cursor of a change, or of liveCursor, stands for.
 *
 * @throws InvalidCursorError when it is not exactly a text that {@link changeCursorOf} or {@link liveCursorOf} makes
 */
export function timeOfCursor(cursor: string): bigint {
  const text = decoded(cursor);
  const digits = CHANGE.exec(text)?.[1] ?? LIVE.exec(text)?.[2];
  if (digits === undefined) throw new InvalidCursorError(cursor);
  const time = BigInt(digits);
  if (time > LATEST_TIME) throw new InvalidCursorError(cursor);
  return time;
}

// Times of the database have 64 bits; one is kept free for the time after.
const LATEST_TIME = 2n ** 64n - 2n;

// Base64 ignores what it does not know: only the text that we would have written ourselves is a cursor.
function decoded(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (encoded(text) !== cursor) throw new InvalidCursorError(cursor);
  return text;
}
