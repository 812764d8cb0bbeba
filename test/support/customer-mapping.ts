import type { FieldMetadata, FieldType, OptionMetadata, TableMetadata } from '../../src/mapping/field-value.js';
import type { IntegrationFieldMapping, IntegrationTableMapping } from '../../src/mapping/integration-table-mapping.js';

/** A field of a table as metadata tell it: one that may be blank and written. */
export const field = (name: string, type: FieldType, more: Partial<FieldMetadata> = {}): FieldMetadata => ({
  name,
  label: name,
  type,
  nativeType: type,
  maxLength: null,
  scale: null,
  nullable: true,
  readOnly: false,
  target: null,
  options: [],
  ...more,
});

export const tableOf = (name: string, keyField: string, fields: readonly FieldMetadata[]): TableMetadata => ({
  name,
  label: name,
  keyField,
  fields: new Map(fields.map((one) => [one.name, one])),
});

const options = (...values: string[]): OptionMetadata[] => values.map((value) => ({ value, label: value }));

/** A table of customers, small enough to read in a test. */
export const customers = tableOf('customers', 'id', [
  field('id', 'GUID', { readOnly: true }),
  field('number', 'CODE', { maxLength: 20 }),
  field('displayName', 'TEXT', { maxLength: 20 }),
  field('city', 'TEXT', { maxLength: 30 }),
  field('country', 'CODE', { maxLength: 10 }),
  field('phoneNumber', 'TEXT', { maxLength: 30 }),
  field('contact', 'TEXT', { maxLength: 30 }),
  field('creditLimit', 'DECIMAL'),
  field('blocked', 'OPTION', { options: options('Ship', 'All') }),
]);

/** Accounts, with longer texts and fewer decimals. */
export const accounts = tableOf('accounts', 'accountid', [
  field('accountid', 'GUID', { readOnly: true }),
  field('name', 'TEXT', { maxLength: 40 }),
  field('address1_city', 'TEXT', { maxLength: 80 }),
  field('address1_country', 'TEXT', { maxLength: 80 }),
  field('telephone1', 'TEXT', { maxLength: 50 }),
  field('address1_primarycontactname', 'TEXT', { maxLength: 100 }),
  field('creditlimit', 'DECIMAL', { scale: 2 }),
  field('customertypecode', 'OPTION', {
    options: [
      { value: '3', label: 'Customer' },
      { value: '8', label: 'Prospect' },
    ],
  }),
]);

export const fieldMapping = (
  business: string,
  integrationField: string,
  direction: IntegrationFieldMapping['direction'] = 'BIDIRECTIONAL',
  more: Partial<IntegrationFieldMapping> = {},
): IntegrationFieldMapping => ({
  field: business,
  integrationField,
  direction,
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
  ...more,
});

/** Customers and accounts: name, city, country and phone both ways, contact from Sales, credit limit to Sales. */
export const customerMapping = (more: Partial<IntegrationTableMapping> = {}): IntegrationTableMapping => ({
  id: 'mapping-customer',
  connectionSetupId: 'connection-1',
  name: 'CUSTOMER',
  description: '',
  enabled: true,
  kind: 'TABLE',
  table: 'customers',
  integrationTable: 'accounts',
  direction: 'BIDIRECTIONAL',
  synchOnlyCoupledRecords: true,
  tableFilter: [{ field: 'blocked', expression: "''" }],
  integrationTableFilter: [{ field: 'customertypecode', expression: 'Customer' }],
  fields: [
    fieldMapping('displayName', 'name', 'BIDIRECTIONAL', { useForMatchBasedCoupling: true }),
    fieldMapping('city', 'address1_city', 'BIDIRECTIONAL', { useForMatchBasedCoupling: true }),
    fieldMapping('country', 'address1_country'),
    fieldMapping('phoneNumber', 'telephone1'),
    fieldMapping('contact', 'address1_primarycontactname', 'FROM_INTEGRATION_TABLE'),
    fieldMapping('creditLimit', 'creditlimit', 'TO_INTEGRATION_TABLE'),
  ],
  templates: [{ side: 'SALES', priority: 0, filter: [], values: [{ field: 'customertypecode', value: 'Customer' }] }],
  updateConflictResolution: 'MERGE_FIELDS',
  deletionConflictResolution: 'NONE',
  wakeOnChange: true,
  dependsOn: [],
  revision: 1,
  createdAt: new Date('2026-01-05T08:00:00Z'),
  updatedAt: new Date('2026-01-05T08:00:00Z'),
  ...more,
});
