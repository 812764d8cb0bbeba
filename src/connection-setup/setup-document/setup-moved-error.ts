/** Somebody changed a part of a setup while it was being imported; nothing was imported. */
export class SetupMovedError extends Error {
  override readonly name = 'SetupMovedError';
  constructor(
    readonly partName: string,
    options?: ErrorOptions,
  ) {
    super(
      `${partName} was changed by somebody else meanwhile; nothing was imported: look at it again, then repeat`,
      options,
    );
  }
}
