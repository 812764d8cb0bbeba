import type { FieldMetadata, FieldValue, FieldValues } from '../../mapping/field-value.js';
import { ConnectorError, type SourceRow } from '../connector.js';
import { isGuid } from '../odata/canonical.js';
import { badAnswer } from '../odata/classify.js';
import { exactNumber, type JsonObject } from '../odata/json.js';
import { readPropertyValue, text } from '../odata/property-value.js';
import { canonicalOption } from './enum-names.js';
import { type EntitySet, MODIFIED } from './metadata.js';

/** The field of this name. Throws ConnectorError CONFIGURATION naming entity set and field. */
export function fieldIn({ metadata }: EntitySet, name: string): FieldMetadata {
  const field = metadata.fields.get(name);
  if (field !== undefined) return field;
  throw new ConnectorError(
    `${metadata.name} has no field "${name}" in Business Central; expected a field of its metadata, e.g. ${metadata.keyField}. ` +
      'Fields that the standard API lacks need the companion API',
    { errorClass: 'CONFIGURATION', code: 'UNKNOWN_FIELD', field: name },
  );
}

/** The fields to ask for so that rows with these fields can be read. */
export function selectOf(set: EntitySet, fields: readonly string[]): string {
  const names = fields.map((field) => fieldIn(set, field).name);
  if (set.metadata.fields.has(MODIFIED)) names.push(MODIFIED);
  return [...new Set([set.metadata.keyField, ...names])].join(',');
}

const readOption = (member: unknown): string | null => canonicalOption(text(member));

/** Makes the function that turns rows with these fields into canonical ones; made once a read, used for each row. */
export function rowReader(set: EntitySet, fields: readonly string[]): (row: JsonObject) => SourceRow {
  const wanted = fields.map((field) => fieldIn(set, field));
  return (row) => {
    const values: Record<string, FieldValue> = {};
    for (const field of wanted) values[field.name] = readPropertyValue(field, row[field.name], readOption);
    const modified = row[MODIFIED];
    return { ...versionOf(set, row), modifiedAt: typeof modified === 'string' ? new Date(modified) : null, values };
  };
}

/** Id and version of a row. Throws RequestError BAD_ANSWER where one is missing. */
export function versionOf({ metadata }: EntitySet, row: JsonObject): { id: string; version: string } {
  const id = row[metadata.keyField];
  const version = row['@odata.etag'];
  if (typeof id !== 'string' || typeof version !== 'string')
    throw badAnswer(`a row of ${metadata.name} came without ${metadata.keyField} or @odata.etag`);
  return { id: id.toLowerCase(), version };
}

const BLANK_MEMBER = '_x0020_';

/** What stands for blank in each type: texts, dates and ids are never null there. */
export const blanks: Readonly<Partial<Record<FieldMetadata['type'], string | number | boolean>>> = {
  TEXT: '',
  CODE: '',
  DATE: '0001-01-01',
  DATE_TIME: '0001-01-01T00:00:00Z',
  GUID: '00000000-0000-0000-0000-000000000000',
  REFERENCE: '00000000-0000-0000-0000-000000000000',
  DECIMAL: 0,
  INTEGER: 0,
  BOOLEAN: false,
  OPTION: BLANK_MEMBER,
};

/** The properties of a write, in the order of the values. Throws ConnectorError for what the field cannot hold. */
export function writeValues(set: EntitySet, values: FieldValues): JsonObject {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) body[name] = writeValue(set, fieldIn(set, name), value);
  return body;
}

function writeValue(set: EntitySet, field: FieldMetadata, value: FieldValue): unknown {
  if (field.type === 'OPTION') return writeOption(set, field, value);
  if (value === null) return blanks[field.type] ?? null;
  switch (field.type) {
    case 'DECIMAL':
      return number(field.name, value);
    case 'GUID':
    case 'REFERENCE':
      return typeof value === 'string' && isGuid(value) ? value : refuse(field.name, 'a GUID');
    default:
      return value;
  }
}

function writeOption(set: EntitySet, { name }: FieldMetadata, value: FieldValue): string {
  const members = set.members.get(name) ?? new Map<string | null, string>();
  const member = members.get(value === null ? null : String(value));
  if (member !== undefined) return member;
  if (value === null) return BLANK_MEMBER;
  return refuse(name, `one of ${[...members.keys()].filter((option) => option !== null).join(', ')}`);
}

function number(field: string, value: FieldValue): unknown {
  try {
    return exactNumber(String(value));
  } catch {
    return refuse(field, 'a decimal number');
  }
}

function refuse(field: string, expected: string): never {
  throw new ConnectorError(
    `"${field}" cannot be written to Business Central: expected ${expected}, got another value`,
    {
      errorClass: 'VALIDATION',
      code: 'VALUE_FORM',
      field,
    },
  );
}
