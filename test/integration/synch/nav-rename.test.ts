import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connector } from '../../../src/connectors/connector.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.js';
import { customerMapping, fieldMapping } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';
import { noRecords } from '../../support/sandbox-company.js';
import { SynchWorld } from '../../support/synch-world.js';
import { quickOptions, sandboxAccess } from '../connectors/sandbox-system.js';

const { db } = testDatabase();
const never = new AbortController().signal;

let sandbox: Sandbox;
let nav: Connector;
let sales: Connector;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, sizes: noRecords });
  nav = openConnector(sandboxAccess(sandbox.url, 'NAV_ODATA'), quickOptions);
  sales = openConnector(sandboxAccess(sandbox.url, 'DATAVERSE'), quickOptions);
});
afterAll(async () => {
  await Promise.all([nav?.close(), sales?.close()]);
  await sandbox.close();
});

test('case 49: NAV renames a No.: the pair goes on with the new number, and nothing is deleted or made anew', async () => {
  const world = await SynchWorld.open(db, {
    systems: { BUSINESS: nav, SALES: sales },
    mapping: customerMapping({
      table: 'Customer',
      tableFilter: [],
      integrationTableFilter: [],
      deletionConflictResolution: 'NONE',
      fields: [
        fieldMapping('Name', 'name', 'BIDIRECTIONAL', { useForMatchBasedCoupling: true }),
        fieldMapping('City', 'address1_city'),
      ],
    }),
  });
  world.clock = new Date();
  const [made] = await nav.write(
    {
      table: 'Customer',
      fields: [],
      operations: [{ kind: 'CREATE', id: null, values: { Name: 'Adatum', City: 'Oslo' } }],
    },
    never,
  );
  if (made?.kind !== 'WRITTEN' || made.row === null) throw new Error(JSON.stringify(made));
  await world.run({ full: true, mode: 'MATCH_THEN_CREATE' });
  expect(await world.couplings()).toMatchObject([{ businessId: made.row.id, state: 'COUPLED' }]);

  const company = `${sandbox.url}/DynamicsNAV110/ODataV4/Company('CRONUS%20International%20Ltd.')`;
  const renamed = await fetch(`${company}/Customer('${made.row.id}')`, {
    method: 'PATCH',
    headers: {
      authorization: `Basic ${Buffer.from('sandbox:sandbox-key').toString('base64')}`,
      'content-type': 'application/json',
      'if-match': '*',
    },
    body: JSON.stringify({ No: 'RENAMED' }),
  });
  expect(renamed.status).toBe(200);
  // The sweep of a full run finds that the old number is gone.
  world.later(25 * 60);
  await world.run({ full: true });
  expect(await world.couplings()).toMatchObject([{ businessId: 'RENAMED', state: 'COUPLED' }]);
  const rowsOf = async (connector: Connector, table: string, name: string) =>
    (await connector.find({ table, fields: [name], equal: { [name]: 'Adatum' } }, never)).map(({ id }) => id);
  expect(await rowsOf(nav, 'Customer', 'Name')).toEqual(['RENAMED']);
  expect(await rowsOf(sales, 'accounts', 'name')).toHaveLength(1);
});
