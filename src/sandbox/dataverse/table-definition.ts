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

/** What becomes of a row when the row that its lookup points to is deleted. */
export type OnDelete = 'clear' | 'cascade' | 'restrict';

/** A table that a lookup may point to, with the navigation property through which it is bound. */
export interface LookupTarget {
  readonly table: string;
  readonly navigation: string;
  /** By default the lookup is cleared. */
  readonly onDelete?: OnDelete;
}

export interface Choice {
  readonly value: number;
  readonly label: string;
  /** Of a status: the state that it belongs to. */
  readonly state?: number;
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
export const day = (name: string, more: More = {}): ColumnDefinition => ({
  name,
  type: 'DateTime',
  dateOnly: true,
  ...more,
});
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

export const lookup = (
  name: string,
  table: string,
  { onDelete, ...more }: More & { readonly onDelete?: OnDelete } = {},
): ColumnDefinition => ({
  name,
  type: 'Lookup',
  targets: [{ table, navigation: name, ...(onDelete === undefined ? {} : { onDelete }) }],
  ...more,
});

/** A lookup to an account or a contact, each bound through a navigation property of its own. */
export const customer = (
  name: string,
  { onDelete, ...more }: More & { readonly onDelete?: OnDelete } = {},
): ColumnDefinition => ({
  name,
  type: 'Customer',
  targets: ['account', 'contact'].map((table) => ({
    table,
    navigation: `${name}_${table}`,
    ...(onDelete === undefined ? {} : { onDelete }),
  })),
  ...more,
});

/** A state with its statuses by number; the one with the lowest number is its default. */
export interface StateDefinition {
  readonly value: number;
  readonly label: string;
  readonly statuses: Readonly<Record<number, string>>;
}

/** The pair of columns for state and status. */
export const lifecycle = (states: readonly StateDefinition[]): readonly ColumnDefinition[] => [
  { name: 'statecode', type: 'State', choices: states.map(({ value, label }) => ({ value, label })) },
  {
    name: 'statuscode',
    type: 'Status',
    choices: states.flatMap((state) =>
      Object.entries(state.statuses).map(([value, label]) => ({ value: Number(value), label, state: state.value })),
    ),
  },
];

/** Active and inactive, the default pair of states. */
export const activity: readonly ColumnDefinition[] = lifecycle([
  { value: 0, label: 'Active', statuses: { 1: 'Active' } },
  { value: 1, label: 'Inactive', statuses: { 2: 'Inactive' } },
]);

/** The statuses of a table with the states that they belong to; nothing for a table without states. */
export const statusesOf = (table: TableDefinition): readonly Choice[] | undefined =>
  table.columns.find((column) => column.type === 'Status')?.choices;

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
  // A currency that rows are kept in cannot be deleted.
  lookup('transactioncurrencyid', 'transactioncurrency', { onDelete: 'restrict' }),
  decimal('exchangerate', 12, { readOnly: true }),
];

/** Whether a column holds the id of another row. */
export const isLookup = (column: ColumnDefinition): boolean => column.targets !== undefined;

/** Name under which a column is read: a lookup shows its id as `_name_value`. */
export const readName = (column: ColumnDefinition): string =>
  isLookup(column) ? `_${column.name}_value` : column.name;

/** Name of the column that is read under this name. */
export const nameOfRead = (name: string): string => name.replace(/^_(.*)_value$/, '$1');

/** Name under which a lookup to more than one table keeps the table that it points to. */
export const targetColumn = (column: ColumnDefinition): string => `${column.name}:table`;
