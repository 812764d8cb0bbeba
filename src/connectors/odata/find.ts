import type { FieldMetadata, FieldValue, FieldValues, TableMetadata } from '../../mapping/field-value.js';
import type { SourceRow } from '../connector.js';
import { roundDecimal } from './canonical.js';
import type { JsonObject } from './json.js';
import { type JsonAnswer, rowsOf } from './odata-client.js';

/** Rows that one `find` gives at most where nothing else is said. */
export const MAX_FOUND = 100;

interface Wanted {
  readonly fields: readonly string[];
  readonly equal: FieldValues;
  readonly metadata: TableMetadata;
  readonly atMost: number | undefined;
}

/**
 * The first rows that really agree. Both systems compare more loosely than asked (case, accents, characters that a filter
 * takes for operators), so their filter only narrows the choice.
 */
export async function firstAgreeing(
  pages: AsyncIterable<JsonAnswer>,
  readRow: (row: JsonObject) => SourceRow,
  { fields, equal, metadata, atMost = MAX_FOUND }: Wanted,
): Promise<SourceRow[]> {
  const found: SourceRow[] = [];
  for await (const { body } of pages) {
    for (const row of rowsOf(body)) {
      const read = readRow(row);
      if (!agrees(read.values, equal, metadata)) continue;
      found.push({ ...read, values: Object.fromEntries(fields.map((field) => [field, read.values[field] ?? null])) });
      if (found.length === atMost) return found;
    }
  }
  return found;
}

const agrees = (values: FieldValues, equal: FieldValues, metadata: TableMetadata): boolean =>
  Object.entries(equal).every(([name, value]) => {
    const field = metadata.fields.get(name);
    return field !== undefined && asKept(field, value) === asKept(field, values[name] ?? null);
  });

/** A value as the field keeps it: the system rounds and upper-cases what it was sent. */
function asKept(field: FieldMetadata, value: FieldValue): FieldValue {
  if (typeof value !== 'string') return value;
  switch (field.type) {
    case 'DECIMAL':
      return field.scale === null ? value : roundDecimal(value, field.scale);
    case 'CODE':
      return value.toUpperCase();
    default:
      return value;
  }
}

/** Characters that the filter of a NAV table may take for operators, even within a quoted text. */
export const filterOperators = /[*?&<>@|()']|\.\./;

const blankDate = '0001-01-01';
const blankGuid = '00000000-0000-0000-0000-000000000000';

/** A comparison for `$filter` of Business Central and NAV; null for what is better compared afterwards. */
export function equalTo({ name, type }: Pick<FieldMetadata, 'name' | 'type'>, value: FieldValue): string | null {
  switch (type) {
    case 'TEXT':
    case 'CODE': {
      const literal = value === null ? '' : String(value);
      return filterOperators.test(literal) || literal.includes('\n') ? null : `${name} eq '${literal}'`;
    }
    case 'GUID':
    case 'REFERENCE':
      return `${name} eq ${String(value ?? blankGuid)}`;
    case 'DATE':
      return `${name} eq ${String(value ?? blankDate)}`;
    case 'DECIMAL':
    case 'INTEGER':
    case 'BOOLEAN':
      return value === null ? null : `${name} eq ${String(value)}`;
    default:
      // The form of enum members differs between versions.
      return null;
  }
}
