import type { FieldMetadata, FieldType, OptionMetadata, TableMetadata } from '../../mapping/field-value.js';
import { ConnectorError, type TableName } from '../connector.js';
import { isJsonObject, type JsonObject } from '../odata/json.js';
import { type ODataClient, rowsOf, textOf } from '../odata/odata-client.js';
import { inParallel } from '../odata/parallel.js';

/** A column as requests need it, beside what the product is told. */
export interface Column {
  readonly field: FieldMetadata;
  /** Name in $select, $filter and rows: a lookup is read as `_name_value`. */
  readonly readName: string;
  /** How a lookup is written; null for all other columns. */
  readonly navigation: string | null;
  /**
   * Logical name of the one table that a lookup into several tables is taken to point to; a row that points to another one
   * reads as blank. Null for all other columns.
   */
  readonly onlyTarget: string | null;
}

/** One table as requests need it. */
export interface Table {
  readonly entitySet: string;
  readonly logicalName: string;
  readonly primaryId: string;
  readonly tracksChanges: boolean;
  readonly checksVersions: boolean;
  readonly columns: ReadonlyMap<string, Column>;
  readonly metadata: TableMetadata;
}

const CAST = 'Microsoft.Dynamics.CRM';

/** Types of attribute whose properties stand in a metadata type of their own, with what is asked of it. */
const casts: Readonly<Record<string, string>> = {
  String: 'StringAttributeMetadata?$select=LogicalName,MaxLength',
  Memo: 'MemoAttributeMetadata?$select=LogicalName,MaxLength',
  Decimal: 'DecimalAttributeMetadata?$select=LogicalName,Precision',
  Money: 'MoneyAttributeMetadata?$select=LogicalName,Precision',
  Double: 'DoubleAttributeMetadata?$select=LogicalName,Precision',
  DateTime: 'DateTimeAttributeMetadata?$select=LogicalName,DateTimeBehavior',
  Picklist: 'PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet',
  State: 'StateAttributeMetadata?$select=LogicalName&$expand=OptionSet',
  Status: 'StatusAttributeMetadata?$select=LogicalName&$expand=OptionSet',
  Lookup: 'LookupAttributeMetadata?$select=LogicalName,Targets',
  Owner: 'LookupAttributeMetadata?$select=LogicalName,Targets',
  Customer: 'LookupAttributeMetadata?$select=LogicalName,Targets',
};

const fieldTypesByAttribute: Readonly<Record<string, FieldType>> = {
  String: 'TEXT',
  Memo: 'TEXT',
  Integer: 'INTEGER',
  // Beyond what a double holds; DECIMAL keeps all digits.
  BigInt: 'DECIMAL',
  Decimal: 'DECIMAL',
  Double: 'DECIMAL',
  Money: 'DECIMAL',
  Boolean: 'BOOLEAN',
  DateTime: 'DATE_TIME',
  Uniqueidentifier: 'GUID',
  Lookup: 'REFERENCE',
  Owner: 'REFERENCE',
  Customer: 'REFERENCE',
  Picklist: 'OPTION',
  State: 'OPTION',
  Status: 'OPTION',
};

/** A lookup that may point to several tables is read and written as a reference to this one of them, where it is among them. */
const preferredTargets = ['systemuser', 'account'];

/** Reads the definition of the table behind an entity set. Throws ConnectorError CONFIGURATION for an unknown set. */
export async function loadTable(client: ODataClient, entitySet: string, signal: AbortSignal): Promise<Table> {
  const definition = await definitionOf(client, entitySet, signal);
  const entity = `EntityDefinitions(LogicalName='${textOf(definition, 'LogicalName')}')`;
  // Without $select: the properties that tell columns which only exist in forms are not the same in all versions.
  const attributes = rowsOf((await client.getJson(`${entity}/Attributes`, signal)).body);
  const [details, relationships] = await Promise.all([
    detailsOf(client, entity, attributes, signal),
    client.getJson(
      `${entity}/ManyToOneRelationships?$select=ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName`,
      signal,
    ),
  ]);
  const links = lookupLinks(rowsOf(relationships.body), details);
  const sets = await entitySetsOf(client, [...new Set([...links.values()].map(({ target }) => target))], signal);
  const columns = attributes.filter(isReadable).map((attribute) => columnOf(attribute, details, links, sets));
  return tableOf(entitySet, definition, columns);
}

