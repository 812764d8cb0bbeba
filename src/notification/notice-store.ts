import { randomUUID } from 'node:crypto';
import type { ClientSession, Collection, Db } from 'mongodb';
import type { EndOfRun } from '../job-queue/run-end-store.js';
import { deleteInBatches } from '../store/delete-in-batches.js';
import type { IndexSpec } from '../store/indexes.js';
import { causesOverAfter, type Notice, noticesOf } from './notice.js';

/** A notice on its way. */
export interface NoticeDocument extends Notice {
  readonly _id: string;
  /** The cause, while it lasts; absent once it is over. */
  readonly lasting?: string;
  readonly attempts: number;
  /** By the database's clock; absent once it was delivered or given up. While it is sent, the end of the sender's time. */
  readonly nextAttemptAt?: Date;
  /** When its last attempt began, by the database's clock; absent before the first one. */
  readonly attemptedAt?: Date;
  readonly deliveredAt?: Date;
  readonly givenUpAt?: Date;
}

const collection = 'notices';

export const noticeIndexes: readonly IndexSpec[] = [
  {
    collection,
    keys: { lasting: 1 },
    options: { unique: true, partialFilterExpression: { lasting: { $type: 'string' } } },
  },
  {
    collection,
    keys: { nextAttemptAt: 1 },
    options: { partialFilterExpression: { nextAttemptAt: { $type: 'date' } } },
  },
  { collection, keys: { at: 1 } },
];

/** A notice that this process sends now. */
export type TakenNotice = NoticeDocument & Required<Pick<NoticeDocument, 'attemptedAt'>>;

/** Keeps what is to be told until it was told: written with the end of the run, sent by whichever process comes first. */
export class NoticeStore {
  readonly #notices: Collection<NoticeDocument>;

  constructor(db: Db) {
    this.#notices = db.collection<NoticeDocument>(collection);
  }

  /** Notes what the end of a run gives to tell, in its transaction. */
  async note(end: EndOfRun, session: ClientSession): Promise<void> {
    for (const notice of noticesOf(end)) await this.#add(notice, session);
    const over = causesOverAfter(end);
    if (over.length > 0)
      await this.#notices.updateMany(
        { lasting: { $in: over, $type: 'string' } },
        { $unset: { lasting: 1 } },
        { session },
      );
  }

  async #add(notice: Notice, session: ClientSession): Promise<void> {
    const { cause } = notice;
    const made: NoticeDocument = { ...notice, _id: randomUUID(), attempts: 0, nextAttemptAt: notice.at };
    if (cause === null) {
      await this.#notices.insertOne(made, { session });
      return;
    }
    // What lasts was told when it began.
    const lasting = { lasting: { $eq: cause, $type: 'string' as const } };
    await this.#notices.updateOne(lasting, { $setOnInsert: { ...made, lasting: cause } }, { session, upsert: true });
  }

  /** Takes the notice that waits longest for its next attempt; nobody else sends it for `ms`. */
  async take(ms: number): Promise<TakenNotice | null> {
    const attempts = { $add: ['$attempts', 1] };
    const taken = await this.#notices.findOneAndUpdate(
      { nextAttemptAt: { $type: 'date' }, $expr: { $lte: ['$nextAttemptAt', '$$NOW'] } },
      [{ $set: { attempts, attemptedAt: '$$NOW', nextAttemptAt: { $add: ['$$NOW', ms] } } }],
      { sort: { nextAttemptAt: 1 }, returnDocument: 'after' },
    );
    return taken as TakenNotice | null;
  }

  async delivered(id: string): Promise<void> {
    await this.#notices.updateOne({ _id: id }, [{ $set: { deliveredAt: '$$NOW' } }, { $unset: 'nextAttemptAt' }]);
  }

  /** Tries again in `ms`; null: never. */
  async failed(id: string, ms: number | null): Promise<void> {
    const update =
      ms === null
        ? [{ $set: { givenUpAt: '$$NOW' } }, { $unset: 'nextAttemptAt' }]
        : [{ $set: { nextAttemptAt: { $add: ['$$NOW', ms] } } }];
    await this.#notices.updateOne({ _id: id }, update);
  }

  /** Deletes what was told so many days ago, or given up. Answers how many are gone. */
  deleteOld(days: number, now: Date, signal: AbortSignal): Promise<number> {
    const before = new Date(now.getTime() - days * 24 * 60 * 60_000);
    const filter = { at: { $lt: before }, nextAttemptAt: { $exists: false }, lasting: { $exists: false } };
    return deleteInBatches({ collection: this.#notices, filter, sort: { at: 1 } }, signal);
  }
}
