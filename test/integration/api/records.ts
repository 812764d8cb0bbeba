import { randomUUID } from 'node:crypto';
import type { ConnectionSetup, SystemEndpoint } from '../../../src/connection-setup/connection-setup.js';
import type { Coupling } from '../../../src/coupling/coupling.js';
import type {
  IntegrationFieldMapping,
  IntegrationTableMapping,
} from '../../../src/mapping/integration-table-mapping.js';
import type { RecordChange, SynchJob, SynchJobError } from '../../../src/synch/synch-job.js';
import { fieldMapping } from '../../support/customer-mapping.js';

const at = new Date('2026-01-05T10:30:00.000Z');

const endpoint: SystemEndpoint = {
  kind: 'BUSINESS_CENTRAL',
  baseUrl: 'http://127.0.0.1:4010/v2.0',
  webUrl: null,
  company: 'CRONUS',
  authentication: 'NONE',
  userName: null,
  tenantId: null,
  clientId: null,
  sealedSecret: null,
  identity: null,
};

export const connectionSetup = (parts: Partial<ConnectionSetup> = {}): ConnectionSetup => ({
  id: randomUUID(),
  name: `Connection ${randomUUID().slice(0, 8)}`,
  enabled: true,
  business: endpoint,
  sales: {
    ...endpoint,
    kind: 'DATAVERSE',
    company: null,
    authentication: 'OAUTH2_CLIENT_CREDENTIALS',
    tenantId: 't',
    clientId: 'c',
    sealedSecret: 'v1.sealed',
  },
  revision: 1,
  createdAt: at,
  updatedAt: at,
  ...parts,
});

export const fieldPair = (
  field: string,
  integrationField: string,
  parts: Partial<IntegrationFieldMapping> = {},
): IntegrationFieldMapping => fieldMapping(field, integrationField, 'BIDIRECTIONAL', parts);

export const mapping = (
  connectionSetupId: string,
  name: string,
  parts: Partial<IntegrationTableMapping> = {},
): IntegrationTableMapping => ({
  id: randomUUID(),
  connectionSetupId,
  name,
  description: `${name} of the company`,
  enabled: true,
  kind: 'TABLE',
  table: 'customers',
  integrationTable: 'accounts',
  direction: 'BIDIRECTIONAL',
  synchOnlyCoupledRecords: true,
  tableFilter: [{ field: 'blocked', expression: "<>''" }],
  integrationTableFilter: [],
  fields: [fieldPair('displayName', 'name', { optionMap: [{ value: 'a', integrationValue: '1' }] })],
  templates: [
    {
      side: 'SALES',
      priority: 1,
      filter: [{ field: 'city', expression: 'A*' }],
      values: [{ field: 'statecode', value: '0' }],
    },
  ],
  updateConflictResolution: 'MERGE_FIELDS',
  deletionConflictResolution: 'NONE',
  wakeOnChange: true,
  dependsOn: [],
  revision: 1,
  createdAt: at,
  updatedAt: at,
  ...parts,
});

export const coupling = (of: IntegrationTableMapping, title: string, parts: Partial<Coupling> = {}): Coupling => ({
  _id: randomUUID(),
  connectionSetupId: of.connectionSetupId,
  mappingId: of.id,
  mappingName: of.name,
  businessId: randomUUID(),
  salesId: randomUUID(),
  title,
  titleWords: title.toLowerCase().split(' '),
  state: 'COUPLED',
  stateSince: at,
  business: { version: '1', clean: true },
  sales: { version: '1', clean: true },
  bases: [],
  intents: [],
  late: [],
  conflicts: [],
  waitingFor: [],
  waitingKeys: [],
  related: {},
  openSteps: [],
  error: null,
  mappingHash: null,
  attempts: 0,
  nextAttemptAt: null,
  lastSynchedAt: at,
  lastResult: 'UNCHANGED',
  lastSynchJobId: null,
  revision: 1,
  createdAt: at,
  ...parts,
});

export const synchJob = (of: IntegrationTableMapping, runId: string, parts: Partial<SynchJob> = {}): SynchJob => ({
  _id: randomUUID(),
  connectionSetupId: of.connectionSetupId,
  kind: 'SYNCHRONIZATION',
  mappingId: of.id,
  mappingName: of.name,
  direction: 'TO_INTEGRATION_TABLE',
  runId,
  status: 'SUCCESS',
  startedAt: at,
  finishedAt: at,
  message: null,
  error: null,
  dryRun: false,
  basedOnId: null,
  total: null,
  inserted: 1,
  modified: 2,
  deleted: 0,
  unchanged: 3,
  skipped: 0,
  failed: 0,
  coupled: 1,
  uncoupled: 0,
  conflicts: 0,
  read: 6,
  ...parts,
});

export const synchJobError = (
  of: SynchJob,
  couplingId: string | null,
  parts: Partial<SynchJobError> = {},
): SynchJobError => ({
  _id: randomUUID(),
  connectionSetupId: of.connectionSetupId,
  synchJobId: of._id,
  mappingId: of.mappingId,
  mappingName: of.mappingName,
  couplingId,
  title: '10000 Adatum Corporation',
  businessId: randomUUID(),
  salesId: null,
  at,
  error: {
    class: 'VALIDATION',
    code: 'TOO_LONG',
    message: 'name: "Adatum Corporation" is too long',
    side: 'SALES',
    field: 'name',
    retryable: false,
  },
  ...parts,
});

export const recordChange = (of: SynchJob, couplingId: string, parts: Partial<RecordChange> = {}): RecordChange => ({
  _id: randomUUID(),
  connectionSetupId: of.connectionSetupId,
  mappingId: of.mappingId,
  couplingId,
  synchJobId: of._id,
  runId: of.runId,
  at,
  side: 'SALES',
  action: 'MODIFY',
  outcome: 'APPLIED',
  reason: 'changed in the business system',
  title: '10000 Adatum Corporation',
  titleWords: ['10000', 'adatum', 'corporation'],
  businessId: randomUUID(),
  salesId: randomUUID(),
  causedBy: 'schedule',
  fields: [{ field: 'phoneNumber', integrationField: 'telephone1', before: '1', after: '2' }],
  number: 0,
  versions: { BUSINESS: '1', SALES: '1' },
  ...parts,
});
