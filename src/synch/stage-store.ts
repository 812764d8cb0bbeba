import type { Collection, Db, FindCursor } from 'mongodb';
import type { FieldValues } from '../mapping/field-value.js';
import type { IndexSpec } from '../store/indexes.js';
import { insertNew } from '../store/insert-new.js';
import { isTooLarge, LongTextsStore } from '../store/long-texts-store.js';
import type { Side } from './synch-error.js';

const COLLECTION = 'stagedRecords';

/** What a crashed run left behind is removed by MongoDB itself after a day. */
const KEPT_SECONDS = 24 * 60 * 60;

export const stageIndexes: readonly IndexSpec[] = [
  {
    collection: COLLECTION,
    keys: { runId: 1, deleted: 1, side: 1, _id: 1 },
    options: { partialFilterExpression: { deleted: true } },
  },
  {
    collection: COLLECTION,
    keys: { runId: 1, matchKeys: 1 },
    options: { partialFilterExpression: { matchKeys: { $exists: true } } },
  },
  { collection: COLLECTION, keys: { stagedAt: 1 }, options: { expireAfterSeconds: KEPT_SECONDS } },
];

/** One record that a run read, waiting to be planned together with its counterpart. */
export interface StagedRecord {
  readonly side: Side;
  readonly id: string;
  /** Null for a record that the system told deleted, or did not find. */
  readonly version: string | null;
  readonly modifiedAt: Date | null;
  readonly values: FieldValues;
  /** One key a matching priority, led by its number; only of records that may be matched. */
  readonly matchKeys?: readonly string[];
}

type StagedDocument = StagedRecord & {
  readonly _id: string;
  readonly runId: string;
  readonly stagedAt: Date;
  /** Set, for its index, where the version is null. */
  readonly deleted?: true;
};

/** Records of both sides with one matching key; ids cut at {@link LISTED_IDS}. */
export interface MatchGroup {
  readonly key: string;
  readonly businessIds: readonly string[];
  readonly salesIds: readonly string[];
  readonly businessCount: number;
  readonly salesCount: number;
}

const LISTED_IDS = 20;

/** Holds what a run has read, so that its memory does not grow with the number of records, and each pair is planned once from both sides. */
export class StageStore {
  private readonly staged: Collection<StagedDocument>;
  private readonly texts: LongTextsStore;

  constructor(private readonly db: Db) {
    this.texts = new LongTextsStore(db);
    // Losing staged records costs a repeated read and nothing else: no need to wait for a majority. What was not waited for
    // is not in a majority's view yet, so it is read where it was written.
    this.staged = db.collection<StagedDocument>(COLLECTION, {
      writeConcern: { w: 1 },
      readConcern: { level: 'local' },
    });
  }

