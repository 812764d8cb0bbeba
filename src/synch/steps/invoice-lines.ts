import type { SourceRow } from '../../connectors/connector.js';
import type { Coupling } from '../../coupling/coupling.js';
import type { FieldValues, TableMetadata } from '../../mapping/field-value.js';
import type { IntegrationTableMapping } from '../../mapping/integration-table-mapping.js';
import { type CompiledMapping, compileMapping } from '../compiled-mapping.js';
import { type ComposedRecord, composeRecord } from '../compose-record.js';
import { makeBase } from '../field-base.js';
import { loadReferences } from '../load-references.js';
import { newCoupling } from '../new-coupling.js';
import { offeredName } from '../offered-name.js';
import { titleOf } from '../record-title.js';
import { changeOf, type SynchRun } from '../synch-run.js';
import { type InvoiceLine, invoiceLineValues } from './invoice-line.js';
import { documentFields, type LineValues, lineFieldsOf, lineValuesOf } from './invoice-source.js';
import { ourId } from './our-id.js';
import { pricedFields } from './price-lists.js';
import { refused, type StepContext, writeSales } from './step.js';

/** More lines than an invoice has. */
const MOST_LINES = 10_000;

/** The fields that say what a line is about, with the table of the mapping that couples it. */
const objectFields = { itemId: 'items', resourceId: 'resources' } as const;

/** The lines of one invoice, ready to be written. */
export interface InvoiceLines {
  readonly compiled: CompiledMapping;
  readonly rows: readonly SourceRow[];
  /** One for each row. */
  readonly lines: readonly InvoiceLine[];
  /** The products of the lines, by their ids. */
  readonly products: ReadonlyMap<string, SourceRow>;
  /** Items and resources of lines that are not coupled with a product yet. */
  readonly uncoupled: readonly { readonly mappingName: string; readonly field: string; readonly recordId: string }[];
}

/** Reads the lines of an invoice in the business system, with the products that they are about. */
export async function readLines(run: SynchRun, { businessId }: Coupling): Promise<InvoiceLines> {
  const compiled = await lineMapping(run);
  const rows = await linesOf(run, compiled, businessId);
  const told = rows.map(({ values }) => lineValuesOf(compiled.table.BUSINESS, values));
  const { productIds, uncoupled } = await coupledProducts(run, told);
  const products = await readProducts(run, [...new Set(productIds.values())]);
  const lines = told.map((values): InvoiceLine => {
    const object = objectOf(values);
    const id = object === null ? undefined : productIds.get(objectKey(object));
    const unitId = products.get(id ?? '')?.values['defaultuomid'] ?? null;
    return { values, product: id === undefined ? null : { id, unitId } };
  });
  return { compiled, rows, lines, products, uncoupled };
}

/** The items and resources that the lines of an invoice are about, with the mappings that couple them with products. */
export async function objectsOfInvoice(
  run: SynchRun,
  { businessId }: Coupling,
): Promise<readonly { readonly mapping: IntegrationTableMapping; readonly ids: readonly string[] }[]> {
  const compiled = await lineMapping(run);
  const rows = await linesOf(run, compiled, businessId);
  const objects = rows.flatMap(({ values }) => objectOf(lineValuesOf(compiled.table.BUSINESS, values)) ?? []);
  return objectsByMapping(run, objects);
}

async function linesOf(
  { connectors, signal }: SynchRun,
  { table: { BUSINESS: table }, readFields }: CompiledMapping,
  businessId: string | null,
): Promise<readonly SourceRow[]> {
  const fields = [...new Set([...readFields.BUSINESS, ...lineFieldsOf(table)])];
  const equal = { [documentField(table)]: businessId };
  return connectors.BUSINESS.find({ table: table.name, fields, equal, atMost: MOST_LINES }, signal);
}

