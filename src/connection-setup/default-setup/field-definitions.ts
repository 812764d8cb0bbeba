import type {
  IntegrationFieldMapping,
  IntegrationTableMapping,
  RecordTemplate,
} from '../../mapping/integration-table-mapping.js';

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

export const to = (name: string, integrationField: string, more: Partial<IntegrationFieldMapping> = {}) =>
  field({ field: name, integrationField, direction: 'TO_INTEGRATION_TABLE', ...more });
export const from = (name: string, integrationField: string, more: Partial<IntegrationFieldMapping> = {}) =>
  field({ field: name, integrationField, direction: 'FROM_INTEGRATION_TABLE', ...more });
export const both = (name: string, integrationField: string, more: Partial<IntegrationFieldMapping> = {}) =>
  field({ field: name, integrationField, direction: 'BIDIRECTIONAL', ...more });

export const common = {
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

/** A reference, translated through the couplings of another mapping. */
export const lookup = (
  mapping: string,
  more: Partial<IntegrationFieldMapping> = {},
): Partial<IntegrationFieldMapping> => ({
  lookup: mapping,
  ...more,
});

export const matching = (matchPriority = 0): Partial<IntegrationFieldMapping> => ({
  useForMatchBasedCoupling: true,
  matchPriority,
});

export const template = (side: RecordTemplate['side'], values: Readonly<Record<string, string>>): RecordTemplate => ({
  side,
  priority: 0,
  filter: [],
  values: Object.entries(values).map(([name, value]) => ({ field: name, value })),
});

/** Values of the business system with those of Dataverse. */
export const pairs = (values: readonly (readonly [string, string])[]): IntegrationFieldMapping['optionMap'] =>
  values.map(([value, integrationValue]) => ({ value, integrationValue }));

/** The address of a customer, a contact or a vendor. */
export const addressFields = [
  both('addressLine1', 'address1_line1'),
  both('addressLine2', 'address1_line2'),
  both('postalCode', 'address1_postalcode'),
  both('city', 'address1_city'),
  both('country', 'address1_country'),
  both('state', 'address1_stateorprovince'),
];

/** An address of an invoice or an order; its names begin otherwise on each side. */
export const placeOfDocument = (prefix: string, integrationPrefix: string) => [
  to(`${prefix}AddressLine1`, `${integrationPrefix}_line1`),
  to(`${prefix}AddressLine2`, `${integrationPrefix}_line2`),
  to(`${prefix}City`, `${integrationPrefix}_city`),
  to(`${prefix}Country`, `${integrationPrefix}_country`),
  to(`${prefix}PostCode`, `${integrationPrefix}_postalcode`),
  to(`${prefix}State`, `${integrationPrefix}_stateorprovince`),
];
