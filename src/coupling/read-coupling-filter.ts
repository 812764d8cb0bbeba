import { argumentId } from '../api/global-id.js';
import type { CouplingFilter } from './coupling-filter.js';
import type { CouplingFilterInput } from './coupling-graphql.js';

/** What was asked for, as the queries take it. Throws BAD_USER_INPUT for an id that is none. */
export const couplingFilter = (input: CouplingFilterInput | null | undefined): CouplingFilter => ({
  ids: input?.ids?.map((id) => argumentId('Coupling', 'filter.ids', id)),
  mappingNames: input?.mapping ?? undefined,
  state: input?.state ?? undefined,
  search: input?.search ?? undefined,
  businessId: input?.businessId ?? undefined,
  salesId: input?.salesId ?? undefined,
  connectionSetupId: input?.connectionSetupId
    ? argumentId('ConnectionSetup', 'filter.connectionSetupId', input.connectionSetupId)
    : undefined,
  errorClass: input?.errorClass ?? undefined,
  errorCode: input?.errorCode ?? undefined,
  errorField: input?.errorField ?? undefined,
});