/** Name and label of every table that the Web API offers, by name. */
export async function tableNames(client: ODataClient, signal: AbortSignal): Promise<readonly TableName[]> {
  const { body } = await client.getJson('EntityDefinitions?$select=LogicalName,EntitySetName,DisplayName', signal);
  const named = rowsOf(body).flatMap((row) => {
    // A few tables of the platform have no address of their own.
    const name = row['EntitySetName'];
    return typeof name === 'string' && name !== '' ? [{ name, label: labelIn(row['DisplayName']) ?? name }] : [];
  });
  return named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function definitionOf(client: ODataClient, entitySet: string, signal: AbortSignal): Promise<JsonObject> {
  const select =
    'LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled,IsOptimisticConcurrencyEnabled,DisplayName';
  const filter = encodeURIComponent(`EntitySetName eq '${entitySet.replaceAll("'", "''")}'`);
  const { body } = await client.getJson(`EntityDefinitions?$select=${select}&$filter=${filter}`, signal);
  const definition = rowsOf(body).find((row) => row['EntitySetName'] === entitySet);
  if (definition !== undefined) return definition;
  throw new ConnectorError(
    `Dataverse has no entity set "${entitySet}"; expected a name as in the address of the Web API, e.g. accounts (upper and lower case count)`,
    { errorClass: 'CONFIGURATION', code: 'UNKNOWN_TABLE' },
  );
}

/** Columns such as `owneridname` repeat another one for forms; the Web API does not know them. */
const isReadable = (attribute: JsonObject): boolean =>
  attribute['IsValidForRead'] !== false &&
  attribute['IsValidODataAttribute'] !== false &&
  typeof attribute['AttributeOf'] !== 'string';

type Details = ReadonlyMap<string, JsonObject>;

/** The properties that stand in metadata types of their own, by attribute; only the types that the table has are asked for. */
async function detailsOf(
  client: ODataClient,
  entity: string,
  attributes: readonly JsonObject[],
  signal: AbortSignal,
): Promise<Details> {
  const wanted = new Set(attributes.flatMap((attribute) => casts[String(attribute['AttributeType'])] ?? []));
  const answers = await inParallel(
    [...wanted].map((cast) => (either: AbortSignal) => client.getJson(`${entity}/Attributes/${CAST}.${cast}`, either)),
    signal,
  );
  return new Map(answers.flatMap(({ body }) => rowsOf(body)).map((row) => [textOf(row, 'LogicalName'), row]));
}

interface LookupLink {
  /** Logical name of the table. */
  readonly target: string;
  readonly isOneOfSeveral: boolean;
  readonly navigation: string;
}

function lookupLinks(relationships: readonly JsonObject[], details: Details): ReadonlyMap<string, LookupLink> {
  const links = new Map<string, LookupLink>();
  for (const [name, detail] of details) {
    const targets = Array.isArray(detail['Targets'])
      ? detail['Targets'].filter((target) => typeof target === 'string')
      : [];
    const target = preferredTargets.find((preferred) => targets.includes(preferred)) ?? targets[0];
    if (target === undefined) continue;
    const own = relationships.filter((relationship) => relationship['ReferencingAttribute'] === name);
    const relationship = own.find((candidate) => candidate['ReferencedEntity'] === target) ?? own[0];
    const navigation = relationship?.['ReferencingEntityNavigationPropertyName'];
    links.set(name, {
      target,
      isOneOfSeveral: targets.length > 1,
      navigation: typeof navigation === 'string' ? navigation : name,
    });
  }
  return links;
}

async function entitySetsOf(
  client: ODataClient,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (tables.length === 0) return new Map();
  const filter = encodeURIComponent(tables.map((table) => `LogicalName eq '${table}'`).join(' or '));
  const { body } = await client.getJson(
    `EntityDefinitions?$select=LogicalName,EntitySetName&$filter=${filter}`,
    signal,
  );
  return new Map(rowsOf(body).map((row) => [textOf(row, 'LogicalName'), textOf(row, 'EntitySetName')]));
}

function columnOf(
  attribute: JsonObject,
  details: Details,
  links: ReadonlyMap<string, LookupLink>,
  sets: ReadonlyMap<string, string>,
): Column {
  const name = textOf(attribute, 'LogicalName');
  const detail = details.get(name) ?? {};
  const link = links.get(name);
  const type = typeOf(attribute, detail);
  const field: FieldMetadata = {
    name,
    label: labelIn(attribute['DisplayName']) ?? name,
    type,
    nativeType: String(attribute['AttributeType']),
    maxLength: wholeNumber(detail['MaxLength']),
    scale: type === 'DECIMAL' ? (wholeNumber(detail['Precision']) ?? null) : null,
    nullable: !isRequired(attribute['RequiredLevel']),
    readOnly: attribute['IsValidForCreate'] === false && attribute['IsValidForUpdate'] === false,
    target: link === undefined ? null : (sets.get(link.target) ?? null),
    options: optionsIn(detail['OptionSet']),
  };
  const isReference = type === 'REFERENCE';
  return {
    field,
    readName: isReference ? `_${name}_value` : name,
    navigation: isReference ? (link?.navigation ?? name) : null,
    onlyTarget: isReference && link?.isOneOfSeveral === true ? link.target : null,
  };
}

function typeOf(attribute: JsonObject, detail: JsonObject): FieldType {
  const behavior = detail['DateTimeBehavior'];
  if (isJsonObject(behavior) && behavior['Value'] === 'DateOnly') return 'DATE';
  return fieldTypesByAttribute[String(attribute['AttributeType'])] ?? 'OTHER';
}

const wholeNumber = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) ? value : null;

const isRequired = (level: unknown): boolean => isJsonObject(level) && level['Value'] === 'SystemRequired';

function labelIn(displayName: unknown): string | null {
  const label = isJsonObject(displayName) ? displayName['UserLocalizedLabel'] : null;
  return isJsonObject(label) && typeof label['Label'] === 'string' ? label['Label'] : null;
}

function optionsIn(optionSet: unknown): readonly OptionMetadata[] {
  const options = isJsonObject(optionSet) && Array.isArray(optionSet['Options']) ? optionSet['Options'] : [];
  return options.filter(isJsonObject).map((option) => {
    const value = String(option['Value']);
    return { value, label: labelIn(option['Label']) ?? value };
  });
}

function tableOf(entitySet: string, definition: JsonObject, columns: readonly Column[]): Table {
  const primaryId = textOf(definition, 'PrimaryIdAttribute');
  return {
    entitySet,
    primaryId,
    tracksChanges: definition['ChangeTrackingEnabled'] === true,
    logicalName: textOf(definition, 'LogicalName'),
    checksVersions: definition['IsOptimisticConcurrencyEnabled'] !== false,
    columns: new Map(columns.map((column) => [column.field.name, column])),
    metadata: {
      name: entitySet,
      label: labelIn(definition['DisplayName']) ?? entitySet,
      keyField: primaryId,
      fields: new Map(columns.map(({ field }) => [field.name, field])),
    },
  };
}