/** Lines have a mapping of their own, which says what is copied; it runs with that of the invoices alone. */
async function lineMapping(run: SynchRun): Promise<CompiledMapping> {
  const mapping = [...run.compiled.lookups.values()].find(
    ({ integrationTable, enabled }) => integrationTable === 'invoicedetails' && enabled,
  );
  if (mapping === undefined)
    throw refused(
      'NO_LINE_MAPPING',
      'no enabled mapping of the connection says what invoice lines are made of: put the default setup back, or enable POSTEDSALESLINE-INV',
    );
  const { BUSINESS, SALES } = run.connectors;
  return compileMapping(
    mapping,
    await BUSINESS.metadata(mapping.table, run.signal),
    await SALES.metadata(mapping.integrationTable, run.signal),
    run.compiled.lookups,
    run.compiled.rules,
  );
}

function documentField(table: TableMetadata): string {
  const field = offeredName(table, documentFields);
  if (field !== null) return field;
  throw refused(
    'NO_DOCUMENT_FIELD',
    `${table.name} does not tell which invoice a line belongs to: it has to show ${documentFields.join(' or ')}`,
  );
}

/** The item or the resource that a line is about. */
interface LineObject {
  readonly field: keyof typeof objectFields;
  readonly recordId: string;
}

const objectOf = (values: LineValues): LineObject | null => {
  for (const field of ['itemId', 'resourceId'] as const) {
    const value = values[field];
    if (value !== null) return { field, recordId: String(value) };
  }
  return null;
};

/** An item and a resource may have the same number. */
const objectKey = ({ field, recordId }: LineObject): string => `${field} ${recordId}`;

async function coupledProducts(
  run: SynchRun,
  lines: readonly LineValues[],
): Promise<{ productIds: ReadonlyMap<string, string>; uncoupled: InvoiceLines['uncoupled'] }> {
  const productIds = new Map<string, string>();
  const uncoupled: InvoiceLines['uncoupled'][number][] = [];
  const objects = lines.flatMap((values) => objectOf(values) ?? []);
  for (const { field, mapping, ids } of await objectsByMapping(run, objects)) {
    const pairs = await run.stores.couplings.pairsOf(mapping.id, 'BUSINESS', ids);
    const salesIds = new Map(pairs.map(({ businessId, salesId }) => [businessId, salesId]));
    for (const recordId of ids) {
      const salesId = salesIds.get(recordId);
      if (salesId === undefined) uncoupled.push({ mappingName: mapping.name, field, recordId });
      else productIds.set(objectKey({ field, recordId }), salesId);
    }
  }
  return { productIds, uncoupled };
}

interface ObjectsOfMapping {
  readonly field: keyof typeof objectFields;
  readonly mapping: IntegrationTableMapping;
  readonly ids: readonly string[];
}

/** Without a mapping that could ever couple it, an object is sold as a write-in product: it is left out. */
async function objectsByMapping(run: SynchRun, objects: readonly LineObject[]): Promise<readonly ObjectsOfMapping[]> {
  const found: ObjectsOfMapping[] = [];
  for (const field of ['itemId', 'resourceId'] as const) {
    const ids = [...new Set(objects.flatMap((object) => (object.field === field ? [object.recordId] : [])))];
    const mapping = ids.length === 0 ? undefined : await productMapping(run, objectFields[field]);
    if (mapping !== undefined) found.push({ field, mapping, ids });
  }
  return found;
}

/** The mapping that couples the records of a table with products, whatever name the table was published under. */
async function productMapping(run: SynchRun, wanted: string): Promise<IntegrationTableMapping | undefined> {
  const tables = await run.connectors.BUSINESS.tables(run.signal);
  const names = new Set(tables.flatMap(({ name, standsFor = name }) => (standsFor === wanted ? [name] : [])));
  return [...run.compiled.lookups.values()].find(
    ({ table, integrationTable, enabled }) => enabled && integrationTable === 'products' && names.has(table),
  );
}

