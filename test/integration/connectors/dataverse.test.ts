import { randomUUID } from 'node:crypto';
import { connectorContract } from './contract.js';
import { openSandboxSystem } from './sandbox-system.js';

const accounts = {
  kind: 'DATAVERSE',
  side: 'SALES',
  name: 'accounts',
  fields: { title: 'name', phone: 'telephone1', amount: 'creditlimit', option: 'customertypecode' },
  option: '3',
  tooLong: 161,
  newId: () => randomUUID(),
} as const;

connectorContract('Dataverse', () => openSandboxSystem(accounts), {
  changeTracking: true,
  deletions: true,
  batch: true,
  bulkWrite: true,
  clientAssignedIds: true,
  changeTimes: 'MOMENT',
});
