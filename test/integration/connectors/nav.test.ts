import { connectorContract } from './contract.js';
import { openSandboxSystem } from './sandbox-system.js';

const customers = {
  kind: 'NAV_ODATA',
  side: 'BUSINESS',
  name: 'Customer',
  fields: { title: 'Name', phone: 'Phone_No', amount: 'Credit_Limit_LCY', option: 'Blocked' },
  option: 'Ship',
  tooLong: 51,
  newId: () => null,
  writesAs: ['create', 'update', 'delete'],
} as const;

const features = {
  changeTracking: false,
  deletions: false,
  batch: false,
  bulkWrite: false,
  clientAssignedIds: false,
  changeTimes: 'DAY',
} as const;

connectorContract('NAV 2018, changes told by the day', () => openSandboxSystem(customers), features);

connectorContract(
  'NAV 2018, pages with a column of moments, under names of the administrator',
  () =>
    openSandboxSystem({
      ...customers,
      name: 'Debitor',
      settings: {
        NAV: { dateTimeColumns: true, serviceNames: ['Customer=Debitor'], etagProperty: true, blankOption: '_blank_' },
      },
    }),
  features,
);

connectorContract(
  'NAV 2018, with a page of the table Integration Record',
  async () => {
    const system = await openSandboxSystem({ ...customers, settings: { NAV: { integrationRecords: true } } });
    // What a server can do shows when its services are read.
    await system.connector.tables(AbortSignal.timeout(10_000));
    return system;
  },
  { ...features, deletions: true },
);
