import type { Db } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';

const COLLECTION = 'processMetrics';

/** A process that was not heard for so long is gone, and its figures with it. */
const SILENCE_MS = 30_000;

interface ProcessMetricsDocument {
  readonly _id: string;
  readonly at: Date;
  readonly metrics: string;
}

export const processMetricsIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { at: 1 }, options: { expireAfterSeconds: 600 } },
];

/** Figures of processes that nobody can ask over HTTP: workers leave them where those that can be asked find them. */
export class ProcessMetricsStore {
  constructor(private readonly db: Db) {}

  async save(processName: string, metrics: string): Promise<void> {
    await this.#collection.updateOne(
      { _id: processName },
      [{ $set: { at: '$$NOW', metrics: { $literal: metrics } } }],
      { upsert: true },
    );
  }

  async remove(processName: string): Promise<void> {
    await this.#collection.deleteOne({ _id: processName });
  }

  /** What the living processes left, by their names. */
  async living(): Promise<ReadonlyMap<string, string>> {
    const isHeard = { $gt: ['$at', { $subtract: ['$$NOW', SILENCE_MS] }] };
    const found = await this.#collection.find({ $expr: isHeard }).toArray();
    return new Map(found.map(({ _id, metrics }) => [_id, metrics]));
  }

  get #collection() {
    return this.db.collection<ProcessMetricsDocument>(COLLECTION);
  }
}
