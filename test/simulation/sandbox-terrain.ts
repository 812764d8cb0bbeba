import type { TableMetadata } from '../../src/mapping/field-value.js';
import type { Side } from '../../src/synch/synch-error.js';
import { customerMapping, fieldMapping } from '../support/customer-mapping.js';
import { connectionSetupId, type EditableFields, type MappingChoices, type Terrain } from './terrain.js';

const editable: EditableFields = {
  BUSINESS: {
    customers: [
      ['displayName', 'NAME'],
      ['city', 'TEXT'],
      ['phoneNumber', 'TEXT'],
      ['contact', 'TEXT'],
      ['creditLimit', 'AMOUNT'],
      ['blocked', 'FLAG'],
    ],
    contacts: [
      ['surname', 'NAME'],
      ['customerId', 'REFERENCE'],
    ],
  },
  SALES: {
    accounts: [
      ['name', 'NAME'],
      ['address1_city', 'TEXT'],
      ['telephone1', 'TEXT'],
      ['address1_primarycontactname', 'TEXT'],
      ['creditlimit', 'AMOUNT'],
    ],
    contacts: [
      ['lastname', 'NAME'],
      ['parentcustomerid', 'REFERENCE'],
    ],
  },
};

/** Fields that are read of a table: those that people edit, and those that a filter asks for. */
export const fieldsOf = (side: Side, table: string): readonly string[] => [
  ...editable[side][table]!.map(([field]) => field),
  ...(table === 'contacts' && side === 'BUSINESS' ? ['type'] : []),
];

const names: Readonly<Record<string, readonly [name: string, reference: string | null]>> = {
  'BUSINESS customers': ['displayName', null],
  'SALES accounts': ['name', null],
  'BUSINESS contacts': ['surname', 'customerId'],
  'SALES contacts': ['lastname', 'parentcustomerid'],
};

function mappingsOf(choices: MappingChoices) {
  const { updateConflictResolution, deletionConflictResolution, phoneRule, matches, clearsReference } = choices;
  const match = { useForMatchBasedCoupling: matches };
  const shared = {
    connectionSetupId,
    updateConflictResolution,
    deletionConflictResolution,
    synchOnlyCoupledRecords: false,
    integrationTableFilter: [],
  };
  return [
    customerMapping({
      ...shared,
      tableFilter: [{ field: 'blocked', expression: "''" }],
      templates: [],
      fields: [
        fieldMapping('displayName', 'name', 'BIDIRECTIONAL', match),
        fieldMapping('city', 'address1_city'),
        fieldMapping('phoneNumber', 'telephone1', 'BIDIRECTIONAL', { conflictRule: phoneRule }),
        fieldMapping('contact', 'address1_primarycontactname', 'FROM_INTEGRATION_TABLE'),
        fieldMapping('creditLimit', 'creditlimit', 'TO_INTEGRATION_TABLE'),
      ],
    }),
    customerMapping({
      ...shared,
      id: 'mapping-contact',
      name: 'CONTACT',
      table: 'contacts',
      integrationTable: 'contacts',
      tableFilter: [{ field: 'type', expression: 'Person' }],
      templates: [{ side: 'BUSINESS', priority: 0, filter: [], values: [{ field: 'type', value: 'Person' }] }],
      fields: [
        fieldMapping('surname', 'lastname', 'BIDIRECTIONAL', match),
        fieldMapping('customerId', 'parentcustomerid', 'BIDIRECTIONAL', {
          lookup: 'CUSTOMER',
          clearValueOnFailedSynch: clearsReference,
        }),
      ],
    }),
  ];
}

/** Customers and contacts of Business Central, accounts and contacts of Dataverse. */
export const sandboxTerrain = (tables: Readonly<Record<Side, readonly TableMetadata[]>>): Terrain => ({
  tables,
  editable,
  mappingsOf,
  newRecord: (side, table, { name, refersTo }) => {
    const [nameField, reference] = names[`${side} ${table}`]!;
    return {
      [nameField]: name,
      ...(reference === null ? {} : { [reference]: refersTo }),
      ...(side === 'BUSINESS' && table === 'contacts' ? { type: 'Person' } : {}),
    };
  },
  valueOf: (field, value) => (field === 'blocked' ? (value === true ? 'All' : null) : value),
});

/** The fields that people edit there. */
export const sandboxFields = editable;
