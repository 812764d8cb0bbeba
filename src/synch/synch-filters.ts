import { argumentId } from '../api/global-id.js';
import type { SynchJobErrorFilterInput, SynchJobFilterInput } from './synch-graphql.js';
import type { SynchJobErrorFilter, SynchJobFilter } from './synch-queries.js';

/** What was asked for, as the queries take it. Throws BAD_USER_INPUT for an id that is none. */
export const jobFilter = (input: SynchJobFilterInput | null | undefined): SynchJobFilter => ({
  kind: input?.kind ?? undefined,
  mappingNames: input?.mapping ?? undefined,
  direction: input?.direction ?? undefined,
  status: input?.status ?? undefined,
  since: input?.since ?? undefined,
  until: input?.until ?? undefined,
  dryRun: input?.dryRun ?? undefined,
  connectionSetupId: connectionId(input?.connectionSetupId),
});

/** What was asked for, as the queries take it. Throws BAD_USER_INPUT for an id that is none. */
export const errorFilter = (input: SynchJobErrorFilterInput | null | undefined): SynchJobErrorFilter => ({
  mappingNames: input?.mapping ?? undefined,
  class: input?.class ?? undefined,
  code: input?.code ?? undefined,
  field: input?.field ?? undefined,
  since: input?.since ?? undefined,
  until: input?.until ?? undefined,
  connectionSetupId: connectionId(input?.connectionSetupId),
});

const connectionId = (id: string | null | undefined): string | undefined =>
  id ? argumentId('ConnectionSetup', 'filter.connectionSetupId', id) : undefined;
