import type { Connector, SourceRow } from '../connectors/connector.js';
import type { Coupling } from '../coupling/coupling.js';
import type { CouplingStore } from '../coupling/coupling-store.js';
import type { ExternalRecord } from '../coupling/external-record.js';
import type { FieldMetadata, TableMetadata } from '../mapping/field-value.js';
import { compileFilters } from '../mapping/filter/filter-predicate.js';
import { filterContaining } from '../mapping/filter/print-filter.js';
import {
  type FieldFilter,
  filterOn,
  type IntegrationTableMapping,
  tableOn,
} from '../mapping/integration-table-mapping.js';
import { makeError, RunFailedError } from './describe-error.js';
import { answered, isTimeout } from './live-answer.js';
import { titleFieldsOf, titleOf } from './record-title.js';
import { otherSide, type Side } from './synch-error.js';

/** Which records of a mapping a person looks for. */
export interface RecordSearch {
  readonly side: Side;
  /** Every word occurs in the key or the title; empty for all. */
  readonly search: string;
  /** Beyond the filter of the mapping. */
  readonly filter: readonly FieldFilter[];
  /** Leaves out the records that have a counterpart. */
  readonly uncoupledOnly: boolean;
  readonly first: number;
}

export interface RecordFinder {
  /**
   * Records of one side that the mapping's filter matches, in the order in which the system tells them. What was found within
   * ten seconds, where looking through all would take longer. Throws FilterSyntaxError and RangeError for a filter that
   * cannot be asked, NoAnswerError where the system does not answer.
   */
  find(mapping: IntegrationTableMapping, search: RecordSearch): Promise<ExternalRecord[]>;
}

export interface RecordFinderDeps {
  readonly couplings: Pick<CouplingStore, 'byRecordIds'>;
  /** One system of a connection, enabled or not. */
  readonly look: (connectionSetupId: string, side: Side, signal: AbortSignal) => Promise<Connector>;
}

/** Rows of a page where most of them may have to be left out. */
const SIFTED_PAGE = 1_000;

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Looks for records in the systems, for people who pick one. */
export const recordFinder = (deps: RecordFinderDeps): RecordFinder => ({
  find: (mapping, search) =>
    answered(async (signal) => {
      const connector = await deps.look(mapping.connectionSetupId, search.side, signal);
      const table = await connector.metadata(tableOn(mapping, search.side), signal);
      if (mapping.kind === 'OPTION' && search.side === 'SALES') return choicesOf(mapping, table, search, deps);
      return firstFound({ mapping, search, table, connector, deps }, signal);
    }),
});

interface Search {
  readonly mapping: IntegrationTableMapping;
  readonly search: RecordSearch;
  readonly table: TableMetadata;
  readonly connector: Connector;
  readonly deps: RecordFinderDeps;
}

async function firstFound(looking: Search, signal: AbortSignal): Promise<ExternalRecord[]> {
  const { mapping, search, table, deps } = looking;
  // What the caller asks is judged before anything is read: a fault of it is no fault of the mapping.
  compileFilters(search.filter, table);
  requireUsableFilter(mapping, search.side, table);
  const found = new Map<string, ExternalRecord>();
  const words = wordsIn(search.search);
  try {
    for await (const rows of candidates(looking, words, signal)) {
      const named = rows
        .map((row) => asRecord(mapping, search.side, row.id, titleOf(table, row.id, row.values)))
        .filter((record) => hasWords(record, words));
      for (const record of await withoutCoupled(mapping, search, named, deps)) found.set(record.recordId, record);
      if (found.size >= search.first) break;
    }
  } catch (error) {
    if (found.size === 0 || !isTimeout(error)) throw error;
  }
  return [...found.values()].slice(0, search.first);
}

