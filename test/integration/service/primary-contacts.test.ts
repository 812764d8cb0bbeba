import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../../support/person.js';
import { type Row, Tandem } from '../../support/tandem.js';

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/** Customers and accounts with their primary contacts, and the ids of all contacts, as a person sees them. */
interface Companies {
  readonly customers: ReadonlyMap<unknown, unknown>;
  readonly accounts: ReadonlyMap<unknown, unknown>;
  readonly contacts: ReadonlySet<unknown>;
}

describe('the primary contact of a company', () => {
  let tandem: Tandem;
  let person: Person;
  let before: Companies;

  beforeAll(async () => {
    tandem = await Tandem.open();
    person = new Person(tandem.sandboxUrl);
    before = await look();
    await tandem.start();
    await tandem.firstSynchronization();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('is the contact that the first synchronization made for it, where neither side had one', async () => {
    const after = await look();
    const made = await madeContacts();
    let linked = 0;
    for (const { businessId, salesId } of await couplings('CUSTOMER')) {
      if (isChosen(businessId, salesId) || made.ofCustomer.get(businessId) === undefined) continue;
      linked += 1;
      const [customers, accounts] = [after.customers.get(businessId), after.accounts.get(salesId)];
      expect(made.pairs.get(customers)).toBe(accounts);
      expect(made.ofCustomer.get(businessId)).toContain(customers);
    }
    expect(linked).toBeGreaterThan(10);
  });

  test('stays who it was where a person had chosen one on either side', async () => {
    const after = await look();
    let kept = 0;
    for (const { businessId, salesId } of await couplings('CUSTOMER'))
      for (const [was, is] of [
        [before.customers.get(businessId), after.customers.get(businessId)],
        [before.accounts.get(salesId), after.accounts.get(salesId)],
      ]) {
        if (was === null || was === undefined) continue;
        kept += 1;
        expect(is).toBe(was);
      }
    expect(kept).toBeGreaterThan(10);
  });

  test('is the first one that a person enters for a company without any, on both sides', async () => {
    const [first, second] = await companiesWithoutPrimaryContact();
    await createMissingContacts();
    const names = {
      BUSINESS: { firstName: 'Nina', surname: 'Nilsen' },
      SALES: { firstname: 'Otto', lastname: 'Olsen' },
    };
    const nina = await person.create('BUSINESS', 'contacts', {
      type: 'Person',
      ...names.BUSINESS,
      customerId: first?.businessId,
    });
    const otto = await person.create('SALES', 'contacts', {
      ...names.SALES,
      'parentcustomerid_account@odata.bind': `/accounts(${String(second?.salesId)})`,
    });
    await tandem.runOnce('CONTACTS');
    const pairs = await couplings('CONTACTS');
    const { customers, accounts } = await look();
    expect(customers.get(first?.businessId)).toBe(nina.id);
    expect(accounts.get(first?.salesId)).toBe(pairs.find(({ businessId }) => businessId === nina.id)?.salesId);
    expect(accounts.get(second?.salesId)).toBe(otto.contactid);
    expect(customers.get(second?.businessId)).toBe(pairs.find(({ salesId }) => salesId === otto.contactid)?.businessId);
  });

  test('is not written again', async () => {
    for (const code of ['CUSTOMER', 'CONTACTS', 'CUSTOMER', 'CONTACTS']) await tandem.runOnce(code);
    await tandem.control('DELETE', '/requests');
    for (const code of ['CUSTOMER', 'CONTACTS']) await tandem.runOnce(code);
    expect(await tandem.writeRequests()).toBe(0);
  });

  async function look(): Promise<Companies> {
    const [customers, accounts] = [await person.rows('BUSINESS', 'customers'), await person.rows('SALES', 'accounts')];
    const contacts = [...(await person.rows('BUSINESS', 'contacts')), ...(await person.rows('SALES', 'contacts'))];
    return {
      customers: new Map(
        customers.map(({ id, primaryContactId }) => [id, primaryContactId === ZERO_GUID ? null : primaryContactId]),
      ),
      accounts: new Map(accounts.map((row) => [row.accountid, row._primarycontactid_value])),
      contacts: new Set(contacts.map(({ id, contactid }) => id ?? contactid)),
    };
  }

  const isChosen = (customer: unknown, account: unknown): boolean =>
    [before.customers.get(customer), before.accounts.get(account)].some((id) => id !== null && id !== undefined);

  /** Contacts that the product created on one of the sides: by customer, and with their counterparts. */
  async function madeContacts() {
    const pairs = new Map<unknown, unknown>();
    const ofCustomer = new Map<unknown, unknown[]>();
    const rows = new Map((await person.rows('BUSINESS', 'contacts')).map((row) => [row.id, row]));
    for (const { businessId, salesId } of await couplings('CONTACTS')) {
      if (before.contacts.has(businessId) && before.contacts.has(salesId)) continue;
      pairs.set(businessId, salesId);
      const customer = rows.get(businessId)?.customerId;
      ofCustomer.set(customer, [...(ofCustomer.get(customer) ?? []), businessId]);
    }
    return { pairs, ofCustomer };
  }

  /** Two companies from which a person took the primary contact. */
  async function companiesWithoutPrimaryContact(): Promise<readonly Row[]> {
    const { customers, accounts } = await look();
    const companies = (await couplings('CUSTOMER')).filter(
      ({ businessId, salesId }) => customers.get(businessId) !== null && accounts.get(salesId) !== null,
    );
    const [first, second] = companies;
    await person.update('BUSINESS', 'customers', String(first?.businessId), { primaryContactId: ZERO_GUID });
    await person.update('SALES', 'accounts', String(second?.salesId), { 'primarycontactid@odata.bind': null });
    await tandem.runOnce('CUSTOMER');
    const after = await look();
    for (const { businessId, salesId } of companies.slice(0, 2))
      expect([after.customers.get(businessId), after.accounts.get(salesId)]).toEqual([null, null]);
    return companies.slice(0, 2);
  }

  const couplings = (mapping: string): Promise<Record<string, any>[]> =>
    tandem.all('couplings', 'businessId salesId', `filter: { mapping: ["${mapping}"], state: [COUPLED] }`);

  async function createMissingContacts(): Promise<void> {
    const { integrationTableMapping } = await tandem.ask('{ integrationTableMapping(name: "CONTACTS") { id } }');
    const { updateIntegrationTableMapping } = await tandem.ask(
      'mutation($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) { userErrors { message } } }',
      { input: { id: integrationTableMapping.id, synchOnlyCoupledRecords: false } },
    );
    expect(updateIntegrationTableMapping.userErrors).toEqual([]);
  }
});
