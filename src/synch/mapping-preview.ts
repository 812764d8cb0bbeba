import type { Connector, SourceRow } from '../connectors/connector.js';
import type { CouplingStore } from '../coupling/coupling-store.js';
import type { ExternalRecord } from '../coupling/external-record.js';
import type { TableMetadata } from '../mapping/field-value.js';
import { FilterSyntaxError } from '../mapping/filter/filter-ast.js';
import { compileFilters } from '../mapping/filter/filter-predicate.js';
import {
  fieldOn,
  filterOn,
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
  type OneWayDirection,
  tableOn,
} from '../mapping/integration-table-mapping.js';
import type { TransformationRules } from '../mapping/transformation/transformation-rule.js';
import { answered, isTimeout } from './live-answer.js';
import { titleFieldsOf, titleOf } from './record-title.js';
import { otherSide, type Side, sides } from './synch-error.js';
import { type FieldTryOut, tryOutFields } from './try-out-fields.js';

/** How many records match; counting stops at {@link MOST_COUNTED}, and with the time that a person waits. */
export interface RecordCount {
  readonly count: number;
  readonly precision: 'EXACT' | 'AT_LEAST';
}

/** What would become of a real record. */
export interface RecordTryOut {
  readonly record: ExternalRecord;
  readonly fields: readonly FieldTryOut[];
}

/** Tries a mapping out, saved or not, on what the systems hold now; writes nothing. Both throw NoAnswerError. */
export interface MappingPreviews {
  /** How many records of a side its filters match; null where a filter or the table is none. */
  count(mapping: IntegrationTableMapping, side: Side): Promise<RecordCount | null>;
  /**
   * What each enabled field of a direction would become of the record with this id, else of the first one that the filter
   * matches; null where there is no such record. `mappingId` is that of the saved mapping, where there is one.
   */
  tryOut(
    mapping: IntegrationTableMapping,
    asked: { readonly direction: OneWayDirection; readonly recordId: string | null; readonly mappingId: string | null },
  ): Promise<RecordTryOut | null>;
}

export interface MappingPreviewDeps {
  readonly couplings: Pick<CouplingStore, 'pairsOf'>;
  readonly mappingsOf: (connectionSetupId: string) => Promise<readonly IntegrationTableMapping[]>;
  readonly rules: () => Promise<TransformationRules>;
  /** One system of a connection, enabled or not. */
  readonly look: (connectionSetupId: string, side: Side, signal: AbortSignal) => Promise<Connector>;
}

const MOST_COUNTED = 10_000;

/** The systems narrow a read only as far as they can: the first match need not be on the first page. */
const SEARCHED_PAGE = 50;

export const mappingPreviews = (deps: MappingPreviewDeps): MappingPreviews => ({
  count: (mapping, side) =>
    answered(async (signal) => {
      const { connector, table } = await openSide(deps, mapping, side, signal);
      if (!isUsableFilter(mapping, side, table)) return null;
      return countMatches(connector, mapping, side, signal);
    }),
  tryOut: (mapping, { direction, recordId, mappingId }) =>
    answered(async (signal) => {
      const into: Side = direction === 'TO_INTEGRATION_TABLE' ? 'SALES' : 'BUSINESS';
      const side = otherSide(into);
      const [business, sales] = await Promise.all(sides.map((one) => openSide(deps, mapping, one, signal)));
      if (business === undefined || sales === undefined) return null;
      const from = side === 'BUSINESS' ? business : sales;
      const row = await recordToTry({ mapping, side, ...from }, recordId, signal);
      if (row === null) return null;
      const { connectionSetupId } = mapping;
      const fields = await tryOutFields(
        {
          mapping,
          tables: { BUSINESS: business.table, SALES: sales.table },
          connectors: { BUSINESS: business.connector, SALES: sales.connector },
          mappings: await deps.mappingsOf(connectionSetupId),
          rules: await deps.rules(),
          couplings: deps.couplings,
        },
        { into, source: row.values },
        signal,
      );
      const title = titleOf(from.table, row.id, row.values);
      return {
        record: { connectionSetupId, mappingId, table: tableOn(mapping, side), side, recordId: row.id, title },
        fields,
      };
    }),
});

interface OpenSide {
  readonly connector: Connector;
  readonly table: TableMetadata;
}

async function openSide(
  { look }: MappingPreviewDeps,
  mapping: IntegrationTableMapping,
  side: Side,
  signal: AbortSignal,
): Promise<OpenSide> {
  const connector = await look(mapping.connectionSetupId, side, signal);
  return { connector, table: await connector.metadata(tableOn(mapping, side), signal) };
}

async function countMatches(
  connector: Connector,
  mapping: IntegrationTableMapping,
  side: Side,
  signal: AbortSignal,
): Promise<RecordCount> {
  const request = { table: tableOn(mapping, side), fields: [], filter: filterOn(mapping, side) };
  let count = 0;
  try {
    for await (const rows of connector.readMatching(request, signal)) {
      count += rows.length;
      if (count > MOST_COUNTED) return { count: MOST_COUNTED, precision: 'AT_LEAST' };
    }
  } catch (error) {
    // A part is counted: more than nothing is known.
    if (count > 0 && isTimeout(error)) return { count, precision: 'AT_LEAST' };
    throw error;
  }
  return { count, precision: 'EXACT' };
}

async function recordToTry(
  { mapping, side, connector, table }: OpenSide & { readonly mapping: IntegrationTableMapping; readonly side: Side },
  recordId: string | null,
  signal: AbortSignal,
): Promise<SourceRow | null> {
  const request = { table: table.name, fields: fieldsToRead(mapping, side, table) };
  if (recordId !== null) {
    const [row] = await connector.readByIds({ ...request, ids: [recordId] }, signal);
    return row ?? null;
  }
  if (!isUsableFilter(mapping, side, table)) return null;
  const matching = { ...request, filter: filterOn(mapping, side), pageSize: SEARCHED_PAGE };
  for await (const [row] of connector.readMatching(matching, signal)) if (row !== undefined) return row;
  return null;
}

function fieldsToRead({ fields }: IntegrationTableMapping, side: Side, table: TableMetadata): string[] {
  const mapped = fields.filter(({ enabled }) => enabled).map((field: IntegrationFieldMapping) => fieldOn(field, side));
  return [...new Set([...mapped.filter((name) => table.fields.has(name)), ...titleFieldsOf(table)])];
}

function isUsableFilter(mapping: IntegrationTableMapping, side: Side, table: TableMetadata): boolean {
  try {
    compileFilters(filterOn(mapping, side), table);
    return true;
  } catch (error) {
    if (error instanceof FilterSyntaxError || error instanceof RangeError) return false;
    throw error;
  }
}
