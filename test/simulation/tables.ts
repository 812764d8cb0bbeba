import type { IntegrationTableMapping } from '../../src/mapping/integration-table-mapping.js';
import type { Side } from '../../src/synch/synch-error.js';
import { customerMapping, field, fieldMapping, tableOf } from '../support/customer-mapping.js';

export const tables = {
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

/** How the mappings of a history differ. */
export interface MappingChoices {
  readonly updateConflictResolution: IntegrationTableMapping['updateConflictResolution'];
  readonly deletionConflictResolution: IntegrationTableMapping['deletionConflictResolution'];
  readonly phoneRule: 'INHERIT' | 'BUSINESS_WINS' | 'SALES_WINS' | 'NEWEST_WINS';
  /** Records are matched by their numbers before they are created. */
  readonly matches: boolean;
  /** A blank is written while the customer of a contact is not coupled; else the contact waits. */
  readonly clearsReference: boolean;
}

export const connectionSetupId = 'connection-1';

export function mappingsOf(choices: MappingChoices): readonly IntegrationTableMapping[] {
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
      tableFilter: [{ field: 'blocked', expression: '<>true' }],
      integrationTableFilter: [],
      fields: [
        fieldMapping('number', 'accountnumber', 'BIDIRECTIONAL', match),
        fieldMapping('displayName', 'name'),
        fieldMapping('city', 'address1_city'),
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

/** The fields that people edit, by side and table, with the kind of value that they hold. */
export const editable: Readonly<Record<Side, Readonly<Record<string, readonly (readonly [string, ValueKind])[]>>>> = {
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

export type ValueKind = 'NAME' | 'TEXT' | 'CODE' | 'AMOUNT' | 'FLAG' | 'REFERENCE';
