import { expect, test } from 'vitest';
import { connectionDataStore } from '../../../src/connection-setup/connection-data-store.js';
import { type Gates, LocalGates } from '../../../src/connectors/odata/gate.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';
import { sandboxAccess } from '../connectors/sandbox-system.js';

const { client, db } = testDatabase();
const first = { full: true, mode: 'MATCH_THEN_CREATE' } as const;

/** Two connections to one pair of systems, each with its own mapping of customers and accounts. */
async function twoWorlds(): Promise<readonly [SynchWorld, SynchWorld]> {
  const one = await SynchWorld.open(db);
  const other = await SynchWorld.open(db, {
    systems: { BUSINESS: one.business, SALES: one.sales },
    mapping: { id: 'mapping-of-the-other', connectionSetupId: 'connection-2' },
  });
  return [one, other];
}

const collections = ['couplings', 'synchCursors', 'synchJobs', 'recordChanges'] as const;

/** What is stored of one of the two mappings. */
const storedOf = async (mappingId: string) =>
  Promise.all(collections.map((name) => db.collection(name).find({ mappingId }).sort({ _id: 1 }).toArray()));

test('case 65: two connections to one pair of systems share nothing: pairs, cursors, jobs and history of each are its own', async () => {
  const [one, other] = await twoWorlds();
  const customer = one.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
  await one.runUntilIdle(first);
  const ofOne = await storedOf('mapping-customer');
  other.clock = one.clock;
  await other.runUntilIdle(first);
  // The account that the first connection made is found by the other one, and coupled a second time.
  expect(one.accounts()).toHaveLength(1);
  const pairs = await one.couplings();
  expect(new Set(pairs.map(({ connectionSetupId, businessId }) => `${connectionSetupId} ${businessId}`))).toEqual(
    new Set([`connection-1 ${customer}`, `connection-2 ${customer}`]),
  );
  expect(await storedOf('mapping-customer')).toEqual(ofOne);

  // What one of them carries over is agreed for the other one: no write, and no conflict.
  one.clock = other.clock;
  one.editCustomer(customer, { phoneNumber: '2' });
  await one.run();
  const written = one.business.system.lastChange + one.sales.system.lastChange;
  other.clock = one.clock;
  await other.runUntilIdle();
  expect(one.business.system.lastChange + one.sales.system.lastChange).toBe(written);
  expect((await one.couplings()).map(({ state }) => state)).toEqual(['COUPLED', 'COUPLED']);

  const before = await storedOf('mapping-of-the-other');
  await connectionDataStore({ db, client }).forgetRecords('connection-1');
  expect(await storedOf('mapping-of-the-other')).toEqual(before);
  expect(await db.collection('couplings').countDocuments({ mappingId: 'mapping-customer' })).toBe(0);
});

test('case 65: two connections with one user share the permits of each system', () => {
  const names: string[] = [];
  const local = new LocalGates();
  const gates: Gates = {
    gateOf: (name, limits) => {
      names.push(name);
      return local.gateOf(name, limits);
    },
  };
  const url = 'http://127.0.0.1:1';
  for (const clientId of ['tandem', 'tandem', 'another'])
    for (const kind of ['BUSINESS_CENTRAL', 'DATAVERSE'] as const)
      openConnector(sandboxAccess(url, kind, { clientId }), { gates });
  const [business, sales] = names;
  expect(names.slice(2, 4)).toEqual([business, sales]);
  expect(business).not.toBe(sales);
  expect(names.slice(4).filter((name) => name === business || name === sales)).toEqual([]);
});
