import type { Side, SynchErrorClass } from '../synch/synch-error.js';
import type { CouplingState } from './coupling.js';

/** The couplings with an attempt to come, as the database tells them: all that are PENDING are among them. */
export const IS_DUE_SOMETIME = { nextAttemptAt: { $type: 'date' } } as const;

/** Which couplings are wanted: given parts are ANDed, values of one list ORed; absent limits nothing, an empty list matches nothing. */
export interface CouplingFilter {
  readonly ids?: readonly string[] | undefined;
  readonly mappingNames?: readonly string[] | undefined;
  readonly mappingId?: string | undefined;
  readonly state?: readonly CouplingState[] | undefined;
  /** Every word begins a word of the title, or is one of the two ids. */
  readonly search?: string | undefined;
  readonly businessId?: string | undefined;
  readonly salesId?: string | undefined;
  readonly connectionSetupId?: string | undefined;
  readonly errorClass?: readonly SynchErrorClass[] | undefined;
  readonly errorCode?: readonly string[] | undefined;
  readonly errorField?: readonly string[] | undefined;
}

/** Couplings that somebody chose: by their ids, or all that a filter matches at the time of the work. */
export type CouplingSelection = { readonly ids: readonly string[] } | { readonly filter: CouplingFilter };

/** What a person decided for one field in conflict: the side whose value is kept. */
export interface FieldChoice {
  readonly field: string;
  readonly integrationField: string;
  readonly keep: Side;
}

/** What a person decided for pairs: a source that wins in every field, or the side to keep of single fields. */
export type PairDecision = { readonly source: Side } | { readonly choices: readonly FieldChoice[] };

/** The side whose value a person wants in a field; null where nobody said. */
export function decidedSource(
  decision: PairDecision | null,
  { field, integrationField }: { readonly field: string; readonly integrationField: string },
): Side | null {
  if (decision === null) return null;
  if ('source' in decision) return decision.source;
  const choice = decision.choices.find((one) => one.field === field && one.integrationField === integrationField);
  return choice?.keep ?? null;
}
