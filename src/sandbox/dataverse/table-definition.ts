/** How Dataverse calls the types of columns; also the prefix of their metadata types. */
export type AttributeType =
  | 'String'
  | 'Memo'
  | 'Integer'
  | 'BigInt'
  | 'Decimal'
  | 'Money'
  | 'Boolean'
  | 'DateTime'
  | 'Picklist'
  | 'State'
  | 'Status'
  | 'Lookup'
  | 'Owner'
  | 'Customer'
  | 'Uniqueidentifier';

/** A table that a lookup may point to, with the navigation property through which it is bound. */
export interface LookupTarget {
  readonly table: string;
  readonly navigation: string;
}

export interface Choice {
  readonly value: number;
  readonly label: string;
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: AttributeType;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly precision?: number;
  readonly dateOnly?: boolean;
  readonly choices?: readonly Choice[];
  readonly targets?: readonly LookupTarget[];
  /** Never set by a client. */
  readonly readOnly?: boolean;
  /** Set by a client on create alone. */
  readonly createOnly?: boolean;
  /** `SystemRequired` is enforced by the platform, `ApplicationRequired` by forms alone. */
  readonly required?: 'SystemRequired' | 'ApplicationRequired';
}

export interface TableDefinition {
  readonly logicalName: string;
  readonly entitySetName: string;
  readonly primaryId: string;
  readonly primaryName: string;
  readonly objectTypeCode: number;
  readonly ownedByUsers: boolean;
  /** Rows are made and changed by administrators, not through the service's role. */
  readonly readOnly?: boolean;
  readonly changeTracking: boolean;
  readonly columns: readonly ColumnDefinition[];
}

type More = Partial<Omit<ColumnDefinition, 'name' | 'type'>>;

export const text = (name: string, maxLength: number, more: More = {}): ColumnDefinition => ({
  name,
  type: 'String',
  maxLength,
  ...more,
});
export const memo = (name: string, maxLength: number): ColumnDefinition => ({ name, type: 'Memo', maxLength });
export const whole = (name: string, min: number, max: number, more: More = {}): ColumnDefinition => ({
  name,
  type: 'Integer',
  min,
  max,
  ...more,
});
export const decimal = (name: string, precision: number, more: More = {}): ColumnDefinition => ({
  name,
  type: 'Decimal',
  precision,
  min: -1e11,
  max: 1e11,
  ...more,
});
export const yesNo = (name: string, more: More = {}): ColumnDefinition => ({ name, type: 'Boolean', ...more });
export const instant = (name: string, more: More = {}): ColumnDefinition => ({ name, type: 'DateTime', ...more });
export const day = (name: string): ColumnDefinition => ({ name, type: 'DateTime', dateOnly: true });
export const guid = (name: string, more: More = {}): ColumnDefinition => ({ name, type: 'Uniqueidentifier', ...more });

/** A money column and its twin in the base currency, which the platform computes. */
export const money = (name: string, min: number, max: number): readonly ColumnDefinition[] => [
  { name, type: 'Money', min, max, precision: 2 },
  {
    name: `${name}_base`,
    type: 'Money',
    min: -922_337_203_685_477,
    max: 922_337_203_685_477,
    precision: 4,
    readOnly: true,
  },
];

export const choice = (name: string, labels: Readonly<Record<number, string>>, more: More = {}): ColumnDefinition => ({
  name,
  type: 'Picklist',
  choices: Object.entries(labels).map(([value, label]) => ({ value: Number(value), label })),
  ...more,
});

export const lookup = (name: string, table: string, more: More = {}): ColumnDefinition => ({
  name,
  type: 'Lookup',
  targets: [{ table, navigation: name }],
  ...more,
});

/** Active and inactive, the default pair of states. */
export const activity: readonly ColumnDefinition[] = [
  { ...choice('statecode', { 0: 'Active', 1: 'Inactive' }), type: 'State' },
  { ...choice('statuscode', { 1: 'Active', 2: 'Inactive' }), type: 'Status' },
];

/** State that belongs to a status of the default pair. */
export const stateOfStatus: Readonly<Record<number, number>> = { 1: 0, 2: 1 };

/** What the platform keeps of every row. */
export const stamps: readonly ColumnDefinition[] = [
  instant('createdon', { readOnly: true }),
  instant('modifiedon', { readOnly: true }),
  lookup('createdby', 'systemuser', { readOnly: true }),
  lookup('modifiedby', 'systemuser', { readOnly: true }),
  { name: 'versionnumber', type: 'BigInt', readOnly: true },
];

export const ownership: readonly ColumnDefinition[] = [
  {
    name: 'ownerid',
    type: 'Owner',
    targets: [
      { table: 'systemuser', navigation: 'ownerid' },
      { table: 'team', navigation: 'ownerid' },
    ],
  },
  lookup('owninguser', 'systemuser', { readOnly: true }),
  lookup('owningteam', 'team', { readOnly: true }),
];

/** Currency of a row and its rate at the time of the last write of money. */
export const currency: readonly ColumnDefinition[] = [
  lookup('transactioncurrencyid', 'transactioncurrency'),
  decimal('exchangerate', 12, { readOnly: true }),
];

/** Whether a column holds the id of another row. */
export const isLookup = (column: ColumnDefinition): boolean => column.targets !== undefined;

/** Name under which a column is read: a lookup shows its id as `_name_value`. */
export const readName = (column: ColumnDefinition): string =>
  isLookup(column) ? `_${column.name}_value` : column.name;

/** Name under which a lookup to more than one table keeps the table that it points to. */
export const targetColumn = (column: ColumnDefinition): string => `${column.name}:table`;
