import type { FieldValue, FieldValues } from '../../mapping/field-value.js';
import { ConnectorError, type SourceRow } from '../connector.js';
import { isGuid } from '../odata/canonical.js';
import { badAnswer } from '../odata/classify.js';
import { exactNumber, type JsonObject } from '../odata/json.js';
import { type OptionReader, readPropertyValue, wrong } from '../odata/property-value.js';
import type { Column, Table } from './metadata.js';

/** The column of this name. Throws ConnectorError CONFIGURATION naming table and field. */
export function columnIn(table: Table, field: string): Column {
  const column = table.columns.get(field);
  if (column !== undefined) return column;
  throw new ConnectorError(
    `${table.entitySet} has no column "${field}" in Dataverse; expected the logical name of a column, e.g. ${table.primaryId}`,
    { errorClass: 'CONFIGURATION', code: 'UNKNOWN_FIELD', field },
  );
}

const MODIFIED = 'modifiedon';

/** The columns to ask for so that rows with these fields can be read. */
export function selectOf(table: Table, fields: readonly string[]): string {
  const names = fields.map((field) => columnIn(table, field).readName);
  if (table.columns.has(MODIFIED)) names.push(MODIFIED);
  return [...new Set([table.primaryId, ...names])].join(',');
}

/** Makes the function that turns rows with these fields into canonical ones; made once a read, used for each row. */
export function rowReader(table: Table, fields: readonly string[]): (row: JsonObject) => SourceRow {
  const columns = fields.map((field) => columnIn(table, field));
  return (row) => {
    const values: Record<string, FieldValue> = {};
    for (const { field, readName, onlyTarget } of columns) {
      const isElsewhere = onlyTarget !== null && pointsElsewhere(row[`${readName}${LOOKUP_TABLE}`], onlyTarget);
      values[field.name] = isElsewhere ? null : readPropertyValue(field, row[readName], readOption);
    }
    const modified = row[MODIFIED];
    return { ...versionOf(table, row), modifiedAt: typeof modified === 'string' ? new Date(modified) : null, values };
  };
}

/** Annotation that tells the table that a lookup points to. */
const LOOKUP_TABLE = '@Microsoft.Dynamics.CRM.lookuplogicalname';

/** Asks for the annotation that tells lookups into several tables apart; a preference of every read of rows. */
export const lookupTablesPreference = 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"';

const pointsElsewhere = (told: unknown, target: string): boolean => typeof told === 'string' && told !== target;

/** Id and version of a row. Throws RequestError BAD_ANSWER where one is missing. */
export function versionOf(table: Table, row: JsonObject): { id: string; version: string } {
  const id = row[table.primaryId];
  const version = row['@odata.etag'];
  if (typeof id !== 'string' || typeof version !== 'string')
    throw badAnswer(`a row of ${table.entitySet} came without ${table.primaryId} or @odata.etag`);
  return { id: id.toLowerCase(), version };
}

const readOption: OptionReader = (member) =>
  typeof member === 'number' ? String(member) : wrong('the number of an option');

/** The properties of a write, in the order of the values. Throws ConnectorError for what the column cannot hold. */
export function writeValues(table: Table, values: FieldValues): JsonObject {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const column = columnIn(table, name);
    body[writeName(column)] = writeValue(column, value);
  }
  return body;
}

const writeName = ({ field, navigation }: Column): string =>
  navigation === null ? field.name : `${navigation}@odata.bind`;

function writeValue({ field }: Column, value: FieldValue): unknown {
  if (value === null) return null;
  switch (field.type) {
    case 'DECIMAL':
      return number(field.name, value);
    case 'OPTION':
      return Number.isInteger(Number(value)) ? Number(value) : refuse(field.name, 'the number of an option', value);
    case 'REFERENCE':
      if (field.target === null) refuse(field.name, 'a lookup whose table can be written to', value);
      return typeof value === 'string' && isGuid(value)
        ? `/${field.target}(${value})`
        : refuse(field.name, 'the GUID of a row', value);
    default:
      return value;
  }
}

function number(field: string, value: FieldValue): unknown {
  try {
    return exactNumber(String(value));
  } catch {
    return refuse(field, 'a decimal number', value);
  }
}

function refuse(field: string, expected: string, value: FieldValue): never {
  throw new ConnectorError(
    `"${field}" cannot be written to Dataverse: expected ${expected}, got a ${typeof value} of another form`,
    {
      errorClass: 'VALIDATION',
      code: 'VALUE_FORM',
      field,
    },
  );
}

/** A comparison for $filter; null for what is better compared afterwards. */
export function equalTo(table: Table, name: string, value: FieldValue): string | null {
  const { field, readName } = columnIn(table, name);
  if (value === null) return `${readName} eq null`;
  switch (field.type) {
    case 'TEXT':
      // Line ends may be stored in another form than the canonical one.
      return String(value).includes('\n') ? null : `${readName} eq '${String(value).replaceAll("'", "''")}'`;
    case 'OTHER':
    case 'BINARY':
      return null;
    default:
      return `${readName} eq ${String(value)}`;
  }
}
