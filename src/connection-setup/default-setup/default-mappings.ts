import type { IntegrationFieldMapping, IntegrationTableMapping } from '../../mapping/integration-table-mapping.js';

/** A mapping as it exists out of the box, before it belongs to a connection. */
export type DefaultMapping = Omit<
  IntegrationTableMapping,
  'id' | 'connectionSetupId' | 'revision' | 'createdAt' | 'updatedAt'
>;

type FieldDefinition = Pick<IntegrationFieldMapping, 'field' | 'integrationField' | 'direction'> &
  Partial<IntegrationFieldMapping>;

const field = (definition: FieldDefinition): IntegrationFieldMapping => ({
  constantValue: null,
  transformations: [],
  clearValueOnFailedSynch: false,
  notNull: false,
  lookup: null,
  optionMap: [],
  conflictRule: 'INHERIT',
  enabled: true,
  useForMatchBasedCoupling: false,
  caseSensitiveMatching: false,
  matchPriority: 0,
  ...definition,
});

const to = (name: string, integrationField: string, more: Partial<IntegrationFieldMapping> = {}) =>
  field({ field: name, integrationField, direction: 'TO_INTEGRATION_TABLE', ...more });
const from = (name: string, integrationField: string, more: Partial<IntegrationFieldMapping> = {}) =>
  field({ field: name, integrationField, direction: 'FROM_INTEGRATION_TABLE', ...more });
const both = (name: string, integrationField: string, more: Partial<IntegrationFieldMapping> = {}) =>
  field({ field: name, integrationField, direction: 'BIDIRECTIONAL', ...more });

const common = {
  enabled: true,
  kind: 'TABLE',
  synchOnlyCoupledRecords: true,
  tableFilter: [],
  integrationTableFilter: [],
  templates: [],
  updateConflictResolution: 'MERGE_FIELDS',
  deletionConflictResolution: 'NONE',
  wakeOnChange: true,
  dependsOn: [],
} satisfies Partial<DefaultMapping>;

/**
 * The mappings out of the box, in the order of a first synchronization: what Dynamics NAV 2018 makes when its connection
 * to Dynamics 365 Sales is enabled, in the names of Business Central's API and of the Dataverse Web API.
 */
export const defaultMappings: readonly DefaultMapping[] = [
  {
    ...common,
    name: 'CURRENCY',
    description: 'Currencies to transaction currencies',
    table: 'currencies',
    integrationTable: 'transactioncurrencies',
    direction: 'TO_INTEGRATION_TABLE',
    fields: [
      // Dataverse takes the ISO code on creation only; it is also how existing currencies are found.
      to('code', 'isocurrencycode', { useForMatchBasedCoupling: true }),
      to('symbol', 'currencysymbol'),
      to('displayName', 'currencyname'),
    ],
    // Dataverse refuses a new currency without these two; the rate is kept up by whoever keeps rates in Sales.
    templates: [
      {
        side: 'SALES',
        priority: 0,
        filter: [],
        values: [
          { field: 'exchangerate', value: '1' },
          { field: 'currencyprecision', value: '2' },
        ],
      },
    ],
  },
  {
    ...common,
    name: 'CUSTOMER',
    description: 'Customers and accounts',
    table: 'customers',
    integrationTable: 'accounts',
    direction: 'BIDIRECTIONAL',
    tableFilter: [{ field: 'blocked', expression: "' '" }],
    integrationTableFilter: [
      { field: 'statecode', expression: 'Active' },
      { field: 'customertypecode', expression: 'Customer' },
    ],
    fields: [
      both('displayName', 'name', { useForMatchBasedCoupling: true }),
      from('contact', 'address1_primarycontactname'),
      both('addressLine1', 'address1_line1'),
      both('addressLine2', 'address1_line2'),
      both('postalCode', 'address1_postalcode'),
      both('city', 'address1_city', { useForMatchBasedCoupling: true }),
      both('country', 'address1_country'),
      both('state', 'address1_stateorprovince'),
      both('email', 'emailaddress1'),
      both('faxNumber', 'fax'),
      both('website', 'websiteurl'),
      both('phoneNumber', 'telephone1'),
      to('creditLimit', 'creditlimit'),
    ],
    templates: [{ side: 'SALES', priority: 0, filter: [], values: [{ field: 'customertypecode', value: 'Customer' }] }],
    dependsOn: ['CURRENCY'],
  },
];
