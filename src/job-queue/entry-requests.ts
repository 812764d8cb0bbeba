import type { ResolverParts } from '../api/api-services.js';
import { idOfType } from '../api/global-id.js';
import { refuse } from '../api/user-error.js';
import type { EditRequest } from './entry-edit-store.js';
import type { CreateJobQueueEntryInput, UpdateJobQueueEntryInput } from './entry-inputs-graphql.js';
import { requireEnabledConnection } from './entry-rules.js';
import type { NewEntry } from './job-queue.js';
import { readEntrySettings } from './read-entry-input.js';
import { refuseProblems } from './refused-entry.js';

type Places = Pick<ResolverParts, 'mappings' | 'connectionSetups'>;

/** The entry that an input asks for; refuses what cannot be meant. @throws ConnectionDisabledError */
export async function newEntryRequest(
  input: CreateJobQueueEntryInput,
  places: Places,
): Promise<{ readonly definition: NewEntry; readonly recurringJob: boolean | null }> {
  const { code, task, status } = input;
  if (status !== 'READY' && status !== 'ON_HOLD') {
    refuse('INVALID', `status: expected READY or ON_HOLD, got ${status}; the others are set later`, ['status']);
  }
  // Null means the same as absent in a new entry.
  const { change } = readEntrySettings(withoutNulls(input));
  const place = await placeOf(input, places);
  if (status === 'READY') requireEnabledConnection({ code, ...place }, await enabledConnections(places));
  return { definition: { ...change, ...place, code, task, status }, recurringJob: input.recurringJob ?? null };
}

/** The change of an entry that an input asks for; refuses what cannot be meant. */
export function entryEditRequest(input: UpdateJobQueueEntryInput): {
  readonly id: string;
  readonly request: Omit<EditRequest, 'actor'>;
} {
  const { change, problems } = readEntrySettings(input);
  refuseProblems(problems);
  return {
    id: entryId(input.id),
    request: {
      change,
      expectedRevision: input.expectedRevision ?? undefined,
      recurringJob: input.recurringJob ?? null,
    },
  };
}

/** The connections whose entries may become READY. */
export const enabledConnections = async ({
  connectionSetups,
}: Pick<Places, 'connectionSetups'>): Promise<ReadonlySet<string>> =>
  new Set((await connectionSetups.list()).filter(({ enabled }) => enabled).map(({ id }) => id));

/** Our id of an entry; refuses one that is none. */
export const entryId = (given: string): string => idOfType('JobQueueEntry', given) ?? noSuchEntry(given);

export const noSuchEntry = (given: string): never =>
  refuse('NOT_FOUND', `id: there is no job queue entry with the id ${given}`, ['id']);

const withoutNulls = (input: CreateJobQueueEntryInput): CreateJobQueueEntryInput =>
  Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== null),
  ) as unknown as CreateJobQueueEntryInput;

async function placeOf(
  { connectionSetupId, mappingId }: CreateJobQueueEntryInput,
  places: Places,
): Promise<Pick<NewEntry, 'mappingId' | 'mappingName' | 'connectionSetupId'>> {
  const setupId = connectionSetupId ? await existingSetup(connectionSetupId, places) : null;
  if (!mappingId) return { connectionSetupId: setupId, mappingId: null, mappingName: null };
  const id = idOfType('IntegrationTableMapping', mappingId);
  const mapping = id === null ? null : await places.mappings.byId(id);
  if (mapping === null) {
    refuse('NOT_FOUND', `mappingId: there is no integration table mapping with the id ${mappingId}`, ['mappingId']);
  }
  if (setupId !== null && setupId !== mapping.connectionSetupId) {
    refuse('INVALID', `mappingId: expected a mapping of the connection, got ${mapping.name} of another one`, [
      'mappingId',
    ]);
  }
  return { connectionSetupId: mapping.connectionSetupId, mappingId: mapping.id, mappingName: mapping.name };
}

async function existingSetup(given: string, { connectionSetups }: Places): Promise<string> {
  const id = idOfType('ConnectionSetup', given);
  const setup = id === null ? null : await connectionSetups.byId(id);
  if (setup !== null) return setup.id;
  return refuse('NOT_FOUND', `connectionSetupId: there is no connection with the id ${given}`, ['connectionSetupId']);
}
