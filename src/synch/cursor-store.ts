import type { Collection, Db } from 'mongodb';
import { MongoServerError } from 'mongodb';
import type { Side } from './synch-error.js';

const COLLECTION = 'synchCursors';
const DUPLICATE_KEY = 11_000;

/** How far one side of a mapping was read, and with what. */
export interface SynchCursor {
  /** The connector's own text. */
  readonly cursor: string;
  /** Fields that the read asked for: a read with other fields starts anew. */
  readonly readFields: readonly string[];
  /** Hash of the mapping that all pairs were evaluated with (CompiledMapping.hash). */
  readonly mappingHash: string;
  /** The newest modification read so far, by that system's clock; never goes back. */
  readonly modifiedUntil: Date | null;
  /** When all rows of the side were compared with the couplings last, by their ids and versions. */
  readonly sweptAt: Date | null;
}

const sources = ['BUSINESS', 'SALES', 'PARTS'] as const;
/** What a mapping reads: its table on each side, and the parts of its Dataverse records that stand in a table of their own. */
export type CursorSource = (typeof sources)[number];

/** The newest modification read of each side of a mapping, by the clocks of the systems. */
export interface ReadUntil {
  readonly mappingId: string;
  readonly business: Date | null;
  readonly sales: Date | null;
}

type CursorDocument = SynchCursor & { readonly _id: string; readonly mappingId: string; readonly leaseToken: number };

/** Keeps the cursors of mappings; only the holder of the newest lease can move one. */
export class CursorStore {
  private readonly cursors: Collection<CursorDocument>;

  constructor(db: Db) {
    this.cursors = db.collection<CursorDocument>(COLLECTION);
  }

  async get(mappingId: string, source: CursorSource): Promise<SynchCursor | null> {
    return this.cursors.findOne({ _id: cursorId(mappingId, source) });
  }

  async ofMappings(
    mappingIds: readonly string[],
  ): Promise<(SynchCursor & { readonly mappingId: string; readonly source: CursorSource })[]> {
    const ids = mappingIds.flatMap((id) => sources.map((source) => cursorId(id, source)));
    const found = await this.cursors.find({ _id: { $in: ids } }).toArray();
    return found.flatMap((cursor) => {
      const source = sources.find((one) => cursor._id === cursorId(cursor.mappingId, one));
      return source === undefined ? [] : [{ ...cursor, source }];
    });
  }

  async readUntil(mappingIds: readonly string[]): Promise<ReadUntil[]> {
    const read = await this.ofMappings(mappingIds);
    const until = (mappingId: string, side: Side): Date | null =>
      read.find((cursor) => cursor.mappingId === mappingId && cursor.source === side)?.modifiedUntil ?? null;
    return mappingIds.map((mappingId) => ({
      mappingId,
      business: until(mappingId, 'BUSINESS'),
      sales: until(mappingId, 'SALES'),
    }));
  }

  /** Moves the cursor; does nothing and answers false when a later lease has written it. */
  async move(mappingId: string, source: CursorSource, cursor: SynchCursor, leaseToken: number): Promise<boolean> {
    try {
      const { modifiedUntil, ...rest } = cursor;
      await this.cursors.updateOne(
        { _id: cursorId(mappingId, source), leaseToken: { $lte: leaseToken } },
        {
          $set: { mappingId, leaseToken, ...rest },
          ...(modifiedUntil === null ? { $setOnInsert: { modifiedUntil: null } } : { $max: { modifiedUntil } }),
        },
        { upsert: true },
      );
      return true;
    } catch (error) {
      // The document exists under a later lease: the upsert tried to insert a second one.
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }
}

const cursorId = (mappingId: string, source: CursorSource): string => `${mappingId}:${source}`;
