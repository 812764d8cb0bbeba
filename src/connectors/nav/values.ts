import type { FieldMetadata, FieldValue, FieldValues } from '../../mapping/field-value.js';
import { ConnectorError, type RowVersion, type SourceRow } from '../connector.js';
import { canonicalInstant } from '../odata/canonical.js';
import { badAnswer } from '../odata/classify.js';
import { exactNumber, type JsonObject } from '../odata/json.js';
import { readPropertyValue, text } from '../odata/property-value.js';
import { idOfKey } from './keys.js';
import type { NavService } from './metadata.js';

/** The field of this name. Throws ConnectorError CONFIGURATION naming service and field. */
export function fieldIn({ metadata }: NavService, name: string): FieldMetadata {
  const field = metadata.fields.get(name);
  if (field !== undefined) return field;
  throw new ConnectorError(
    `${metadata.name} has no field "${name}" in Dynamics NAV; expected a field of the page that is published under this name, ` +
      `e.g. ${metadata.keyField}. A field of the table that is not on the page has to be added to it first`,
    { errorClass: 'CONFIGURATION', code: 'UNKNOWN_FIELD', field: name },
  );
}

/** The fields to ask for so that rows with these fields can be read. */
export function selectOf(service: NavService, fields: readonly string[]): string {
  const { key, changeField } = service;
  const names = fields.map((field) => fieldIn(service, field).name);
  return [
    ...new Set([...key.map(({ name }) => name), ...names, ...(changeField === null ? [] : [changeField.name])]),
  ].join(',');
}

/** Makes the function that turns rows with these fields into canonical ones; made once a read, used for each row. */
export function rowReader(service: NavService, fields: readonly string[]): (row: JsonObject) => SourceRow {
  const wanted = fields.map((field) => fieldIn(service, field));
  const { changeField } = service;
  return (row) => {
    const values: Record<string, FieldValue> = {};
    for (const field of wanted) values[field.name] = readPropertyValue(field, row[field.name], readOption);
    const moment = changeField?.precision === 'MOMENT' ? row[changeField.name] : null;
    // The day alone does not tell which of two changes was later.
    const at = typeof moment === 'string' ? canonicalInstant(moment) : null;
    return { ...versionOf(service, row), modifiedAt: at === null ? null : new Date(at), values };
  };
}

/** Id and version of a row. Throws RequestError BAD_ANSWER where one is missing. */
export function versionOf({ metadata, key }: NavService, row: JsonObject): RowVersion {
  const version = row['@odata.etag'];
  if (typeof version !== 'string') throw badAnswer(`a row of ${metadata.name} came without @odata.etag`);
  const missing = key.find(({ name }) => row[name] === undefined);
  if (missing !== undefined) throw badAnswer(`a row of ${metadata.name} came without ${missing.name}`);
  return { id: idOfKey(key.map((field) => readPropertyValue(field, row[field.name], readOption))), version };
}

/** Forms in which builds tell the blank member of an option. */
const blankOptions: ReadonlySet<string> = new Set(['', '_blank_', '_x0020_']);

function readOption(caption: unknown): string | null {
  const name = text(caption).trim();
  return blankOptions.has(name) ? null : name;
}

/** What stands for blank in each type: texts, dates and ids are never null there. */
const blanks: Readonly<Partial<Record<FieldMetadata['type'], unknown>>> = {
  TEXT: '',
  CODE: '',
  DATE: '0001-01-01',
  DATE_TIME: '0001-01-01T00:00:00Z',
  GUID: '00000000-0000-0000-0000-000000000000',
  DECIMAL: 0,
  INTEGER: 0,
  BOOLEAN: false,
  OPTION: ' ',
};

/** The properties of a write, in the order of the values. Throws ConnectorError for what the field cannot hold. */
export function writeValues(service: NavService, values: FieldValues): JsonObject {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) body[name] = writeValue(fieldIn(service, name), value);
  return body;
}

function writeValue(field: FieldMetadata, value: FieldValue): unknown {
  if (value === null) return blanks[field.type] ?? null;
  switch (field.type) {
    case 'DECIMAL':
      return number(field.name, value);
    case 'OPTION': {
      const known = field.options.some((option) => option.value === value);
      return known ? value : refuse(field.name, `one of ${field.options.map((option) => option.value).join(', ')}`);
    }
    default:
      return value;
  }
}

function number(field: string, value: FieldValue): unknown {
  try {
    return exactNumber(String(value));
  } catch {
    return refuse(field, 'a decimal number');
  }
}

function refuse(field: string, expected: string): never {
  throw new ConnectorError(`"${field}" cannot be written to Dynamics NAV: expected ${expected}, got another value`, {
    errorClass: 'VALIDATION',
    code: 'VALUE_FORM',
    field,
  });
}
