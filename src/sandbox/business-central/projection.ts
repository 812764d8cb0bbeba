import type { Column, Comparable } from '../odata/filter-evaluation.js';
import { parseSelect, type Expand } from '../odata/query-options.js';
import type { Row, Scalar } from '../world/row.js';
import { textOf } from '../world/world.js';
import { etagOf, instantText, rowsOf, shownMs, type CompanyContext } from './context.js';
import type { EntitySetDefinition, PropertyDefinition, Relation } from './entity-set.js';
import { setOf } from './entity-sets.js';
import { escapeName } from './enum-names.js';
import { badRequest, unknownProperty } from './errors.js';

export const ZERO_GUID = '00000000-0000-0000-0000-000000000000';
const NO_DATE = '0001-01-01';

/** A property as it is read from a row. */
export interface ReadableProperty extends Column<Row> {
  readonly definition: PropertyDefinition;
}

const comparables: Readonly<Record<PropertyDefinition['kind'], Comparable>> = {
  code: 'text',
  text: 'text',
  enum: 'text',
  guid: 'guid',
  boolean: 'boolean',
  decimal: 'number',
  integer: 'number',
  date: 'date',
  instant: 'instant',
};

/** How a property of a set is read, in the company of the context. */
export function readable(context: CompanyContext, definition: PropertyDefinition): ReadableProperty {
  const column = { definition, type: comparables[definition.kind], read: readerOf(context, definition) };
  const { sqlRounding } = context.settings.BUSINESS;
  return definition.kind === 'instant' && definition.name !== 'systemCreatedAt'
    ? { ...column, readMs: (row) => shownMs(row.modifiedAtMs, sqlRounding) }
    : column;
}

function readerOf(context: CompanyContext, definition: PropertyDefinition): (row: Row) => Scalar {
  const { column } = definition;
  const { sqlRounding, escapeEnums } = context.settings.BUSINESS;
  if (definition.name === 'id') return (row) => row.id;
  if (definition.name === 'systemCreatedAt') return (row) => instantText(row.createdAtMs, sqlRounding);
  if (definition.kind === 'instant') return (row) => instantText(row.modifiedAtMs, sqlRounding);
  if (definition.idOf !== undefined) {
    const ids = idsByCode(context, definition.idOf);
    return (row) => ids(textOf(row.values[column]));
  }
  if (definition.blankIsLocalCurrency === true) {
    const local = localCurrency(context);
    return (row) => textOf(row.values[column]) || local;
  }
  switch (definition.kind) {
    case 'enum':
      return (row) => (escapeEnums ? escapeName(textOf(row.values[column])) : textOf(row.values[column]));
    case 'date':
      return (row) => textOf(row.values[column]) || NO_DATE;
    case 'decimal':
    case 'integer':
      return (row) => row.values[column] ?? 0;
    case 'boolean':
      return (row) => row.values[column] === true;
    default:
      return (row) => textOf(row.values[column]);
  }
}

/** Looks a row up by its code, each code once. */
function idsByCode(context: CompanyContext, relation: Relation): (code: string) => string {
  const known = new Map<string, string>([['', ZERO_GUID]]);
  return (code) => {
    const before = known.get(code);
    if (before !== undefined) return before;
    const id = rowOfCode(context, relation.table, code)?.id ?? ZERO_GUID;
    known.set(code, id);
    return id;
  };
}

export const rowOfCode = (context: CompanyContext, table: string, code: string): Row | undefined =>
  rowsOf(context, table).withKey(code);

/** ISO code of the company's own currency. */
export const localCurrency = (context: CompanyContext): string =>
  textOf(rowsOf(context, 'generalLedgerSetup').find(() => true)?.values['localCurrencyCode']);

export type Projection = (row: Row) => Record<string, unknown>;

/** Turns a row into what the client asked to see of it. */
export function projectionOf(
  context: CompanyContext,
  set: EntitySetDefinition,
  select: string | undefined,
  expand: readonly Expand[] = [],
): Projection {
  const names = parseSelect(select);
  const unknown = names?.find((name) => !set.properties.some((property) => property.name === name));
  if (unknown !== undefined) throw unknownProperty(unknown, set.entityType);
  const chosen = set.properties
    .filter((property) => names?.includes(property.name) ?? true)
    .map((property) => readable(context, property));
  const expansions = expand.map((one) => expansionOf(context, set, one));
  return (row) => {
    const shown: Record<string, unknown> = { '@odata.etag': etagOf(row) };
    for (const property of chosen) shown[property.definition.name] = property.read(row);
    for (const add of expansions) add(row, shown);
    return shown;
  };
}

function expansionOf(context: CompanyContext, set: EntitySetDefinition, expand: Expand) {
  const navigation = set.navigation.find((one) => one.name === expand.property);
  const target = navigation === undefined ? undefined : setOf(context.api, navigation.entitySet);
  if (navigation === undefined || target === undefined) throw unknownProperty(expand.property, set.entityType);
  const other = [...expand.options.keys()].find((option) => option !== '$select');
  if (other !== undefined)
    throw badRequest(`The option ${other} is not supported inside $expand of '${expand.property}'.`);
  const project = projectionOf(context, target, expand.options.get('$select'));
  return (row: Row, shown: Record<string, unknown>): void => {
    const code = textOf(row.values[navigation.column]);
    const found = code === '' ? undefined : rowOfCode(context, target.table, code);
    shown[expand.property] = found === undefined ? null : project(found);
  };
}

/** The context address of a set in its company. */
export function contextOf(context: CompanyContext, set: EntitySetDefinition, suffix = ''): string {
  const company = context.companyId === '' ? '' : `companies(${context.companyId})/`;
  return `${context.base}$metadata#${company}${set.entitySet}${suffix}`;
}
