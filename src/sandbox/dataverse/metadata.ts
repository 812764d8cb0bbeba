import type { Answer, Operation } from '../http/operation.js';
import { compileFilter, type FilterDialect } from '../odata/filter-evaluation.js';
import { parseFilter } from '../odata/filter-syntax.js';
import { parseExpand, parseQuery, parseSelect, type Expand, type Segment } from '../odata/query-options.js';
import type { Scalar } from '../world/row.js';
import { alternateKeys } from './addressing.js';
import { bulkActions, hasBulkActions } from './bulk.js';
import type { SalesContext } from './context.js';
import { badQuery, DataverseError, unknownSegment } from './errors.js';
import { isLookup, type ColumnDefinition, type TableDefinition } from './table-definition.js';
import { tableNamed, tables } from './tables.js';

type Description = Record<string, unknown>;

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
  const all = [primaryIdOf(table), ...table.columns].filter(
    (column) => cast === undefined || castName(column) === cast,
  );
  if (segment.key === undefined)
    return list(
      context,
      'Attributes',
      all.map((column) => describeColumn(table, column)),
      operation,
    );
  const name = /^LogicalName='([^']*)'$/.exec(segment.key)?.[1];
  const column = all.find((one) => one.name === name);
  if (column === undefined)
    throw new DataverseError(
      404,
      '0x80060888',
      `Could not find an attribute with the name ${name ?? segment.key} for entity ${table.logicalName}.`,
    );
  return single(context, 'Attributes', describeColumn(table, column), operation);
}

const primaryIdOf = (table: TableDefinition): ColumnDefinition => ({
  name: table.primaryId,
  type: 'Uniqueidentifier',
  createOnly: true,
  required: 'SystemRequired',
});

/** Owner and customer columns are lookups as far as the type of their metadata goes. */
function castName(column: ColumnDefinition): string {
  if (isLookup(column)) return `${CRM}LookupAttributeMetadata`;
  return `${CRM}${column.type === 'Uniqueidentifier' ? 'UniqueIdentifier' : column.type}AttributeMetadata`;
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
    Attributes: [primaryIdOf(table), ...table.columns].map((column) => describeColumn(table, column)),
    Keys: describeKeys(context, table),
    ManyToOneRelationships: describeLookups(table),
  };
}

function describeColumn(table: TableDefinition, column: ColumnDefinition): Description {
  return {
    '@odata.type': `#${castName(column)}`,
    LogicalName: column.name,
    SchemaName: column.name,
    EntityLogicalName: table.logicalName,
    AttributeType: column.type,
    IsPrimaryId: column.name === table.primaryId,
    IsPrimaryName: column.name === table.primaryName,
    IsValidForRead: true,
    IsValidForCreate: column.readOnly !== true,
    IsValidForUpdate: column.readOnly !== true && column.createOnly !== true,
    RequiredLevel: { Value: column.required ?? 'None', CanBeChanged: column.required !== 'SystemRequired' },
    DisplayName: label(column.name),
    MetadataId: metadataId(`${table.logicalName}.${column.name}`),
    ...detailsOf(column),
  };
}

function detailsOf(column: ColumnDefinition): Description {
  if (column.targets !== undefined) return { Targets: column.targets.map((target) => target.table) };
  if (column.choices !== undefined)
    return {
      OptionSet: {
        IsGlobal: false,
        OptionSetType: column.type,
        Options: column.choices.map((choice) => ({ Value: choice.value, Label: label(choice.label) })),
      },
    };
  if (column.type === 'DateTime')
    return {
      Format: column.dateOnly === true ? 'DateOnly' : 'DateAndTime',
      DateTimeBehavior: { Value: column.dateOnly === true ? 'DateOnly' : 'UserLocal' },
    };
  if (column.type === 'String' || column.type === 'Memo') return { MaxLength: column.maxLength };
  if (column.type === 'Integer') return { MinValue: column.min, MaxValue: column.max };
  if (column.type === 'Decimal' || column.type === 'Money')
    return {
      MinValue: column.min,
      MaxValue: column.max,
      Precision: column.precision,
      ...(column.type === 'Money' ? { PrecisionSource: 2 } : {}),
    };
  return {};
}

function label(text: string): Description {
  const localized = { Label: text, LanguageCode: 1_033, IsManaged: true };
  return { LocalizedLabels: [localized], UserLocalizedLabel: localized };
}

function describeKeys(context: SalesContext, table: TableDefinition): readonly Description[] {
  return alternateKeys(context, table).map((columns) => ({
    LogicalName: columns.join('_'),
    EntityLogicalName: table.logicalName,
    KeyAttributes: columns.map((name) => name.replace(/^_(.*)_value$/, '$1')),
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

/** An id that stays the same for the same name. */
function metadataId(name: string): string {
  const hex = Buffer.from(name.padEnd(16, '.').slice(-16)).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
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
