import { randomUUID } from 'node:crypto';
import type { ClientSession, Collection, Db } from 'mongodb';
import type { EntryToEdit } from '../../job-queue/entry-edit.js';
import { deleteEntryWithin, updateEntryWithin } from '../../job-queue/entry-edit-store.js';
import { insertEntriesWithin, newEntry } from '../../job-queue/entry-store.js';
import {
  collections,
  type EntryDocument,
  type JobQueueDatabase,
  jobQueueStore,
} from '../../job-queue/job-queue-store.js';
import { type MappingDocument, toDocument } from '../../mapping/mapping-entity.js';
import type { TransformationRule } from '../../mapping/transformation/transformation-rule.js';
import { rememberGone } from '../../store/gone-objects.js';
import { entryChange } from './entry-change.js';
import type { SetupImportPlan } from './plan-setup-import.js';
import type { MappingSetup } from './setup.js';
import { SetupMovedError } from './setup-moved-error.js';

/** Reads the entries of a connection as they are stored, and carries out what an import has planned. */
export interface SetupImportStore {
  /** Those that people defined, with what only the queue reads. */
  entriesOf(connectionSetupId: string): Promise<EntryToEdit[]>;
  /** All or nothing. Throws {@link SetupMovedError}, InvalidEntryError, EntryInProcessError. */
  apply(plan: SetupImportPlan<EntryToEdit>, connectionSetupId: string, actor: string): Promise<void>;
}

const DUPLICATE_KEY = 11_000;

type RuleDocument = Omit<TransformationRule, 'id'> & { readonly _id: string };

interface Import {
  readonly plan: SetupImportPlan<EntryToEdit>;
  readonly connectionSetupId: string;
  readonly actor: string;
  readonly at: Date;
}

/** The setups of a database. */
export function setupImportStore(database: JobQueueDatabase): SetupImportStore {
  const { db } = database;
  const queue = jobQueueStore(database);
  return {
    entriesOf: (connectionSetupId) =>
      db.collection<EntryDocument>(collections.entries).find({ connectionSetupId, oneOff: false }).toArray(),
    apply: async (plan, connectionSetupId, actor) => {
      const work: Import = { plan, connectionSetupId, actor, at: await queue.now() };
      await duplicateAsMoved(() =>
        queue.inTransaction(async (session) => {
          await applyRules(db, session, work);
          await applyMappings(db, session, work);
          await applyEntries(queue, session, work);
        }),
      );
    },
  };
}

async function applyRules(db: Db, session: ClientSession, { plan }: Import): Promise<void> {
  const rules = db.collection<RuleDocument>('transformationRules');
  for (const part of plan.rules) {
    if (part.action === 'CREATE')
      await rules.insertOne({ _id: randomUUID(), ...part.wanted, revision: 1 }, { session });
    if (part.action === 'UPDATE')
      await changeOne(rules, part.existing, { ...part.wanted }, { name: part.name, session });
    if (part.action === 'DELETE') await deleteOne(rules, part.existing, { name: part.name, session });
  }
}

async function applyMappings(db: Db, session: ClientSession, { plan, connectionSetupId, at }: Import): Promise<void> {
  const mappings = db.collection<MappingDocument>('integrationTableMappings');
  for (const part of plan.mappings) {
    if (part.action === 'CREATE') {
      const made = { ...part.wanted, id: randomUUID(), connectionSetupId, revision: 1, createdAt: at, updatedAt: at };
      await mappings.insertOne(toDocument(made), { session });
    }
    if (part.action === 'UPDATE')
      await changeOne(
        mappings,
        part.existing,
        { ...changeable(part.wanted), updatedAt: at },
        { name: part.name, session },
      );
    if (part.action === 'DELETE') {
      await rememberGone(db, 'integrationTableMappings', { _id: part.existing.id });
      await deleteOne(mappings, part.existing, { name: part.name, session });
      await db.collection('synchCursors').deleteMany({ mappingId: part.existing.id }, { session });
    }
  }
}

/** Name, kind and tables stay as created. */
const changeable = ({ name: _name, kind: _kind, table: _table, integrationTable: _other, ...rest }: MappingSetup) =>
  rest;

async function applyEntries(
  queue: ReturnType<typeof jobQueueStore>,
  session: ClientSession,
  { plan, connectionSetupId, actor, at }: Import,
): Promise<void> {
  for (const part of plan.entries) {
    if (part.action === 'DELETE')
      await deleteEntryWithin(queue, session, part.existing._id, { expectedRevision: part.existing.revision });
    if (part.action === 'UPDATE')
      await updateEntryWithin(queue, session, part.existing._id, {
        change: entryChange(part.wanted),
        recurringJob: null,
        actor,
        expectedRevision: part.existing.revision,
        now: at,
      });
  }
  const created = plan.entries.flatMap((part) => (part.action === 'CREATE' ? [part.wanted] : []));
  const mappingIds = await mappingIdsByName(queue.db, session, connectionSetupId);
  const entries = created.map(({ mapping, ...settings }) =>
    newEntry(
      {
        ...settings,
        connectionSetupId,
        mappingId: mapping === null ? null : (mappingIds.get(mapping) ?? null),
        mappingName: mapping,
        status: 'ON_HOLD',
      },
      at,
    ),
  );
  if (entries.length > 0) await insertEntriesWithin(queue, session, entries, { actor, at });
}

async function mappingIdsByName(
  db: Db,
  session: ClientSession,
  connectionSetupId: string,
): Promise<ReadonlyMap<string, string>> {
  const mappings = await db
    .collection<MappingDocument>('integrationTableMappings')
    .find({ connectionSetupId }, { session, projection: { name: 1 } })
    .toArray();
  return new Map(mappings.map(({ _id, name }) => [name, _id]));
}

interface Place {
  readonly name: string;
  readonly session: ClientSession;
}

async function changeOne<T extends { readonly _id: string; readonly revision: number }>(
  collection: Collection<T>,
  { id, revision }: { readonly id: string; readonly revision: number },
  values: object,
  { name, session }: Place,
): Promise<void> {
  const { matchedCount } = await collection.updateOne(
    { _id: id, revision } as never,
    { $set: { ...values, revision: revision + 1 } } as never,
    { session },
  );
  if (matchedCount === 0) throw new SetupMovedError(name);
}

async function deleteOne<T extends { readonly _id: string; readonly revision: number }>(
  collection: Collection<T>,
  { id, revision }: { readonly id: string; readonly revision: number },
  { name, session }: Place,
): Promise<void> {
  const { deletedCount } = await collection.deleteOne({ _id: id, revision } as never, { session });
  if (deletedCount === 0) throw new SetupMovedError(name);
}

/** Somebody else made a part of the same name meanwhile. */
async function duplicateAsMoved(apply: () => Promise<void>): Promise<void> {
  try {
    await apply();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY)
      throw new SetupMovedError('a part of the setup', { cause: error });
    throw error;
  }
}
