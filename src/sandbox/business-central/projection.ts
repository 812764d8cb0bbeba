import type { Column, Comparable } from '../odata/filter-evaluation.js';
import { type Expand, parseSelect } from '../odata/query-options.js';
import type { Row, Scalar } from '../world/row.js';
import { textOf } from '../world/world.js';
import { addressIn, type CompanyContext, instantText, rowsOf, shownMs, versionTag } from './context.js';
import type { EntitySetDefinition, NavigationDefinition, PropertyDefinition } from './entity-set.js';
import { setOf } from './entity-sets.js';
import { escapeName } from './enum-names.js';
import { badRequest, unknownProperty } from './errors.js';
import { idsByCode, localCurrency } from './relations.js';

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
  return definition.kind === 'instant' && definition.read === undefined && definition.name !== 'systemCreatedAt'
    ? { ...column, readMs: (row) => shownMs(row.modifiedAtMs, sqlRounding) }
    : column;
}

function readerOf(context: CompanyContext, definition: PropertyDefinition): (row: Row) => Scalar {
  const { column } = definition;
  const { sqlRounding, escapeEnums } = context.settings.BUSINESS;
  if (definition.name === 'id') return (row) => row.id;
  if (definition.name === 'systemCreatedAt') return (row) => instantText(row.createdAtMs, sqlRounding);
  const computed = definition.read?.(context);
  if (definition.kind === 'instant' && computed === undefined)
    return (row) => instantText(row.modifiedAtMs, sqlRounding);
  if (computed !== undefined)
    return definition.kind === 'enum' && escapeEnums ? (row) => escapeName(textOf(computed(row))) : computed;
  if (definition.idOf !== undefined) {
    const ids = idsByCode(context, definition.idOf);
    return (row) => ids(row.values[column]);
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
    const shown: Record<string, unknown> = { '@odata.etag': versionTag(context, row) };
    for (const property of chosen) shown[property.definition.name] = property.read(row);
    for (const add of expansions) add(row, shown);
    return shown;
  };
}

type Expansion = (row: Row, shown: Record<string, unknown>) => void;

function expansionOf(context: CompanyContext, set: EntitySetDefinition, expand: Expand): Expansion {
  const navigation = set.navigation.find((one) => one.name === expand.property);
  const target = navigation === undefined ? undefined : setOf(context.api, navigation.entitySet);
  if (navigation === undefined || target === undefined) throw unknownProperty(expand.property, set.entityType);
  const other = [...expand.options.keys()].find((option) => option !== '$select');
  if (other !== undefined)
    throw badRequest(`The option ${other} is not supported inside $expand of '${expand.property}'.`);
  const project = projectionOf(context, target, expand.options.get('$select'));
  if (navigation.isCollection === true) {
    const belongsTo = rowsByParent(context, target, navigation);
    return (row, shown) => {
      shown[expand.property] = belongsTo(row).map(project);
    };
  }
  return (row, shown) => {
    const found = rowBehind(context, set, target, navigation, row);
    shown[expand.property] = found === undefined ? null : project(found);
  };
}

/** The row that a navigation property of a row leads to. */
export function rowBehind(
  context: CompanyContext,
  set: EntitySetDefinition,
  target: EntitySetDefinition,
  navigation: NavigationDefinition,
  row: Row,
): Row | undefined {
  const property = set.properties.find((one) => one.name === navigation.property);
  const id = property === undefined ? null : readable(context, property).read(row);
  return rowsOf(context, target.table).get(textOf(id));
}

/** The rows of a set that belong to one of another set; which belongs where is found out once. */
function rowsByParent(context: CompanyContext, target: EntitySetDefinition, navigation: NavigationDefinition) {
  const property = target.properties.find((one) => one.name === navigation.property);
  const parents = new Map<Scalar, Row[]>();
  if (property !== undefined) {
    const { read } = readable(context, property);
    for (const row of rowsOf(context, target.table).inOrder()) {
      const parent = read(row);
      const known = parents.get(parent);
      if (known === undefined) parents.set(parent, [row]);
      else known.push(row);
    }
  }
  return (row: Row): readonly Row[] => parents.get(row.id) ?? [];
}

/** The context address of a set in its company. */
export function contextOf(context: CompanyContext, set: EntitySetDefinition, suffix = ''): string {
  return `${context.base}$metadata#${addressIn(context, set)}${suffix}`;
}
