import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { FieldBase } from '../../../src/coupling/coupling.js';
import { CouplingStore } from '../../../src/coupling/coupling-store.js';
import type { FieldMetadata, FieldType, FieldValues } from '../../../src/mapping/field-value.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { couplingOf } from '../../../src/synch/new-coupling.js';
import { customerMapping, customers, fieldMapping, tableOf } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();
const first = { full: true, mode: 'MATCH_THEN_CREATE' } as const;
const [customer, account] = ['customer-1', 'account-1'];
let world: SynchWorld;

const field = (name: string, type: FieldType): FieldMetadata => ({
  ...customers.fields.get('city')!,
  name,
  label: name,
  type,
  maxLength: null,
});
const companies = {
  BUSINESS: tableOf('customers', 'id', [field('id', 'GUID'), field('primaryContactId', 'REFERENCE')]),
  SALES: tableOf('accounts', 'accountid', [field('accountid', 'GUID'), field('primarycontactid', 'REFERENCE')]),
};
const people = {
  BUSINESS: tableOf('contacts', 'id', [
    field('id', 'GUID'),
    field('surname', 'TEXT'),
    field('customerId', 'REFERENCE'),
  ]),
  SALES: tableOf('contacts', 'contactid', [
    field('contactid', 'GUID'),
    field('lastname', 'TEXT'),
    field('parentcustomerid', 'REFERENCE'),
  ]),
};

const primary = fieldMapping('primaryContactId', 'primarycontactid', 'BIDIRECTIONAL', {
  lookup: 'CONTACTS',
  clearValueOnFailedSynch: true,
});

const companyMapping = (more: Partial<IntegrationTableMapping> = {}): IntegrationTableMapping => ({
  ...customerMapping(),
  fields: [primary],
  ...more,
});

beforeEach(async () => {
  world = await SynchWorld.open(db, {
    business: { tables: [{ metadata: companies.BUSINESS }, { metadata: people.BUSINESS }] },
    sales: { tables: [{ metadata: companies.SALES }, { metadata: people.SALES }] },
    mapping: {
      id: 'mapping-contacts',
      name: 'CONTACTS',
      table: 'contacts',
      integrationTable: 'contacts',
      tableFilter: [],
      integrationTableFilter: [],
      templates: [],
      fields: [
        fieldMapping('surname', 'lastname'),
        fieldMapping('customerId', 'parentcustomerid', 'BIDIRECTIONAL', { lookup: 'CUSTOMER' }),
      ],
    },
  });
  world.otherMappings = [companyMapping()];
});

/** A company that both systems know, with the primary contact that it has on each side. */
async function company(business: FieldValues = {}, sales: FieldValues = {}, base?: Partial<FieldBase>): Promise<void> {
  world.business.insert('customers', business, customer);
  world.sales.insert('accounts', sales, account);
  const pair = { businessId: customer, salesId: account, title: '' };
  await new CouplingStore(db).insert([
    {
      ...couplingOf(companyMapping(), pair, { id: randomUUID(), now: world.clock }),
      state: 'COUPLED',
      nextAttemptAt: null,
      bases:
        base === undefined
          ? []
          : [
              {
                field: 'primaryContactId',
                integrationField: 'primarycontactid',
                business: null,
                sales: null,
                meaning: '',
                ...base,
              },
            ],
    },
  ]);
}

const inBusiness = (surname = 'Berg') => world.business.insert('contacts', { surname, customerId: customer }).id;
const inSales = (lastname = 'Berg') => world.sales.insert('contacts', { lastname, parentcustomerid: account }).id;
const primaryContacts = () => ({
  BUSINESS: world.business.system.row('customers', customer)?.values['primaryContactId'] ?? null,
  SALES: world.sales.system.row('accounts', account)?.values['primarycontactid'] ?? null,
});
const contactPairs = async () => (await world.couplings()).filter(({ mappingName }) => mappingName === 'CONTACTS');

