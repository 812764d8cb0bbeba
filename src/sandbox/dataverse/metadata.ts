import type { Answer, Operation } from '../http/operation.js';
import { compileFilter, type FilterDialect } from '../odata/filter-evaluation.js';
import { parseFilter } from '../odata/filter-syntax.js';
import { type Expand, parseExpand, parseQuery, parseSelect, type Segment } from '../odata/query-options.js';
import type { Scalar } from '../world/row.js';
import { alternateKeys } from './addressing.js';
import { type Description, describeColumns, label, metadataId } from './attribute-metadata.js';
import { bulkActions, hasBulkActions } from './bulk.js';
import type { SalesContext } from './context.js';
import { badQuery, DataverseError, unknownSegment } from './errors.js';
import { nameOfRead, type TableDefinition } from './table-definition.js';
import { tableNamed, tables } from './tables.js';

const CRM = 'Microsoft.Dynamics.CRM.';

/** Answers `EntityDefinitions…`: what tables there are, with their columns, choices, keys and lookups. */
export function entityDefinitions(context: SalesContext, path: readonly Segment[], operation: Operation): Answer {
  const [definitions, ...rest] = path;
  const query = parseQuery(operation.query);
  if (query.options.has('$top')) throw badQuery('The query parameter $top is not supported for metadata.');
  if (definitions?.key === undefined)
    return list(
      context,
      'EntityDefinitions',
      tables.map((one) => describeTable(context, one)),
      operation,
    );
  const table = tableOfKey(definitions.key);
  if (rest.length === 0) return single(context, 'EntityDefinitions', describeTable(context, table), operation);
  return part(context, table, rest, operation);
}

function tableOfKey(key: string): TableDefinition {
  const name = /^LogicalName='([^']*)'$/.exec(key)?.[1];
  const table = tables.find((one) => one.logicalName === name || metadataId(one.logicalName) === key.toLowerCase());
  if (table === undefined)
    throw new DataverseError(404, '0x80060888', `Could not find an entity with name ${name ?? key}.`);
  return table;
}

function part(context: SalesContext, table: TableDefinition, path: readonly Segment[], operation: Operation): Answer {
  const [first, ...rest] = path;
  switch (first?.name) {
    case 'Attributes':
      return attributes(context, table, first, rest, operation);
    case 'Keys':
      return list(context, 'Keys', describeKeys(context, table), operation);
    case 'ManyToOneRelationships':
      return list(context, 'ManyToOneRelationships', describeLookups(table), operation);
    default:
      throw unknownSegment(first?.name ?? '');
  }
}

/** `/Attributes`, `/Attributes(LogicalName='x')`, each with an optional cast to one type of column. */
function attributes(
  context: SalesContext,
  table: TableDefinition,
  segment: Segment,
  rest: readonly Segment[],
  operation: Operation,
): Answer {
  const cast = rest[0]?.name;
  if (rest.length > 1 || (cast !== undefined && !/^Microsoft\.Dynamics\.CRM\.\w+AttributeMetadata$/.test(cast)))
    throw unknownSegment(rest.at(-1)?.name ?? '');
  const all = describeColumns(table).filter((one) => cast === undefined || typeNameOf(one) === cast);
  if (segment.key === undefined) return list(context, 'Attributes', all, operation);
  const name = /^LogicalName='([^']*)'$/.exec(segment.key)?.[1];
  const column = all.find((one) => one['LogicalName'] === name);
  if (column === undefined)
    throw new DataverseError(
      404,
      '0x80060888',
      `Could not find an attribute with the name ${name ?? segment.key} for entity ${table.logicalName}.`,
    );
  return single(context, 'Attributes', column, operation);
}

function describeTable(context: SalesContext, table: TableDefinition): Description {
  return {
    LogicalName: table.logicalName,
    EntitySetName: table.entitySetName,
    LogicalCollectionName: table.entitySetName,
    SchemaName: table.logicalName,
    PrimaryIdAttribute: table.primaryId,
    PrimaryNameAttribute: table.primaryName,
    ObjectTypeCode: table.objectTypeCode,
    OwnershipType: table.ownedByUsers ? 'UserOwned' : 'OrganizationOwned',
    ChangeTrackingEnabled: table.changeTracking,
    IsOptimisticConcurrencyEnabled: true,
    DisplayName: label(table.logicalName),
    MetadataId: metadataId(table.logicalName),
    Attributes: describeColumns(table),
    Keys: describeKeys(context, table),
    ManyToOneRelationships: describeLookups(table),
  };
}

