import type { Db } from 'mongodb';
import type { IndexSpec } from '../store/indexes.js';
import { type Count, countMatches, type Page, type PageRequest, readPage } from '../store/keyset-page.js';
import { builtInTransformations } from './transformation/built-in-transformations.js';
import type { TransformationRule, TransformationRules } from './transformation/transformation-rule.js';

const COLLECTION = 'transformationRules';
const DUPLICATE_KEY = 11_000;

/** The indexes of the rules. */
export const transformationRuleIndexes: readonly IndexSpec[] = [
  { collection: COLLECTION, keys: { code: 1 }, options: { unique: true } },
  { collection: COLLECTION, keys: { code: 1, _id: 1 } },
];

type RuleDocument = Omit<TransformationRule, 'id'> & { readonly _id: string };
export type RuleChange = Partial<Omit<TransformationRule, 'id' | 'code' | 'revision'>>;

/** Reads and saves transformation rules; they belong to no connection, so that all of them can use the same. */
export interface TransformationRuleStore {
  /** Makes the built-in rules that are missing; those that people edited stay as they are. */
  makeBuiltIns(): Promise<void>;
  all(): Promise<TransformationRules>;
  byIds(ids: readonly string[]): Promise<TransformationRule[]>;
  page(request: PageRequest): Promise<Page<TransformationRule>>;
  count(): Promise<Count>;
  /** False when a rule has this code. */
  insert(rule: TransformationRule): Promise<boolean>;
  /** Null when the rule has another revision by now, or is gone. */
  update(id: string, revision: number, change: RuleChange): Promise<TransformationRule | null>;
  /** False when the rule has another revision by now, or is gone. */
  remove(id: string, revision: number): Promise<boolean>;
}

const fromDocument = ({ _id, ...rule }: RuleDocument): TransformationRule => ({ id: _id, ...rule });
const toDocument = ({ id, ...rule }: TransformationRule): RuleDocument => ({ _id: id, ...rule });

/** The rules of a database. */
export function transformationRuleStore(db: Db): TransformationRuleStore {
  const rules = db.collection<RuleDocument>(COLLECTION);
  return {
    makeBuiltIns: async () => {
      await rules.bulkWrite(
        [...builtInTransformations.values()].map((rule) => {
          const { code, ...made } = toDocument(rule);
          return { updateOne: { filter: { code }, update: { $setOnInsert: made }, upsert: true } };
        }),
        { ordered: false },
      );
    },
    all: async () =>
      new Map((await rules.find().sort({ code: 1 }).toArray()).map(fromDocument).map((rule) => [rule.code, rule])),
    byIds: async (ids) => (await rules.find({ _id: { $in: [...ids] } }).toArray()).map(fromDocument),
    page: async (request) => {
      const page = await readPage(rules, {}, { field: 'code', direction: 'ASC' }, request);
      return { ...page, items: page.items.map(({ item, place }) => ({ place, item: fromDocument(item) })) };
    },
    count: () => countMatches(rules, {}, true),
    insert: async (rule) => {
      try {
        await rules.insertOne(toDocument(rule));
        return true;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY) return false;
        throw error;
      }
    },
    update: async (id, revision, change) => {
      const saved = await rules.findOneAndUpdate(
        { _id: id, revision },
        { $set: { ...change, revision: revision + 1 } },
        { returnDocument: 'after' },
      );
      return saved && fromDocument(saved);
    },
    remove: async (id, revision) => (await rules.deleteOne({ _id: id, revision })).deletedCount > 0,
  };
}
