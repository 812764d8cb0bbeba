import { type ColumnDefinition, isLookup, type TableDefinition } from './table-definition.js';

/** A piece of metadata as it is shown. */
export type Description = Record<string, unknown>;

const CRM = 'Microsoft.Dynamics.CRM.';

/** All attributes of a table: its columns, and those that only forms use. */
export const describeColumns = (table: TableDefinition): readonly Description[] =>
  [primaryIdOf(table), ...table.columns].flatMap((column) => [
    describeColumn(table, column),
    ...describeShadows(table, column),
  ]);

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

function describeColumn(table: TableDefinition, column: ColumnDefinition): Description {
  return {
    '@odata.type': `#${castName(column)}`,
    LogicalName: column.name,
    SchemaName: column.name,
    EntityLogicalName: table.logicalName,
    AttributeType: column.type,
    IsPrimaryId: column.name === table.primaryId,
    IsPrimaryName: column.name === table.primaryName,
    AttributeOf: null,
    IsValidForRead: true,
    IsValidODataAttribute: true,
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
        Options: column.choices.map((choice) => ({
          Value: choice.value,
          Label: label(choice.label),
          ...(choice.state === undefined ? {} : { State: choice.state }),
        })),
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

/** A lookup and a choice have attributes beside them that repeat them for forms; the Web API does not know them. */
function describeShadows(table: TableDefinition, column: ColumnDefinition): readonly Description[] {
  const shadow = (suffix: string, type: string, metadataType: string, more: Description = {}): Description => ({
    ...withoutLength(describeColumn(table, { name: `${column.name}${suffix}`, type: 'String', readOnly: true })),
    '@odata.type': `#${CRM}${metadataType}`,
    AttributeType: type,
    AttributeOf: column.name,
    IsValidForRead: type !== 'Virtual',
    IsValidODataAttribute: false,
    ...more,
  });
  if (isLookup(column)) {
    const name = shadow('name', 'String', 'StringAttributeMetadata', { MaxLength: 200 });
    return column.type === 'Lookup' ? [name] : [name, shadow('type', 'EntityName', 'EntityNameAttributeMetadata')];
  }
  const isNamed = column.choices !== undefined || column.type === 'Boolean';
  return isNamed ? [shadow('name', 'Virtual', 'AttributeMetadata')] : [];
}

const withoutLength = ({ MaxLength: _length, ...others }: Description): Description => others;

export function label(text: string): Description {
  const localized = { Label: text, LanguageCode: 1_033, IsManaged: true };
  return { LocalizedLabels: [localized], UserLocalizedLabel: localized };
}

/** An id that stays the same for the same name. */
export function metadataId(name: string): string {
  const hex = Buffer.from(name.padEnd(16, '.').slice(-16)).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
