import type { SourceRow } from '../connectors/connector.js';
import type { Coupling } from '../coupling/coupling.js';
import type { CouplingStore } from '../coupling/coupling-store.js';
import { type IntegrationTableMapping, tableOn } from '../mapping/integration-table-mapping.js';
import { comparePair, type FieldComparison } from './compare-pair.js';
import { answered } from './live-answer.js';
import { loadReferences } from './load-references.js';
import { type MappingSurroundings, type OpenMapping, openMapping } from './open-mapping.js';
import { type Side, sides } from './synch-error.js';

/** A mapping open for reading, with the records of one pair as they are now. */
export interface LivePair {
  readonly open: OpenMapping;
  /** Null for an id that was not asked for, or that no record has. */
  readonly rows: Readonly<Record<Side, SourceRow | null>>;
}

/** Reads pairs from both systems, for people who look at them. Both throw NoAnswerError. */
export interface LivePairs {
  /** Every mapped field of a pair as it is now. */
  compare(mapping: IntegrationTableMapping, coupling: Coupling): Promise<FieldComparison[]>;
  /** The records with these ids. */
  read(mapping: IntegrationTableMapping, ids: Readonly<Record<Side, string | null>>): Promise<LivePair>;
}

/** Reads through connections of their own, so that what people look at neither waits for runs nor ends with them. */
export function livePairs(
  surroundings: MappingSurroundings & { readonly couplings: Pick<CouplingStore, 'pairsOf' | 'byIds'> },
): LivePairs {
  const { couplings } = surroundings;
  return {
    compare: (mapping, { _id, businessId, salesId }) =>
      answered(async (signal) => {
        const [coupling] = await couplings.byIds([_id]);
        const { open, rows } = await readPair(mapping, { BUSINESS: businessId, SALES: salesId }, signal);
        const { compiled, localCurrency } = open;
        const references = await loadReferences(
          { compiled, localCurrency, stores: { couplings } },
          sides.flatMap((side) => (rows[side] === null ? [] : [{ side, values: rows[side].values }])),
        );
        return comparePair(
          compiled,
          coupling ?? { bases: [] },
          { business: rows.BUSINESS, sales: rows.SALES },
          references,
        );
      }),
    read: (mapping, ids) => answered((signal) => readPair(mapping, ids, signal)),
  };

  async function readPair(
    mapping: IntegrationTableMapping,
    ids: Readonly<Record<Side, string | null>>,
    signal: AbortSignal,
  ): Promise<LivePair> {
    const open = await openMapping(mapping, surroundings, signal);
    const [business, sales] = await Promise.all(sides.map((side) => readRow(open, side, ids[side], signal)));
    return { open, rows: { BUSINESS: business ?? null, SALES: sales ?? null } };
  }
}

async function readRow(
  { compiled, connectors }: OpenMapping,
  side: Side,
  id: string | null,
  signal: AbortSignal,
): Promise<SourceRow | null> {
  if (id === null) return null;
  const request = { table: tableOn(compiled.mapping, side), fields: compiled.readFields[side], ids: [id] };
  const [row] = await connectors[side].readByIds(request, signal);
  return row ?? null;
}
