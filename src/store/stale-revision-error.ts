/** Someone else edited the object since it was read; nothing was changed. */
export class StaleRevisionError extends Error {
  override readonly name = 'StaleRevisionError';
  constructor(
    readonly kind: string,
    readonly id: string,
    readonly expected: number,
    readonly present: number,
  ) {
    super(
      `the ${kind} has revision ${present}, expected was ${expected}: someone changed it; read it again, then repeat`,
    );
  }
}
