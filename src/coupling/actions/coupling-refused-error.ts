/** Why something that a person wanted of couplings is not done. */
export interface Refusal {
  readonly code:
    | 'NOT_FOUND'
    | 'INVALID'
    | 'DUPLICATE'
    | 'IN_USE'
    | 'STALE_REVISION'
    | 'ILLEGAL_TRANSITION'
    | 'CONNECTION_FAILED'
    | 'LIMIT_EXCEEDED';
  readonly message: string;
  /** Path below the input. */
  readonly field: readonly string[] | null;
  /** The coupling that it is about, where several were named. */
  readonly couplingId?: string;
}

/** What a person wanted of couplings is refused, and nothing was done. */
export class CouplingRefusedError extends Error {
  override readonly name = 'CouplingRefusedError';
  constructor(
    readonly refusals: readonly Refusal[],
    options?: ErrorOptions,
  ) {
    super(refusals.map(({ message }) => message).join('; '), options);
  }
}

/** Refuses with one reason. */
export function refuseCoupling(
  code: Refusal['code'],
  message: string,
  field: readonly string[] | null = null,
  options?: ErrorOptions,
): never {
  throw new CouplingRefusedError([{ code, message, field }], options);
}
