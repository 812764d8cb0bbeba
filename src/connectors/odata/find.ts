import type { FieldMetadata, FieldValue, FieldValues, TableMetadata } from '../../mapping/field-value.js';
import type { SourceRow } from '../connector.js';
import { roundDecimal } from './canonical.js';
import type { JsonObject } from './json.js';
import { type JsonAnswer, rowsOf } from './odata-client.js';

/** Rows that one `find` gives at most. */
export const MAX_FOUND = 100;

interface Wanted {
  readonly fields: readonly string[];
  readonly equal: FieldValues;
  readonly metadata: TableMetadata;
}

/**
 * The first rows that really agree. Both systems compare more loosely than asked (case, accents, characters that a filter
 * takes for operators), so their filter only narrows the choice.
 */
export async function firstAgreeing(
  pages: AsyncIterable<JsonAnswer>,
  readRow: (row: JsonObject) => SourceRow,
  { fields, equal, metadata }: Wanted,
): Promise<SourceRow[]> {
  const found: SourceRow[] = [];
  for await (const { body } of pages) {
    for (const row of rowsOf(body)) {
      const read = readRow(row);
      if (!agrees(read.values, equal, metadata)) continue;
      found.push({ ...read, values: Object.fromEntries(fields.map((field) => [field, read.values[field] ?? null])) });
      if (found.length === MAX_FOUND) return found;
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