function describeKeys(context: SalesContext, table: TableDefinition): readonly Description[] {
  return alternateKeys(context, table).map((columns) => ({
    LogicalName: columns.join('_'),
    EntityLogicalName: table.logicalName,
    KeyAttributes: columns.map(nameOfRead),
    EntityKeyIndexStatus: 'Active',
    MetadataId: metadataId(`${table.logicalName}:${columns.join('_')}`),
  }));
}

function describeLookups(table: TableDefinition): readonly Description[] {
  return table.columns.flatMap((column) =>
    (column.targets ?? []).map((target) => ({
      SchemaName: `${target.table}_${table.entitySetName}_${column.name}`,
      ReferencingEntity: table.logicalName,
      ReferencingAttribute: column.name,
      ReferencingEntityNavigationPropertyName: target.navigation,
      ReferencedEntity: target.table,
      ReferencedAttribute: tableNamed(target.table)?.primaryId,
      MetadataId: metadataId(`${table.logicalName}.${column.name}>${target.table}`),
    })),
  );
}

function list(context: SalesContext, set: string, all: readonly Description[], operation: Operation): Answer {
  const { options, aliases } = parseQuery(operation.query);
  const filter = options.get('$filter');
  const holds = filter === undefined ? () => true : compileFilter(parseFilter(filter, aliases), descriptionDialect);
  return {
    status: 200,
    headers: {},
    body: {
      '@odata.context': `${context.base}$metadata#${set}`,
      value: all.filter(holds).map((one) => shown(one, options)),
    },
  };
}

function single(context: SalesContext, set: string, one: Description, operation: Operation): Answer {
  const { options } = parseQuery(operation.query);
  return {
    status: 200,
    headers: {},
    body: { '@odata.context': `${context.base}$metadata#${set}/$entity`, ...shown(one, options) },
  };
}

const typeNameOf = (one: Description): string => {
  const type = one['@odata.type'];
  return typeof type === 'string' ? type.replace(/^#/, '') : `${CRM}EntityMetadata`;
};

/** Related descriptions come only when `$expand` names them. */
const related = new Set(['Attributes', 'Keys', 'ManyToOneRelationships', 'OptionSet']);

function shown(one: Description, options: ReadonlyMap<string, string>): Description {
  const select = parseSelect(options.get('$select'));
  const unknown = select?.find((name) => !(name in one));
  // A column of another type has no MaxLength: without the cast segment the platform refuses such a name as well.
  if (unknown !== undefined)
    throw badQuery(`Could not find a property named '${unknown}' on type '${typeNameOf(one)}'.`);
  const result: Description = {};
  for (const [name, value] of Object.entries(one)) {
    const always = name.startsWith('@') || name === 'MetadataId';
    if (always || (!related.has(name) && (select === undefined || select.includes(name)))) result[name] = value;
  }
  for (const expand of parseExpand(options.get('$expand'))) result[expand.property] = expanded(one, expand);
  return result;
}

function expanded(one: Description, expand: Expand): unknown {
  const value = one[expand.property];
  if (value === undefined || !related.has(expand.property))
    throw badQuery(`Could not find a property named '${expand.property}'.`);
  return Array.isArray(value) ? value.map((entry) => shown(entry as Description, expand.options)) : value;
}

const descriptionDialect: FilterDialect<Description> = {
  foldText: (text) => text,
  column: ([name = '']) => ({
    type: /^(Is|ChangeTracking)/.test(name) ? 'boolean' : name === 'ObjectTypeCode' ? 'number' : 'text',
    read: (row) => (row[name] ?? null) as Scalar,
  }),
  call: () => undefined,
  lambda: () => () => true,
};

/** Answers `sdkmessagefilters?…`, by which clients ask whether a table knows a bulk action. */
export function messageFilters(context: SalesContext, operation: Operation): Answer {
  const { options, aliases } = parseQuery(operation.query);
  const rows: Description[] = tables
    .filter((table) => hasBulkActions(context, table))
    .flatMap((table) =>
      bulkActions.map((action) => ({
        sdkmessagefilterid: metadataId(`${action}.${table.logicalName}`),
        primaryobjecttypecode: table.logicalName,
        'sdkmessageid/name': action,
      })),
    );
  const filter = options.get('$filter');
  const dialect: FilterDialect<Description> = {
    ...descriptionDialect,
    column: (segments) => ({ type: 'text', read: (row) => (row[segments.join('/')] ?? null) as Scalar }),
  };
  const holds = filter === undefined ? () => true : compileFilter(parseFilter(filter, aliases), dialect);
  return {
    status: 200,
    headers: {},
    body: {
      '@odata.context': `${context.base}$metadata#sdkmessagefilters(sdkmessagefilterid)`,
      value: rows.filter(holds).map((row) => ({ sdkmessagefilterid: row['sdkmessagefilterid'] })),
    },
  };
}
