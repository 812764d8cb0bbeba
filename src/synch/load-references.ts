import type { FieldValue, FieldValues } from '../mapping/field-value.js';
import type { CompiledField } from './compiled-field.js';
import type { PairWork } from './pair-work.js';
import { noReferences, type References } from './references.js';
import { type Side, sides } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/** What references are looked up with. */
export type ReferenceSources = Pick<SynchRun, 'localCurrency'> & {
  readonly compiled: Pick<SynchRun['compiled'], 'fields' | 'lookups'>;
  readonly stores: { readonly couplings: Pick<SynchRun['stores']['couplings'], 'pairsOf'> };
};

/** A record whose references are to be translated: values by field of its side. */
export interface ReferringRecord {
  readonly side: Side;
  readonly values: FieldValues;
}

/** What these pairs refer to: as read, and as last agreed where a side was not read. */
export const recordsOf = (fields: readonly CompiledField[], works: readonly PairWork[]): readonly ReferringRecord[] =>
  works.flatMap((work) =>
    sides.flatMap((side) => [
      { side, values: agreedValues(fields, work, side) },
      ...(work.seen[side] === undefined ? [] : [{ side, values: work.seen[side].values }]),
    ]),
  );

function agreedValues(fields: readonly CompiledField[], { coupling }: PairWork, side: Side): FieldValues {
  const values: Record<string, FieldValue> = {};
  for (const { lookup, field, integrationField } of fields) {
    if (lookup === null) continue;
    const base = coupling.bases.find((one) => one.field === field && one.integrationField === integrationField);
    if (base !== undefined)
      values[side === 'BUSINESS' ? field : integrationField] = side === 'BUSINESS' ? base.business : base.sales;
  }
  return values;
}

/** Looks up the couplings of all records that these refer to, one query for each mapping and side. */
export async function loadReferences(run: ReferenceSources, records: readonly ReferringRecord[]): Promise<References> {
  const lookups = run.compiled.fields.filter(({ lookup }) => lookup !== null);
  if (lookups.length === 0) return noReferences;
  const byBusinessId = new Map<
    string,
    { readonly salesId: string; readonly related: Readonly<Record<string, string>> }
  >();
  const bySalesId = new Map<string, string>();
  for (const mappingName of new Set(lookups.map(({ lookup }) => lookup?.mappingName ?? ''))) {
    const mapping = run.compiled.lookups.get(mappingName);
    if (mapping === undefined) continue;
    const fields = lookups.filter(({ lookup }) => lookup?.mappingName === mappingName);
    for (const side of sides) {
      const ids = referredIds(fields, side, records);
      for (const { businessId, salesId, related } of await run.stores.couplings.pairsOf(mapping.id, side, ids)) {
        byBusinessId.set(`${mappingName}:${businessId}`, { salesId, related });
        bySalesId.set(`${mappingName}:${salesId}`, businessId);
      }
    }
  }
  return {
    salesIdOf: (mappingName, businessId, target) => {
      const pair = byBusinessId.get(`${mappingName}:${businessId}`);
      if (pair === undefined) return null;
      return target === null ? pair.salesId : (pair.related[target] ?? null);
    },
    businessIdOf: (mappingName, salesId) => bySalesId.get(`${mappingName}:${salesId}`) ?? null,
    localCurrency: run.localCurrency,
  };
}

function referredIds(fields: readonly CompiledField[], side: Side, records: readonly ReferringRecord[]): string[] {
  const ids = new Set<string>();
  for (const record of records) {
    if (record.side !== side) continue;
    for (const field of fields) {
      const value = record.values[side === 'BUSINESS' ? field.field : field.integrationField] ?? null;
      if (value !== null) ids.add(String(value));
    }
  }
  return [...ids];
}
