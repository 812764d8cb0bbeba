import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connector, SourceRow } from '../../../src/connectors/connector.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import type { FieldMetadata, FieldValue, TableMetadata } from '../../../src/mapping/field-value.js';
import { compileFilters } from '../../../src/mapping/filter/filter-predicate.js';
import type { FieldFilter } from '../../../src/mapping/integration-table-mapping.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.js';
import { quickOptions, sandboxAccess } from './sandbox-system.js';

const never = new AbortController().signal;
const RUNS = process.env['TEST_LONG'] === '1' ? 2_000 : 40;

const systems = [
  { kind: 'NAV_ODATA', table: 'Customer', more: ['Item'] },
  { kind: 'BUSINESS_CENTRAL', table: 'customers', more: ['items', 'contacts'] },
  { kind: 'DATAVERSE', table: 'accounts', more: ['products', 'contacts'] },
] as const;

describe.each(systems)('filters of $kind', ({ kind, table, more }) => {
  let sandbox: Sandbox;
  let connector: Connector;
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
    connector = openConnector(sandboxAccess(sandbox.url, kind), quickOptions);
  });
  afterAll(async () => {
    await connector.close();
    await sandbox.close();
  });

  test.each([table, ...more])('select from %s the rows that the predicate selects', async (name) => {
    const metadata = await connector.metadata(name, never);
    const fields = [...metadata.fields.keys()].filter((field) => isComparable(metadata.fields.get(field)));
    const all = await rowsOf(connector.readChanges({ table: name, fields, cursor: null }, never));
    expect(all.length).toBeGreaterThan(10);
    await fc.assert(
      fc.asyncProperty(filtersOn(metadata, fields, all), async (filter) => {
        const matches = compileFilters(filter, metadata);
        const expected = all.filter(({ values }) => matches(values)).map(({ id }) => id);
        const found = await idsOf(connector.readMatching({ table: name, fields: [], filter }, never));
        expect(found.toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 15_000, endOnFailure: true },
    );
  });

  test('narrow what is asked of the system, and a first read narrowed by them loses no row that matches', async () => {
    const metadata = await connector.metadata(table, never);
    const option = { DATAVERSE: 'statecode', BUSINESS_CENTRAL: 'blocked', NAV_ODATA: 'Blocked' }[kind];
    const [wanted] = metadata.fields.get(option)?.options ?? [];
    const filter = [{ field: option, expression: wanted?.label ?? '' }];
    const fields = [option];
    const all = await rowsOf(connector.readChanges({ table, fields, cursor: null }, never));
    const matching = all.filter(({ values }) => values[option] === wanted?.value).map(({ id }) => id);
    const narrowed = await rowsOf(connector.readChanges({ table, fields, cursor: null, filter }, never));
    expect(narrowed.map(({ id }) => id)).toEqual(expect.arrayContaining(matching));
    // Dataverse takes no filter beside change tracking, which is what its cursors come from.
    expect(narrowed.length).toBe(kind === 'DATAVERSE' ? all.length : matching.length);
  });
});

const isComparable = (field: FieldMetadata | undefined): boolean =>
  field !== undefined && field.type !== 'BINARY' && field.type !== 'OTHER';

/** Filters of one or two fields, made of values that the rows have, parts of them, and texts full of operators. */
function filtersOn(
  metadata: TableMetadata,
  fields: readonly string[],
  rows: readonly SourceRow[],
): fc.Arbitrary<FieldFilter[]> {
  const filled = fields.filter((field) => rows.some(({ values }) => values[field] !== null));
  const one = fc.constantFrom(...filled).chain((field) => {
    const values = rows.map((row) => row.values[field] ?? null);
    return expressionsOf(metadata.fields.get(field) as FieldMetadata, values).map((expression) => ({
      field,
      expression,
    }));
  });
  return fc.array(one, { minLength: 1, maxLength: 2 });
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function expressionsOf({ type, options }: FieldMetadata, values: readonly FieldValue[]): fc.Arbitrary<string> {
  const present = fc.constantFrom(...values.map((value) => (value === null ? "''" : quote(String(value)))));
  const named = options.length === 0 ? [] : [fc.constantFrom(...options.map(({ label }) => quote(label)))];
  const days =
    type === 'DATE_TIME' ? [fc.constantFrom(...values.map((value) => quote(String(value ?? '').slice(0, 10))))] : [];
  const operand = fc.oneof(present, ...named, ...days);
  const ordered = operand.filter((text) => text !== "''");
  const isText = type === 'TEXT' || type === 'CODE';
  const pieces = values
    .flatMap((value) => (typeof value === 'string' && value !== '' ? [value] : []))
    .concat('a&b', '50%', '(x|y)', '_', '[a]');
  const piece = fc
    .tuple(fc.constantFrom(...pieces), fc.nat(6), fc.nat(6))
    .map(([text, start, length]) => quote(text.slice(start, start + length + 1)));
  const pattern = fc
    .tuple(fc.constantFrom('', '@'), fc.constantFrom('', '*', '?'), piece, fc.constantFrom('', '*', '?', '?*'))
    .map(([ignoring, before, text, after]) => `${ignoring}${before}${text === "''" ? '*' : text}${after}`);
  const term = fc.oneof(
    operand,
    operand.map((text) => `<>${text}`),
    fc.tuple(fc.constantFrom('<', '<=', '>', '>='), ordered).map(([operator, text]) => `${operator}${text}`),
    fc.tuple(ordered, ordered).map(([from, to]) => `${from}..${to}`),
    ...(isText ? [pattern, pattern.map((text) => `<>${text}`)] : []),
  );
  const list = (separator: string) =>
    fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join(separator));
  return fc
    .oneof(
      list('|'),
      list('&'),
      fc.tuple(list('|'), term).map(([terms, last]) => `(${terms})&${last}`),
    )
    .filter((text) => text.length <= 1_000);
}

async function rowsOf(pages: AsyncIterable<{ readonly rows: readonly SourceRow[] }>): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const page of pages) rows.push(...page.rows);
  return rows;
}

async function idsOf(pages: AsyncIterable<readonly SourceRow[]>): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pages) ids.push(...page.map(({ id }) => id));
  return ids;
}