describe('a contact that was created for a company without a primary contact', () => {
  test('in Dataverse becomes the primary contact of its account and its customer', async () => {
    await company();
    const id = inBusiness();
    await world.run(first);
    const [pair] = await contactPairs();
    expect(pair).toMatchObject({ state: 'COUPLED', businessId: id, openSteps: [] });
    expect(primaryContacts()).toEqual({ BUSINESS: id, SALES: pair?.salesId });
  });

  test('in the business system becomes the primary contact of its customer and its account', async () => {
    await company();
    const id = inSales();
    await world.run(first);
    const [pair] = await contactPairs();
    expect(pair).toMatchObject({ state: 'COUPLED', salesId: id, openSteps: [] });
    expect(primaryContacts()).toEqual({ BUSINESS: pair?.businessId, SALES: id });
  });

  test('among several becomes it alone', async () => {
    await company();
    for (const name of ['Berg', 'Dahl', 'Lund']) inBusiness(name);
    await world.run(first);
    const pairs = await contactPairs();
    expect(pairs.map(({ state }) => state)).toEqual(['COUPLED', 'COUPLED', 'COUPLED']);
    const { BUSINESS, SALES } = primaryContacts();
    expect(pairs.find(({ businessId }) => businessId === BUSINESS)?.salesId).toBe(SALES);
  });

  test('leaves the choice of a person on either side as it is', async () => {
    await company({ primaryContactId: 'somebody' });
    inBusiness();
    await world.run(first);
    expect(primaryContacts()).toEqual({ BUSINESS: 'somebody', SALES: null });
  });

  test('leaves a reference alone that waits for another contact', async () => {
    await company({}, {}, { cleared: 'SALES', business: 'somebody' });
    inBusiness();
    await world.run(first);
    expect(primaryContacts()).toEqual({ BUSINESS: null, SALES: null });
  });

  test('leaves the choice alone that a person makes at the same moment', async () => {
    await company();
    inBusiness();
    let chosen = false;
    world.sales.setFault(({ kind, table }, when) => {
      if (kind === 'UPDATE' && table === 'accounts' && when === 'before' && !chosen) {
        chosen = true;
        world.sales.edit('accounts', account, { primarycontactid: 'somebody' });
      }
      return 'pass';
    });
    await world.run(first);
    expect(chosen).toBe(true);
    expect(primaryContacts()).toEqual({ BUSINESS: null, SALES: 'somebody' });
    expect(await contactPairs()).toMatchObject([{ state: 'COUPLED', openSteps: [] }]);
  });

  test('becomes it although somebody edits another field of the account at the same moment', async () => {
    await company();
    const id = inBusiness();
    let edited = false;
    world.sales.setFault(({ kind, table }, when) => {
      if (kind === 'UPDATE' && table === 'accounts' && when === 'before' && !edited) {
        edited = true;
        world.sales.edit('accounts', account, {});
      }
      return 'pass';
    });
    await world.run(first);
    expect(primaryContacts()).toMatchObject({ BUSINESS: id });
  });

  test('changes nothing where the mapping of companies writes the field one way', async () => {
    world.otherMappings = [companyMapping({ fields: [{ ...primary, direction: 'TO_INTEGRATION_TABLE' }] })];
    await company();
    inBusiness();
    await world.run(first);
    expect(primaryContacts()).toEqual({ BUSINESS: null, SALES: null });
  });

  test('and that was coupled, not created, changes nothing', async () => {
    world.mapping = {
      ...world.mapping,
      fields: world.mapping.fields.map((one) => ({ ...one, useForMatchBasedCoupling: one.field === 'surname' })),
    };
    await company();
    inBusiness();
    inSales();
    await world.run(first);
    expect(await contactPairs()).toMatchObject([{ state: 'COUPLED' }]);
    expect(primaryContacts()).toEqual({ BUSINESS: null, SALES: null });
  });

  test('is the one after a crash between its creation and that too', async () => {
    // Each call of a store or a system may be the last one; in the short run every fifth.
    const step = process.env.TEST_LONG === '1' ? 1 : 5;
    for (let call = 1; ; call += step) {
      world = await SynchWorld.open(db, {
        business: { tables: [{ metadata: companies.BUSINESS }, { metadata: people.BUSINESS }] },
        sales: { tables: [{ metadata: companies.SALES }, { metadata: people.SALES }] },
        mapping: world.mapping,
      });
      world.otherMappings = [companyMapping()];
      await company();
      const id = inBusiness();
      const crashed = await world.runAndCrash(call, first);
      world.later(30);
      await world.runUntilIdle(crashed ? first : {});
      const [pair] = await contactPairs();
      expect({ call, ...primaryContacts() }).toEqual({ call, BUSINESS: id, SALES: pair?.salesId });
      if (!crashed) return;
    }
  });
});
