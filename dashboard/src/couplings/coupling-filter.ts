import type { Filter } from '../design/use-filter';
import type { VariablesOf } from '../graphql/graphql';
import type { CouplingsQuery } from './couplings-page';

export type CouplingFilter = NonNullable<NonNullable<VariablesOf<typeof CouplingsQuery>>['filter']>;

export const couplingStates = ['COUPLED', 'PENDING', 'WAITING', 'CONFLICT', 'FAILED', 'SKIPPED', 'BROKEN'] as const;

/** What the page's address says of the filter, as the service takes it; absent when it limits nothing. */
export function couplingFilterOf(filter: Filter): CouplingFilter {
  const given: Record<string, readonly string[] | string> = {
    state: filter.many('state'),
    mapping: filter.many('mapping'),
    connectionSetupId: filter.one('connection'),
    errorClass: filter.many('errorClass'),
    errorCode: filter.many('errorCode'),
    errorField: filter.many('errorField'),
    search: filter.one('search'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value.length > 0)) as CouplingFilter;
}
