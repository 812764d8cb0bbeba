import { type CompanyContext, rowsOf } from '../business-central/context.js';
import type { PropertyDefinition } from '../business-central/entity-set.js';
import { badUrl, recordNotFound } from '../business-central/errors.js';
import { readable } from '../business-central/projection.js';
import { splitOutside } from '../odata/query-options.js';
import type { Row, Scalar } from '../world/row.js';
import { textOf } from '../world/world.js';
import type { Page } from './page.js';

const NO_DATE = '0001-01-01';

/** Properties of a page's key, in their order. */
export const keyProperties = ({ keys, set }: Page): readonly PropertyDefinition[] =>
  keys.flatMap((name) => set.properties.find((property) => property.name === name) ?? []);

/** What stands in parentheses behind the name of a service, for this row: one value alone, several by name. */
export function keyOfRow(context: CompanyContext, page: Page, row: Row): string {
  const parts = keyProperties(page).map((property) => {
    const literal = literalOf(property, readable(context, property).read(row));
    return { name: property.name, literal };
  });
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return only.literal;
  return parts.map(({ name, literal }) => `${name}=${literal}`).join(',');
}

function literalOf({ kind }: PropertyDefinition, value: Scalar): string {
  if (kind === 'date') return textOf(value) || NO_DATE;
  if (kind === 'decimal' || kind === 'integer' || kind === 'guid') return String(value ?? 0);
  return `'${encodeURIComponent(textOf(value).replaceAll("'", "''")).replaceAll("'", '%27')}'`.replaceAll('%27', "'");
}

/** The row that a key names. Throws for a malformed key, one that lacks a part, and one that names no row of the page. */
export function rowOfKey(context: CompanyContext, page: Page, key: string): Row {
  const row = rowInTable(context, page, key);
  if (row === undefined || page.set.holds?.(context)(row) === false) throw recordNotFound(page.set.caption, key);
  return row;
}

function rowInTable(context: CompanyContext, page: Page, key: string): Row | undefined {
  const wanted = partsOf(page, key);
  const properties = keyProperties(page);
  const [first, ...others] = properties;
  const table = rowsOf(context, page.set.table);
  if (first !== undefined && others.length === 0) {
    const value = wanted.get(first.name) ?? '';
    return table.withKey(first.kind === 'code' ? value.toUpperCase() : value) ?? onlyRow(table.rows(), first, value);
  }
  const readers = properties.map((property) => ({ property, read: readable(context, property).read }));
  return table.find((row) =>
    readers.every(({ property, read }) => sameValue(property, read(row), wanted.get(property.name) ?? '')),
  );
}

/** A set-up table has one row, whose key is blank. */
function onlyRow(rows: Iterable<Row>, { column }: PropertyDefinition, value: string): Row | undefined {
  if (value !== '') return undefined;
  for (const row of rows) if (textOf(row.values[column]) === '') return row;
  return undefined;
}

function sameValue({ kind }: PropertyDefinition, value: Scalar, text: string): boolean {
  if (kind === 'decimal' || kind === 'integer') return Number(value ?? 0) === Number(text);
  if (kind === 'date') return (textOf(value) || NO_DATE) === text;
  if (kind === 'code') return textOf(value) === text.toUpperCase();
  return textOf(value) === text;
}

function partsOf(page: Page, key: string): ReadonlyMap<string, string> {
  const parts = splitOutside(key, ',').map((part) => {
    const [, name, value = ''] = /^\s*(?:(\w+)\s*=\s*)?(.*?)\s*$/s.exec(part) ?? [];
    return { name, value: /^'.*'$/s.test(value) ? value.slice(1, -1).replaceAll("''", "'") : value };
  });
  const [only] = parts;
  if (parts.length === 1 && only?.name === undefined && page.keys.length === 1)
    return new Map([[page.keys[0] ?? '', only?.value ?? '']]);
  const named = new Map(parts.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value] as const])));
  const missing = page.keys.find((name) => !named.has(name));
  if (missing !== undefined || named.size !== page.keys.length)
    throw badUrl(
      `The number of keys specified in the URI does not match number of key properties for the resource '${page.set.entitySet}'.`,
    );
  return named;
}