async function readProducts(run: SynchRun, ids: readonly string[]): Promise<ReadonlyMap<string, SourceRow>> {
  if (ids.length === 0) return new Map();
  const rows = await run.connectors.SALES.readByIds({ table: 'products', fields: pricedFields, ids }, run.signal);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Makes the lines that the invoice lacks in Dataverse, and couples them. */
export async function writeLines(
  context: StepContext,
  coupling: Coupling,
  invoice: SourceRow,
  { compiled, rows, lines }: InvoiceLines,
): Promise<void> {
  const lineRun: SynchRun = { ...context.run, compiled };
  const references = await loadReferences(
    lineRun,
    rows.map(({ values }) => ({ side: 'BUSINESS', values })),
  );
  const ids = rows.map(({ id }) => ourId(String(coupling.salesId), 'invoicedetails', id));
  const composed = rows.map(({ values }) => composeRecord(compiled, 'SALES', values, references));
  const made = await lineRun.connectors.SALES.readByIds(
    { table: 'invoicedetails', fields: compiled.readFields.SALES, ids },
    lineRun.signal,
  );
  const present = new Map(made.map((row) => [row.id, row]));
  const missing = ids.flatMap((id, index) => {
    const [record, line] = [composed[index], lines[index]];
    if (present.has(id) || record === undefined || line === undefined) return [];
    const values = withoutBlanks({
      ...record.values,
      ...invoiceLineValues(line, invoice.values),
      invoiceid: coupling.salesId,
    });
    return [{ kind: 'CREATE' as const, id, values }];
  });
  const outcomes = await writeSales(context, 'invoicedetails', compiled.readFields.SALES, missing);
  for (const outcome of outcomes)
    if (outcome.kind === 'WRITTEN' && outcome.row !== null) present.set(outcome.row.id, outcome.row);
  const pairs = rows.flatMap((row, index) => {
    const [record, sales] = [composed[index], present.get(ids[index] ?? '')];
    return record === undefined || sales === undefined ? [] : [lineCoupling(lineRun, row, sales, record)];
  });
  await couple(lineRun, pairs, new Set(missing.map(({ id }) => id)));
}

const withoutBlanks = (values: FieldValues): FieldValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

function lineCoupling(run: SynchRun, business: SourceRow, sales: SourceRow, { sources }: ComposedRecord): Coupling {
  const { fields, table } = run.compiled;
  const title = titleOf(table.BUSINESS, business.id, business.values);
  return {
    ...newCoupling(run, { businessId: business.id, salesId: sales.id, title }),
    state: 'COUPLED',
    nextAttemptAt: null,
    lastSynchedAt: run.now(),
    lastResult: 'INSERT',
    lastSynchJobId: run.jobs.SALES.job._id,
    mappingHash: run.compiled.hash,
    business: { version: business.version, clean: true },
    sales: { version: sales.version, clean: true },
    bases: fields.map((field) =>
      makeBase(field, sources[field.integrationField] ?? null, sales.values[field.integrationField] ?? null),
    ),
  };
}

/** A line of an invoice that was made anew is not the one that it was coupled with before. */
async function couple(run: SynchRun, pairs: readonly Coupling[], created: ReadonlySet<string>): Promise<void> {
  const { couplings, jobs } = run.stores;
  const known = await couplings.byRecordIds(
    run.compiled.mapping.id,
    'BUSINESS',
    pairs.flatMap(({ businessId }) => businessId ?? []),
  );
  const salesIds = new Map(known.map(({ businessId, salesId }) => [businessId, salesId]));
  await couplings.remove(
    known.filter((one) =>
      pairs.some(({ businessId, salesId }) => businessId === one.businessId && salesId !== one.salesId),
    ),
  );
  await couplings.insert(pairs.filter(({ businessId, salesId }) => salesIds.get(businessId) !== salesId));
  await jobs.addChanges(
    pairs
      .filter(({ salesId }) => salesId !== null && created.has(salesId))
      .map((pair) =>
        changeOf(
          run,
          pair,
          { side: 'SALES', action: 'INSERT', reason: 'a line of the invoice', before: {}, after: afterOf(pair) },
          run.runId,
          0,
        ),
      ),
  );
}

const afterOf = ({ bases }: Coupling): FieldValues =>
  Object.fromEntries(bases.map(({ integrationField, sales }) => [integrationField, sales]));
