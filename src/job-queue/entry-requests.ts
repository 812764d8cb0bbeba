import type { ResolverParts } from '../api/api-services.js';
import { idOfType } from '../api/global-id.js';
import { refuse } from '../api/user-error.js';
import type { AskedOfEntry, EditRequest } from './entry-edit-store.js';
import type { CreateJobQueueEntryInput, UpdateJobQueueEntryInput } from './entry-inputs-graphql.js';
import type { NewEntry } from './job-queue.js';
import { ConnectionDisabledError, type EntryProblem } from './job-queue-errors.js';
import { readEntrySettings } from './read-entry-input.js';
import { refuseProblems } from './refused-entry.js';

type Places = Pick<ResolverParts, 'mappings' | 'connectionSetups'>;

/** The entry that an input asks for, with everything of it that cannot be meant. */
export async function newEntryRequest(
  input: CreateJobQueueEntryInput,
  places: Places,
): Promise<{ readonly definition: NewEntry; readonly asked: AskedOfEntry }> {
  const { code, task } = input;
  // Null means the same as absent in a new entry.
  const { change, problems } = readEntrySettings(withoutNulls(input));
  const { place, faults } = await placeOf(input, places);
  const begin = await statusOf(input, place, places);
  return {
    definition: { ...change, ...place, code, task, status: begin.status },
    asked: { recurringJob: input.recurringJob ?? null, faults: [...problems, ...faults, ...begin.faults] },
  };
}

async function statusOf(
  { code, status }: CreateJobQueueEntryInput,
  place: Place,
  places: Places,
): Promise<{ readonly status: 'READY' | 'ON_HOLD'; readonly faults: readonly EntryProblem[] }> {
  if (status !== 'READY' && status !== 'ON_HOLD') {
    const message = `expected READY or ON_HOLD, got ${status}; the others are set later`;
    return { status: 'ON_HOLD', faults: [{ code: 'INVALID', field: 'status', message }] };
  }
  if (status === 'ON_HOLD' || (await isEnabled(place, places))) return { status, faults: [] };
  return {
    status: 'ON_HOLD',
    faults: [{ code: 'INVALID', field: 'status', message: new ConnectionDisabledError(code).message }],
  };
}

/** Whether something of this connection, or of none, may run. */
export const isEnabled = async (
  { connectionSetupId }: Pick<Place, 'connectionSetupId'>,
  { connectionSetups }: Pick<Places, 'connectionSetups'>,
): Promise<boolean> => connectionSetupId === null || (await connectionSetups.byId(connectionSetupId))?.enabled === true;

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

type Place = Pick<NewEntry, 'mappingId' | 'mappingName' | 'connectionSetupId'>;

async function placeOf(
  { connectionSetupId, mappingId }: CreateJobQueueEntryInput,
  places: Places,
): Promise<{ readonly place: Place; readonly faults: readonly EntryProblem[] }> {
  const faults: EntryProblem[] = [];
  const setupId = connectionSetupId ? await existingSetup(connectionSetupId, places) : null;
  if (connectionSetupId && setupId === null) {
    const message = `there is no connection with the id ${connectionSetupId}`;
    faults.push({ code: 'NOT_FOUND', field: 'connectionSetupId', message });
  }
  const nowhere = { connectionSetupId: setupId, mappingId: null, mappingName: null };
  if (!mappingId) return { place: nowhere, faults };
  const id = idOfType('IntegrationTableMapping', mappingId);
  const mapping = id === null ? null : await places.mappings.byId(id);
  if (mapping === null) {
    const message = `there is no integration table mapping with the id ${mappingId}`;
    faults.push({ code: 'NOT_FOUND', field: 'mappingId', message });
    return { place: nowhere, faults };
  }
  if (setupId !== null && setupId !== mapping.connectionSetupId) {
    const message = `expected a mapping of the connection, got ${mapping.name} of another one`;
    faults.push({ code: 'INVALID', field: 'mappingId', message });
  }
  const place = { connectionSetupId: mapping.connectionSetupId, mappingId: mapping.id, mappingName: mapping.name };
  return { place, faults };
}

async function existingSetup(given: string, { connectionSetups }: Places): Promise<string | null> {
  const id = idOfType('ConnectionSetup', given);
  return id === null ? null : ((await connectionSetups.byId(id))?.id ?? null);
}
