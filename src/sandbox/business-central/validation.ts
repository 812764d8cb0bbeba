import type { Scalar } from '../world/row.js';
import { type CompanyContext, rowsOf } from './context.js';
import { type Columns, type EntitySetDefinition, isReadOnly, type PropertyDefinition } from './entity-set.js';
import { unescapeName } from './enum-names.js';
import { BusinessError, badRequest, dialog, readOnlyControl, relationMissing, tooLong } from './errors.js';
import { keyOf, localCurrency, rowOfCode, ZERO_GUID } from './relations.js';

/** Reads a payload, property after property in its order, with the field rules of the table. */
export function columnsOfPayload(
  context: CompanyContext,
  set: EntitySetDefinition,
  payload: Readonly<Record<string, unknown>>,
): Columns {
  const columns: Columns = {};
  for (const [name, value] of Object.entries(payload)) {
    if (name.includes('@')) continue;
    const property = set.properties.find((one) => one.name === name);
    if (property === undefined)
      throw badRequest(
        `The property '${name}' does not exist on type 'Microsoft.NAV.${set.entityType}'. Make sure to only use property names that are defined by the type.`,
      );
    // The page clears an id that a client gives; everything else that is read-only is refused.
    if (property.name === 'id') continue;
    if (isReadOnly(property)) throw readOnlyControl(name);
    const stored = property.write?.(context, value) ?? {
      [property.column]: storedValue(context, set, property, value),
    };
    for (const [column, next] of Object.entries(stored)) {
      const before = columns[column];
      if (before !== undefined && before !== next && isReference(property))
        throw dialog(
          `The ${lowerFirst(captionOf(property))} values do not match to a specific ${captionOf(property)}.`,
        );
      columns[column] = next;
    }
  }
  return columns;
}

const isReference = (property: PropertyDefinition): boolean =>
  property.idOf !== undefined || property.codeOf !== undefined || property.write !== undefined;
const captionOf = (property: PropertyDefinition): string =>
  property.idOf?.caption ?? property.codeOf?.caption ?? property.field;
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function storedValue(
  context: CompanyContext,
  set: EntitySetDefinition,
  property: PropertyDefinition,
  value: unknown,
): Scalar {
  switch (property.kind) {
    case 'text':
      return storedText(property, value);
    case 'code':
      return storedCode(context, set, property, value);
    case 'guid':
      return codeOfId(context, property, value);
    case 'enum':
      return storedMember(property, value);
    case 'boolean':
      return typeof value === 'boolean' ? value : wrongType(property, value, 'Edm.Boolean');
    case 'decimal':
      return typeof value === 'number' ? value : wrongType(property, value, 'Edm.Decimal');
    case 'integer':
      return Number.isInteger(value) ? Number(value) : wrongType(property, value, 'Edm.Int32');
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
        ? value === '0001-01-01'
          ? ''
          : value
        : wrongType(property, value, 'Edm.Date');
    case 'instant':
      throw readOnlyControl(property.name);
  }
}

function wrongType(property: PropertyDefinition, value: unknown, expected: string): never {
  const shown = JSON.stringify(value);
  throw badRequest(
    `Cannot convert the literal ${shown} of property '${property.name}' to the expected type '${expected}'.`,
  );
}

/** A text as it is stored. Throws what the platform answers to a wrong one. */
export function storedText(property: PropertyDefinition, value: unknown): string {
  const text = value === null ? '' : value;
  if (typeof text !== 'string') return wrongType(property, value, 'Edm.String');
  if (property.length !== undefined && text.length > property.length) throw tooLong(text, property.length);
  return text;
}

/** Codes are kept in capitals and without blanks around them. */
function storedCode(
  context: CompanyContext,
  set: EntitySetDefinition,
  property: PropertyDefinition,
  value: unknown,
): string {
  const code = storedText(property, typeof value === 'string' ? value.trim() : value).toUpperCase();
  if (property.blankIsLocalCurrency === true && code === localCurrency(context)) return '';
  if (code === '' || property.codeOf === undefined) return code;
  if (rowOfCode(context, property.codeOf.table, code) === undefined) {
    if (property.name === 'currencyCode') throw dialog('The "currencyCode" does not match to a Currency.');
    throw relationMissing(property.field, set.caption, code, property.codeOf.caption);
  }
  return code;
}

function codeOfId(context: CompanyContext, property: PropertyDefinition, value: unknown): Scalar {
  if (typeof value !== 'string' || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value))
    return wrongType(property, value, 'Edm.Guid');
  if (value === ZERO_GUID || property.idOf === undefined) return '';
  const row = rowsOf(context, property.idOf.table).get(value.toLowerCase());
  if (row === undefined) throw dialog(`The "${property.name}" does not match to a ${property.idOf.caption}.`);
  return keyOf(property.idOf, row);
}

function storedMember(property: PropertyDefinition, value: unknown): string {
  if (typeof value !== 'string') return wrongType(property, value, 'Edm.String');
  const members = property.members ?? [];
  const plain = unescapeName(value);
  const member =
    members.find((one) => one === plain) ?? (plain === '' ? members.find((one) => one === ' ') : undefined);
  if (member === undefined)
    throw new BusinessError(
      400,
      'Unknown',
      `'${plain}' is not an option. The existing options are: ${members.join(',')}`,
    );
  return member;
}
