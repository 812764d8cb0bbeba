import { argumentId } from '../api/global-id.js';
import type { EntryFilter } from './entry-list-store.js';
import type { JobQueueEntryFilterInput } from './job-queue-graphql.js';

/** The filter that an input means; `path` is where it stands. Throws BAD_USER_INPUT for ids that are none. */
export const entryFilter = (input: JobQueueEntryFilterInput | null | undefined, path = 'filter'): EntryFilter => ({
  oneOff: input?.oneOff,
  ids: input?.ids?.map((id) => argumentId('JobQueueEntry', `${path}.ids`, id)),
  status: input?.status ?? undefined,
  task: input?.task ?? undefined,
  mappingNames: input?.mapping ?? undefined,
  search: input?.search ?? undefined,
  categoryCode: input?.categoryCode ?? undefined,
  connectionSetupId: input?.connectionSetupId
    ? argumentId('ConnectionSetup', `${path}.connectionSetupId`, input.connectionSetupId)
    : undefined,
});
