import type { Db } from 'mongodb';
import type { JobQueueEntry } from '../../job-queue/job-queue-entry.js';
import { StaleRevisionError } from '../../job-queue/job-queue-errors.js';
import { collections, type EntryDocument } from '../../job-queue/job-queue-store.js';
import { firstRunAt } from '../../job-queue/schedule.js';
import { searchWordsOf } from '../../store/search-words.js';
import type { EntryParts } from './differences.js';

/** Puts the definitions of entries back. */
export interface DefaultJobStore {
  /**
   * Gives an entry another definition, as an edit by a person: its status and its runs stay, and one that is READY runs next
   * as its new schedule says. Throws StaleRevisionError when somebody changed it since it was read.
   */
  redefine(entry: JobQueueEntry, parts: EntryParts, at: Date): Promise<void>;
}

/** The entries of a database. */
export function defaultJobStore({ db }: { readonly db: Db }): DefaultJobStore {
  const entries = db.collection<EntryDocument>(collections.entries);
  return {
    redefine: async (entry, parts, at) => {
      const redefined: JobQueueEntry = { ...entry, ...parts };
      const searchWords = searchWordsOf(redefined.code, redefined.description);
      const { matchedCount } = await entries.updateOne(
        { _id: entry._id, revision: entry.revision },
        { $set: { ...parts, searchWords, updatedAt: at }, $inc: { revision: 1 } },
      );
      if (matchedCount === 0) {
        const present = await entries.findOne({ _id: entry._id }, { projection: { revision: 1 } });
        throw new StaleRevisionError(entry._id, entry.revision, present?.revision ?? 0);
      }
      // A run that is in process ends by the new schedule; a retry keeps its time.
      const nextRunAt = firstRunAt(redefined, at);
      if (nextRunAt !== null)
        await entries.updateOne({ _id: entry._id, status: 'READY', retriesMade: 0 }, { $set: { nextRunAt } });
    },
  };
}
