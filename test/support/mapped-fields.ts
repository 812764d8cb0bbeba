import type { Person, System } from './person.js';
import type { Tandem } from './tandem.js';

/** In the order of a first synchronization. */
export const jobs = [
  'CURRENCY',
  'SALESPEOPLE',
  'UNITOFMEASURE',
  'CUSTOMER',
  'CONTACTS',
  'RESOURCE-PRODUCT',
  'ITEM-PRODUCT',
] as const;

/** Mappings of prices, which follow the first ones. */
export const priceJobs = ['CUSTPRCGRP-PRICE', 'SALESPRC-PRODPRICE'] as const;

/** Mappings of codes and choices, which have no job. */
export const optionMappings = ['PAYMENT TERMS', 'SHIPMENT METHOD', 'SHIPPING AGENT'] as const;

/** What the API tells of a field, with the decimals that Dataverse keeps. */
export interface FieldOfSystem {
  readonly name: string;
  readonly type: string;
  readonly maxLength: number | null;
  readonly target: string | null;
  readonly decimals: number | null;
}

/** An enabled field pair as the API gives it; the side without a field (a constant) is null. */
export interface MappedField {
  readonly mapping: string;
  readonly field: string;
  readonly integrationField: string;
  /** The sides on which an edit counts: To is edited in the business system. */
  readonly editedOn: readonly System[];
  readonly lookup: string | null;
  readonly constantValue: string | null;
  readonly transformations: readonly string[];
  /** Values that mean each other; empty where the values are the same on both sides. */
  readonly optionMap: readonly { readonly value: string; readonly integrationValue: string }[];
  readonly notNull: boolean;
  readonly clearValueOnFailedSynch: boolean;
  readonly BUSINESS: FieldOfSystem | null;
  readonly SALES: FieldOfSystem | null;
}

export interface MappedTable {
  readonly name: string;
  readonly id: string;
  readonly revision: number;
  readonly table: Readonly<Record<System, string>>;
  readonly key: Readonly<Record<System, string>>;
  readonly synchOnlyCoupledRecords: boolean;
  readonly direction: string;
  readonly fields: readonly MappedField[];
}

/** The key column of each table of Dataverse. */
export const keys: Readonly<Record<string, string>> = {
  accounts: 'accountid',
  contacts: 'contactid',
  products: 'productid',
  systemusers: 'systemuserid',
  transactioncurrencies: 'transactioncurrencyid',
  uomschedules: 'uomscheduleid',
  uoms: 'uomid',
  pricelevels: 'pricelevelid',
  productpricelevels: 'productpricelevelid',
};

/** The mappings as the API gives them, with both systems' metadata of every enabled field. */
export async function mappedTables(
  tandem: Tandem,
  person: Person,
  names: readonly string[] = jobs,
): Promise<readonly MappedTable[]> {
  const decimals = await decimalsOf(person);
  const [connection] = await tandem.all('connectionSetups', 'id');
  const tables = new Map<string, FieldOfSystem>();
  for (const system of ['BUSINESS', 'SALES'] as const) {
    const offered = await tandem.ask(
      `query($id: ID!) { tables(connectionSetupId: $id, side: ${system}, names: ${JSON.stringify(namesOf[system])}) { name fields { name type maxLength target } } }`,
      { id: connection?.id },
    );
    for (const { name, fields } of offered.tables)
      for (const field of fields)
        tables.set(`${system} ${name} ${field.name}`, {
          ...field,
          decimals: decimals.get(`${name} ${field.name}`) ?? null,
        });
  }
  return Promise.all(names.map((name) => mappedTable(tandem, name, tables)));
}

async function mappedTable(
  tandem: Tandem,
  name: string,
  offered: ReadonlyMap<string, FieldOfSystem>,
): Promise<MappedTable> {
  const { integrationTableMapping: mapping } = await tandem.ask(
    `query($name: String!) { integrationTableMapping(name: $name) { id revision table integrationTable direction synchOnlyCoupledRecords
      fields { field integrationField direction lookup constantValue transformations optionMap { value integrationValue } notNull clearValueOnFailedSynch enabled } } }`,
    { name },
  );
  const field = (system: System, of: string): FieldOfSystem | null =>
    of === ''
      ? null
      : (offered.get(`${system} ${system === 'BUSINESS' ? mapping.table : mapping.integrationTable} ${of}`) ??
        missing(name, of));
  const allows = (direction: string, wanted: string): boolean => direction === 'BIDIRECTIONAL' || direction === wanted;
  return {
    name,
    id: mapping.id,
    revision: mapping.revision,
    table: { BUSINESS: mapping.table, SALES: mapping.integrationTable },
    key: { BUSINESS: 'id', SALES: keys[mapping.integrationTable] ?? 'id' },
    synchOnlyCoupledRecords: mapping.synchOnlyCoupledRecords,
    direction: mapping.direction,
    fields: (mapping.fields as Record<string, any>[])
      .filter(({ enabled }) => enabled)
      .map((one) => ({
        ...(one as unknown as MappedField),
        mapping: name,
        editedOn: [
          ...(allows(one.direction, 'TO_INTEGRATION_TABLE') ? (['BUSINESS'] as const) : []),
          ...(allows(one.direction, 'FROM_INTEGRATION_TABLE') ? (['SALES'] as const) : []),
        ],
        BUSINESS: field('BUSINESS', one.field),
        SALES: field('SALES', one.integrationField),
      })),
  };
}

const namesOf: Readonly<Record<System, readonly string[]>> = {
  BUSINESS: [
    'currencies',
    'salespeoplePurchasers',
    'unitsOfMeasure',
    'customers',
    'contacts',
    'resources',
    'items',
    'customerPriceGroups',
    'salesPrices',
  ],
  SALES: [
    'transactioncurrencies',
    'systemusers',
    'uomschedules',
    'accounts',
    'contacts',
    'products',
    'pricelevels',
    'productpricelevels',
  ],
};

function missing(mapping: string, field: string): never {
  throw new Error(`${mapping} names the field ${field}, which its system does not offer`);
}

/** Decimals that Dataverse keeps of each number, by entity set and column. */
async function decimalsOf(person: Person): Promise<ReadonlyMap<string, number>> {
  const decimals = new Map<string, number>();
  const definitions = await person.rows('SALES', 'EntityDefinitions?$select=LogicalName,EntitySetName');
  for (const { LogicalName, EntitySetName } of definitions) {
    if (!namesOf.SALES.includes(String(EntitySetName))) continue;
    for (const kind of ['Decimal', 'Money']) {
      const attributes = await person.rows(
        'SALES',
        `EntityDefinitions(LogicalName='${String(LogicalName)}')/Attributes/Microsoft.Dynamics.CRM.${kind}AttributeMetadata?$select=LogicalName,Precision`,
      );
      for (const { LogicalName: column, Precision } of attributes)
        decimals.set(`${String(EntitySetName)} ${String(column)}`, Number(Precision));
    }
  }
  return decimals;
}