/** Rows among which all wanted ones are; some of them twice. */
async function* candidates(
  { mapping, search, table, connector }: Search,
  words: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<readonly SourceRow[], void, undefined> {
  const { name } = table;
  const fields = titleFieldsOf(table);
  const filter = [...filterOn(mapping, search.side), ...search.filter];
  const pageSize = words.length === 0 && !search.uncoupledOnly ? Math.max(search.first, 1) : SIFTED_PAGE;
  const request = { table: name, fields, filter, pageSize };
  const ids = words.filter((word) => GUID.test(word));
  if (ids.length > 0) yield await rowsWithKeys(connector, { ...request, ids, table }, signal);
  const searched = fields.flatMap((field) => table.fields.get(field) ?? []).filter(isText);
  // The longest word leaves the fewest records; each record that has all words has it in one of its fields.
  const [word] = words.toSorted((a, b) => b.length - a.length);
  if (word === undefined || searched.length < fields.length || fields.length === 0) {
    yield* connector.readMatching(request, signal);
    return;
  }
  for (const field of searched) {
    const containing = { field: field.name, expression: filterContaining(word) };
    yield* connector.readMatching({ ...request, filter: [...filter, containing] }, signal);
  }
}

const isText = ({ type }: FieldMetadata): boolean => type === 'TEXT' || type === 'CODE';

async function rowsWithKeys(
  connector: Connector,
  {
    table,
    fields,
    filter,
    ids,
  }: {
    readonly table: TableMetadata;
    readonly fields: readonly string[];
    readonly filter: readonly FieldFilter[];
    readonly ids: readonly string[];
  },
  signal: AbortSignal,
): Promise<SourceRow[]> {
  const allFields = [...new Set([...fields, ...filter.map(({ field }) => field)])];
  const rows = await connector.readByIds({ table: table.name, fields: allFields, ids }, signal);
  const matches = compileFilters(filter, table);
  return rows.filter(({ values }) => matches(values));
}

function requireUsableFilter(mapping: IntegrationTableMapping, side: Side, table: TableMetadata): void {
  try {
    compileFilters(filterOn(mapping, side), table);
  } catch (error) {
    const message = `a filter of mapping ${mapping.name} on ${table.name} cannot be used: ${(error as Error).message}`;
    throw new RunFailedError(makeError('CONFIGURATION', 'FILTER_SYNTAX', message, { side }), { cause: error });
  }
}

/** The choices of a Dataverse column, which an OPTION mapping couples like records. */
async function choicesOf(
  mapping: IntegrationTableMapping,
  { fields }: TableMetadata,
  search: RecordSearch,
  deps: RecordFinderDeps,
): Promise<ExternalRecord[]> {
  const options = fields.get(mapping.fields[0]?.integrationField ?? '')?.options ?? [];
  const words = wordsIn(search.search);
  const named = options
    .map(({ value, label }) => asRecord(mapping, 'SALES', value, label))
    .filter((record) => hasWords(record, words));
  return (await withoutCoupled(mapping, search, named, deps)).slice(0, search.first);
}

const asRecord = (mapping: IntegrationTableMapping, side: Side, recordId: string, title: string): ExternalRecord => ({
  connectionSetupId: mapping.connectionSetupId,
  mappingId: mapping.id,
  table: tableOn(mapping, side),
  side,
  recordId,
  title,
});

const wordsIn = (search: string): string[] =>
  search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');

function hasWords({ recordId, title }: ExternalRecord, words: readonly string[]): boolean {
  const text = `${recordId} ${title}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** A record that is only listed, without a counterpart, may still be coupled. */
async function withoutCoupled(
  mapping: IntegrationTableMapping,
  { side, uncoupledOnly }: RecordSearch,
  records: readonly ExternalRecord[],
  { couplings }: RecordFinderDeps,
): Promise<readonly ExternalRecord[]> {
  if (!uncoupledOnly) return records;
  const ids = records.map(({ recordId }) => recordId);
  const coupled = new Set(
    (await couplings.byRecordIds(mapping.id, side, ids))
      .filter((coupling) => idOn(coupling, otherSide(side)) !== null)
      .map((coupling) => idOn(coupling, side)),
  );
  return records.filter(({ recordId }) => !coupled.has(recordId));
}

const idOn = ({ businessId, salesId }: Coupling, side: Side): string | null =>
  side === 'BUSINESS' ? businessId : salesId;
