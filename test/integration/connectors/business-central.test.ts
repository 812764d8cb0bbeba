import { connectorContract } from './contract.js';
import { openSandboxSystem } from './sandbox-system.js';

const customers = {
  kind: 'BUSINESS_CENTRAL',
  side: 'BUSINESS',
  name: 'customers',
  fields: { title: 'displayName', phone: 'phoneNumber', amount: 'creditLimit', option: 'blocked' },
  option: 'Ship',
  tooLong: 101,
  newId: () => null,
} as const;

connectorContract('Business Central', () => openSandboxSystem(customers), {
  changeTracking: false,
  deletions: false,
  batch: true,
  bulkWrite: false,
  clientAssignedIds: false,
  changeTimes: 'MOMENT',
});
