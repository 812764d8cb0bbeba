import type { IntegrationTableMapping } from '../../src/mapping/integration-table-mapping.js';
import { customerMapping, field, fieldMapping, tableOf } from '../support/customer-mapping.js';
import { connectionSetupId, type EditableFields, type MappingChoices, type Terrain } from './terrain.js';

const tables = {
  BUSINESS: [
    tableOf('customers', 'id', [
      field('id', 'GUID', { readOnly: true }),
      field('number', 'CODE', { maxLength: 20 }),
      field('displayName', 'TEXT', { maxLength: 12 }),
      field('city', 'TEXT', { maxLength: 30 }),
      field('country', 'CODE', { maxLength: 10 }),
      field('phoneNumber', 'TEXT', { maxLength: 30 }),
      field('contact', 'TEXT', { maxLength: 30 }),
      field('creditLimit', 'DECIMAL'),
      field('blocked', 'BOOLEAN'),
    ]),
    tableOf('contacts', 'id', [
      field('id', 'GUID', { readOnly: true }),
      field('number', 'CODE', { maxLength: 20 }),
      field('displayName', 'TEXT', { maxLength: 30 }),
      field('customerId', 'GUID'),
    ]),
  ],
  SALES: [
    tableOf('accounts', 'accountid', [
      field('accountid', 'GUID', { readOnly: true }),
      field('accountnumber', 'TEXT', { maxLength: 20 }),
      field('name', 'TEXT', { maxLength: 40 }),
      field('address1_city', 'TEXT', { maxLength: 80 }),
      field('address1_country', 'TEXT', { maxLength: 80 }),
      field('telephone1', 'TEXT', { maxLength: 50 }),
      field('address1_primarycontactname', 'TEXT', { maxLength: 100 }),
      field('creditlimit', 'DECIMAL', { scale: 2 }),
    ]),
    tableOf('contacts', 'contactid', [
      field('contactid', 'GUID', { readOnly: true }),
      field('number', 'TEXT', { maxLength: 20 }),
      field('fullname', 'TEXT', { maxLength: 30 }),
      field('parentcustomerid', 'REFERENCE', { target: 'accounts' }),
    ]),
  ],
} as const;

function mappingsOf(choices: MappingChoices): readonly IntegrationTableMapping[] {
  const { updateConflictResolution, deletionConflictResolution, phoneRule, matches, clearsReference } = choices;
  const match = { useForMatchBasedCoupling: matches };
  const shared = {
    updateConflictResolution,
    deletionConflictResolution,
    synchOnlyCoupledRecords: false,
    templates: [],
  };
  return [
    customerMapping({
      ...shared,
      connectionSetupId,
      tableFilter: choices.includesBlocked === true ? [] : [{ field: 'blocked', expression: '<>true' }],
      integrationTableFilter: [],
      fields: [
        fieldMapping('number', 'accountnumber', 'BIDIRECTIONAL', match),
        fieldMapping('displayName', 'name'),
        fieldMapping('city', 'address1_city', 'BIDIRECTIONAL', { enabled: choices.withoutTown !== true }),
        fieldMapping('country', 'address1_country'),
        fieldMapping('phoneNumber', 'telephone1', 'BIDIRECTIONAL', { conflictRule: phoneRule }),
        fieldMapping('contact', 'address1_primarycontactname', 'FROM_INTEGRATION_TABLE'),
        fieldMapping('creditLimit', 'creditlimit', 'TO_INTEGRATION_TABLE'),
      ],
    }),
    customerMapping({
      ...shared,
      connectionSetupId,
      id: 'mapping-contact',
      name: 'CONTACT',
      table: 'contacts',
      integrationTable: 'contacts',
      tableFilter: [],
      integrationTableFilter: [],
      fields: [
        fieldMapping('number', 'number', 'BIDIRECTIONAL', match),
        fieldMapping('displayName', 'fullname'),
        fieldMapping('customerId', 'parentcustomerid', 'BIDIRECTIONAL', {
          lookup: 'CUSTOMER',
          clearValueOnFailedSynch: clearsReference,
        }),
      ],
    }),
  ];
}

const editable: EditableFields = {
  BUSINESS: {
    customers: [
      ['displayName', 'NAME'],
      ['city', 'TEXT'],
      ['country', 'CODE'],
      ['phoneNumber', 'TEXT'],
      ['contact', 'TEXT'],
      ['creditLimit', 'AMOUNT'],
      ['blocked', 'FLAG'],
    ],
    contacts: [
      ['displayName', 'NAME'],
      ['customerId', 'REFERENCE'],
    ],
  },
  SALES: {
    accounts: [
      ['name', 'NAME'],
      ['address1_city', 'TEXT'],
      ['address1_country', 'CODE'],
      ['telephone1', 'TEXT'],
      ['address1_primarycontactname', 'TEXT'],
      ['creditlimit', 'AMOUNT'],
    ],
    contacts: [
      ['fullname', 'NAME'],
      ['parentcustomerid', 'REFERENCE'],
    ],
  },
};

/** What a new record is called, and what it refers to. */
const entered: Readonly<Record<string, readonly [number: string, name: string, reference: string | null]>> = {
  'BUSINESS customers': ['number', 'displayName', null],
  'SALES accounts': ['accountnumber', 'name', null],
  'BUSINESS contacts': ['number', 'displayName', 'customerId'],
  'SALES contacts': ['number', 'fullname', 'parentcustomerid'],
};

/** Two systems in memory: fields of every kind, names that are cut, codes that a system puts in capitals. */
export const inMemoryTerrain: Terrain = {
  tables,
  editable,
  mappingsOf,
  newRecord: (side, table, { number, name, refersTo }) => {
    const [numberField, nameField, reference] = entered[`${side} ${table}`]!;
    return { [numberField]: number, [nameField]: name, ...(reference === null ? {} : { [reference]: refersTo }) };
  },
  valueOf: (_field, value) => value,
};