  /** A record that is staged again replaces the earlier one. */
  async put(runId: string, records: readonly StagedRecord[]): Promise<void> {
    if (records.length === 0) return;
    // By the database's clock, which also removes what is left behind: under a process whose clock is days behind, records would
    // be gone before their run has planned them.
    const { localTime } = (await this.db.command({ hello: 1 })) as { localTime: Date };
    const documents = (await this.#apart(runId, records)).map((record) => ({
      _id: stageId(runId, record.side, record.id),
      runId,
      stagedAt: localTime,
      ...record,
      ...(record.version === null ? { deleted: true as const } : {}),
    }));
    const known = await insertNew(this.staged, documents);
    if (known.length === 0) return;
    await this.staged.bulkWrite(
      known.map((document) => ({ replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true } })),
      { ordered: false },
    );
  }

  /** Records that the system told deleted or did not list, in order of their ids, after the given one. */
  async deleted(runId: string, side: Side, afterId: string | null, limit: number): Promise<StagedRecord[]> {
    return this.#whole(
      runId,
      this.staged
        .find({
          runId,
          deleted: true,
          side,
          ...(afterId === null ? {} : { _id: { $gt: stageId(runId, side, afterId) } }),
        })
        .sort({ _id: 1 })
        .limit(limit),
    );
  }

  /** The records of a side in order of their ids, after the given one. */
  async page(runId: string, side: Side, afterId: string | null, limit: number): Promise<StagedRecord[]> {
    return this.#whole(
      runId,
      this.staged
        .find({ _id: ofSide(runId, side, afterId) })
        .sort({ _id: 1 })
        .limit(limit),
    );
  }

  async byIds(runId: string, side: Side, ids: readonly string[]): Promise<StagedRecord[]> {
    return ids.length === 0
      ? []
      : this.#whole(runId, this.staged.find({ _id: { $in: ids.map((id) => stageId(runId, side, id)) } }));
  }

  async remove(runId: string, side: Side, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.staged.deleteMany({ _id: { $in: ids.map((id) => stageId(runId, side, id)) } });
  }

  /** Forgets the matching keys of records that were matched: a later priority does not consider them again. */
  async settleMatching(runId: string, side: Side, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.staged.updateMany(
      { _id: { $in: ids.map((id) => stageId(runId, side, id)) } },
      { $unset: { matchKeys: '' } },
    );
  }

  /** The records of a side with a matching key, in order of their ids, after the given one. */
  async withKey(
    runId: string,
    side: Side,
    matchKey: string,
    { afterId, limit }: { readonly afterId: string | null; readonly limit: number },
  ): Promise<StagedRecord[]> {
    const after = afterId === null ? {} : { _id: { $gt: stageId(runId, side, afterId) } };
    return this.#whole(
      runId,
      this.staged
        .find({ runId, matchKeys: matchKey, side, ...after })
        .sort({ _id: 1 })
        .limit(limit),
    );
  }

  /** Forgets all matching keys of the records that have this one: a later priority does not consider them again. */
  async settleKey(runId: string, matchKey: string): Promise<void> {
    await this.staged.updateMany({ runId, matchKeys: matchKey }, { $unset: { matchKeys: '' } });
  }

  /** Groups of records of one matching priority that stand on both sides. */
  matchGroups(runId: string, keyPrefix: string): AsyncIterable<MatchGroup> {
    const counted = (side: Side) => ({ $sum: { $cond: [{ $eq: ['$side', side] }, 1, 0] } });
    const listed = (side: Side) => ({
      $firstN: { n: LISTED_IDS, input: { $cond: [{ $eq: ['$side', side] }, '$id', '$$REMOVE'] } },
    });
    return this.staged.aggregate<MatchGroup>(
      [
        { $match: { runId, matchKeys: { $gte: keyPrefix, $lt: `${keyPrefix}\uffff` } } },
        { $unwind: '$matchKeys' },
        { $match: { matchKeys: { $gte: keyPrefix, $lt: `${keyPrefix}\uffff` } } },
        { $sort: { side: 1, id: 1 } },
        {
          $group: {
            _id: '$matchKeys',
            businessCount: counted('BUSINESS'),
            salesCount: counted('SALES'),
            businessIds: listed('BUSINESS'),
            salesIds: listed('SALES'),
          },
        },
        { $match: { businessCount: { $gt: 0 }, salesCount: { $gt: 0 } } },
        {
          $project: {
            _id: 0,
            key: '$_id',
            businessCount: 1,
            salesCount: 1,
            businessIds: withoutMissing('$businessIds'),
            salesIds: withoutMissing('$salesIds'),
          },
        },
      ],
      { allowDiskUse: true },
    );
  }

  async clear(runId: string): Promise<void> {
    await this.staged.deleteMany({ _id: { $gte: `${runId}:`, $lt: `${runId};` } });
    await this.texts.forget(runId);
  }

  async #apart(runId: string, records: readonly StagedRecord[]): Promise<readonly StagedRecord[]> {
    const stored: StagedRecord[] = [];
    for (const record of records)
      stored.push(
        isTooLarge(record.values) ? { ...record, values: await this.texts.apart(runId, record.values) } : record,
      );
    return stored;
  }

  async #whole(runId: string, cursor: FindCursor<StagedDocument>): Promise<StagedRecord[]> {
    const records: StagedRecord[] = [];
    for (const record of await cursor.toArray())
      records.push({ ...record, values: await this.texts.whole(runId, record.values) });
    return records;
  }
}

/** `$firstN` keeps null for each record of the other side. */
const withoutMissing = (ids: string) => ({ $filter: { input: ids, cond: { $ne: ['$$this', null] } } });

/** The ids of a run and side follow each other: a page of them needs no other index. */
const ofSide = (runId: string, side: Side, afterId: string | null) => ({
  ...(afterId === null ? { $gte: stageId(runId, side, '') } : { $gt: stageId(runId, side, afterId) }),
  $lt: `${runId}:${side};`,
});

const stageId = (runId: string, side: Side, id: string): string => `${runId}:${side}:${id}`;
