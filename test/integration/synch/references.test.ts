import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../src/connectors/connector.js';
import { type Coupling, referenceKey } from '../../../src/coupling/coupling.js';
import { CouplingStore } from '../../../src/coupling/coupling-store.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { accounts, customerMapping, customers, fieldMapping, tableOf } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();
const first = { full: true, mode: 'MATCH_THEN_CREATE' } as const;
let world: SynchWorld;

const reference = (name: string) => ({
  ...customers.fields.get('contact')!,
  name,
  label: name,
  type: 'REFERENCE' as const,
  maxLength: null,
});
const withReferences = (table: typeof customers, ...names: string[]) => ({
  ...table,
  fields: new Map([...table.fields, ...names.map((name) => [name, reference(name)] as const)]),
});

const salespeople: IntegrationTableMapping = {
  ...customerMapping(),
  id: 'mapping-salespeople',
  name: 'SALESPEOPLE',
  table: 'salespeoplePurchasers',
  integrationTable: 'systemusers',
};
const contacts: IntegrationTableMapping = {
  ...customerMapping(),
  id: 'mapping-contacts',
  name: 'CONTACTS',
  table: 'contacts',
  integrationTable: 'contacts',
};
const terms: IntegrationTableMapping = {
  ...customerMapping(),
  id: 'mapping-terms',
  name: 'PAYMENT TERMS',
  kind: 'OPTION',
  table: 'paymentTerms',
  integrationTable: 'accounts',
};

beforeEach(async () => {
  world = await SynchWorld.open(db, {
    business: {
      tables: [{ metadata: withReferences(customers, 'salespersonId', 'primaryContactId', 'paymentTermsId') }],
    },
    sales: { tables: [{ metadata: withReferences(accounts, 'ownerid', 'primarycontactid', 'paymenttermscode') }] },
    mapping: {
      fields: [
        ...customerMapping().fields,
        fieldMapping('salespersonId', 'ownerid', 'TO_INTEGRATION_TABLE', { lookup: 'SALESPEOPLE', notNull: true }),
        fieldMapping('primaryContactId', 'primarycontactid', 'BIDIRECTIONAL', {
          lookup: 'CONTACTS',
          clearValueOnFailedSynch: true,
        }),
        fieldMapping('paymentTermsId', 'paymenttermscode', 'TO_INTEGRATION_TABLE', { lookup: 'PAYMENT TERMS' }),
      ],
    },
  });
  world.otherMappings = [salespeople, contacts, terms];
});

/** Somebody couples two records of another mapping; what waits for them is told. */
async function couple(mapping: IntegrationTableMapping, businessId: string, salesId: string): Promise<void> {
  await db
    .collection<
      Pick<
        Coupling,
        '_id' | 'mappingId' | 'businessId' | 'salesId' | 'related' | 'intents' | 'late' | 'title' | 'error'
      >
    >('couplings')
    .insertOne({
      _id: randomUUID(),
      mappingId: mapping.id,
      businessId,
      salesId,
      related: {},
      intents: [],
      late: [],
      title: '',
      error: null,
    });
  world.later();
}

/** Somebody couples a record with another one than before; what refers to it is told, as when people do it. */
async function coupleAnew(mapping: IntegrationTableMapping, businessId: string, salesId: string): Promise<void> {
  const before = await db.collection<Coupling>('couplings').findOne({ mappingId: mapping.id, businessId });
  await db.collection('couplings').updateOne({ mappingId: mapping.id, businessId }, { $set: { salesId } });
  const keys = [
    referenceKey(mapping.name, 'BUSINESS', businessId),
    referenceKey(mapping.name, 'SALES', before?.salesId ?? ''),
    referenceKey(mapping.name, 'SALES', salesId),
  ];
  await new CouplingStore(db).wakeHolders('connection-1', keys, world.clock);
}

const customerCouplings = async () =>
  (await world.couplings()).filter(({ mappingId }) => mappingId === world.mapping.id);

describe('a reference', () => {
  test('to a coupled record is written as the other side knows it', async () => {
    await couple(salespeople, 'salesperson-1', 'user-1');
    world.customer({ displayName: 'Adatum', salespersonId: 'salesperson-1' });
    await world.run(first);
    expect(world.accounts()).toMatchObject([{ name: 'Adatum', ownerid: 'user-1' }]);
  });

  test('to a record that is not coupled makes a new record wait, and it is created as soon as that is coupled', async () => {
    world.customer({ displayName: 'Adatum', salespersonId: 'salesperson-1' });
    expect(await world.run(first)).toEqual({ idle: true });
    expect(await customerCouplings()).toMatchObject([
      {
        state: 'WAITING',
        salesId: null,
        error: { class: 'DEPENDENCY' },
        waitingFor: [
          { field: 'salespersonId', mappingName: 'SALESPEOPLE', side: 'BUSINESS', recordId: 'salesperson-1' },
        ],
      },
    ]);
    expect(world.accounts()).toEqual([]);
    await couple(salespeople, 'salesperson-1', 'user-1');
    await world.run();
    expect(world.accounts()).toMatchObject([{ ownerid: 'user-1' }]);
    expect(await customerCouplings()).toMatchObject([{ state: 'COUPLED', waitingFor: [], waitingKeys: [] }]);
  });

  test('that came, and whose record is refused then, is tried twice and parked, however often the job runs', async () => {
    let requests = 0;
    world.sales.setFault(({ kind }, when) => {
      if (kind !== 'CREATE' || when !== 'before') return 'pass';
      requests += 1;
      return new ConnectorError('a plug-in refused it', {
        errorClass: 'VALIDATION',
        code: '0x80040265',
        httpStatus: 400,
      });
    });
    world.customer({ displayName: 'Adatum', salespersonId: 'salesperson-1' });
    await world.run(first);
    await couple(salespeople, 'salesperson-1', 'user-1');
    for (let runs = 0; runs < 4; runs += 1) await world.run();
    expect(await customerCouplings()).toMatchObject([{ state: 'SKIPPED', error: { code: '0x80040265' } }]);
    expect(requests).toBe(2);
  });

  test('that may be blank meanwhile and is refused when it comes is tried twice and parked', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { primaryContactId: 'contact-b' });
    await world.run();
    let requests = 0;
    world.sales.setFault(({ kind }, when) => {
      if (kind !== 'UPDATE' || when !== 'before') return 'pass';
      requests += 1;
      return new ConnectorError('a plug-in refused it', {
        errorClass: 'VALIDATION',
        code: '0x80040265',
        httpStatus: 400,
      });
    });
    await couple(contacts, 'contact-b', 'contact-s');
    for (let runs = 0; runs < 4; runs += 1) await world.run();
    expect(await customerCouplings()).toMatchObject([{ state: 'SKIPPED', error: { code: '0x80040265' } }]);
    expect(requests).toBe(2);
    world.sales.setFault(() => 'pass');
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22', primarycontactid: 'contact-s' });
  });

  test('to a record that is not coupled holds back the other fields of its pair too', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22', salespersonId: 'salesperson-1' });
    await world.run();
    expect(world.accountOf(pair.account).telephone1).toBe('1');
    await couple(salespeople, 'salesperson-1', 'user-1');
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22', ownerid: 'user-1' });
  });

  test('to what is left of a broken pair waits, and goes on when that is coupled again', async () => {
    await couple(salespeople, 'salesperson-1', 'user-1');
    const gone = { mappingId: salespeople.id, businessId: 'salesperson-1' };
    await db.collection('couplings').updateOne(gone, { $set: { state: 'BROKEN' } });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { salespersonId: 'salesperson-1' });
    await world.run();
    expect(await customerCouplings()).toMatchObject([{ state: 'WAITING', error: { class: 'DEPENDENCY' } }]);
    expect(world.accountOf(pair.account).ownerid).toBeNull();
    await db.collection('couplings').updateOne(gone, { $set: { state: 'COUPLED', salesId: 'user-2' } });
    await world.run();
    expect(world.accountOf(pair.account).ownerid).toBe('user-2');
  });

  test('case 41: that is blank leaves a required column of the other side alone', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editAccount(pair.account, { ownerid: 'somebody' });
    expect(await world.run()).toEqual({ idle: true });
    expect(world.accountOf(pair.account).ownerid).toBe('somebody');
    expect(await customerCouplings()).toMatchObject([{ state: 'COUPLED' }]);
  });

  test('case 40: that may be blank meanwhile is written blank, and written when its record is coupled', async () => {
    world.customer({ displayName: 'Adatum', primaryContactId: 'contact-b' });
    await world.run(first);
    expect(world.accounts()).toMatchObject([{ name: 'Adatum', primarycontactid: null }]);
    expect(await customerCouplings()).toMatchObject([
      { state: 'COUPLED', waitingKeys: ['CONTACTS:BUSINESS:contact-b'] },
    ]);
    expect(await world.run()).toEqual({ idle: true });
    expect(world.customers()).toMatchObject([{ primaryContactId: 'contact-b' }]);
    await couple(contacts, 'contact-b', 'contact-s');
    await world.run();
    expect(world.accounts()).toMatchObject([{ primarycontactid: 'contact-s' }]);
    expect(await world.run()).toEqual({ idle: true });
  });

  test('of a pair that is parked is no reason to read it again in each run', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { primaryContactId: 'contact-b' });
    await world.run();
    world.editCustomer(pair.customer, { blocked: 'All' });
    await world.run();
    expect(await customerCouplings()).toMatchObject([{ state: 'SKIPPED', error: { code: 'OUTSIDE_FILTER' } }]);
    await couple(contacts, 'contact-b', 'contact-s');
    await world.run();
    const [parked] = await customerCouplings();
    let reads = 0;
    world.business.setFault(({ kind }) => {
      if (kind === 'READ_BY_IDS') reads += 1;
      return 'pass';
    });
    expect(await world.run()).toEqual({ idle: true });
    expect(reads).toBe(0);
    expect(await customerCouplings()).toEqual([parked]);
    world.editCustomer(pair.customer, { blocked: null });
    await world.runUntilIdle();
    expect(world.accountOf(pair.account).primarycontactid).toBe('contact-s');
  });

  test('from Dataverse is translated back', async () => {
    await couple(contacts, 'contact-b', 'contact-s');
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editAccount(pair.account, { primarycontactid: 'contact-s' });
    await world.run();
    expect(world.customerOf(pair.customer).primaryContactId).toBe('contact-b');
  });

  test('case 38: to a record that is coupled anew is evaluated again: one-way fields are rewritten, others go by rule', async () => {
    await couple(salespeople, 'salesperson-1', 'user-1');
    await couple(contacts, 'contact-b', 'contact-s');
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { salespersonId: 'salesperson-1', primaryContactId: 'contact-b' });
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ ownerid: 'user-1', primarycontactid: 'contact-s' });
    expect(await world.run()).toEqual({ idle: true });

    await coupleAnew(salespeople, 'salesperson-1', 'user-2');
    await coupleAnew(contacts, 'contact-b', 'contact-t');
    await couple(contacts, 'contact-u', 'contact-s');
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ ownerid: 'user-2', primarycontactid: 'contact-s' });
    expect(await customerCouplings()).toMatchObject([
      { state: 'CONFLICT', conflicts: [{ field: 'primaryContactId' }], recoupled: [] },
    ]);
    expect(await world.run()).toEqual({ idle: true });
  });

  test('of a broken pair to a record that is coupled anew is no reason to read it again in each run', async () => {
    await couple(salespeople, 'salesperson-1', 'user-1');
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { salespersonId: 'salesperson-1' });
    await world.run();
    world.deleteAccount(pair.account);
    await world.run();
    await coupleAnew(salespeople, 'salesperson-1', 'user-2');
    await world.run();
    expect(await customerCouplings()).toMatchObject([
      { state: 'BROKEN', error: { code: 'RECORD_DELETED' }, nextAttemptAt: null },
    ]);
  });

  test('to a record that is uncoupled changes nothing until it has to be written', async () => {
    await couple(salespeople, 'salesperson-1', 'user-1');
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { salespersonId: 'salesperson-1' });
    await world.run();
    await db.collection('couplings').deleteOne({ mappingId: salespeople.id });
    await new CouplingStore(db).wakeHolders('connection-1', ['SALESPEOPLE:BUSINESS:salesperson-1'], world.clock);
    await world.run();
    expect(await customerCouplings()).toMatchObject([{ state: 'COUPLED', recoupled: [] }]);
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22', ownerid: 'user-1' });
  });

  test('says what stands against the record that it waits for', async () => {
    await couple(salespeople, 'salesperson-1', 'user-1');
    await db.collection('couplings').updateOne(
      { mappingId: salespeople.id },
      {
        $set: {
          salesId: null,
          title: 'Nora Berg',
          state: 'SKIPPED',
          error: { class: 'VALIDATION', code: 'TOO_LONG', message: 'the code is too long' },
        },
      },
    );
    world.customer({ displayName: 'Adatum', salespersonId: 'salesperson-1' });
    await world.run(first);
    const [waiting] = await customerCouplings();
    expect(waiting?.error?.message).toBe(
      'it refers to Nora Berg, which is not coupled through SALESPEOPLE (SKIPPED, TOO_LONG: the code is too long); it goes on as soon as that is',
    );
  });

  test('from Dataverse to a choice that there is not is told with its number', async () => {
    world.mapping = {
      ...world.mapping,
      fields: world.mapping.fields.map((field) =>
        field.lookup === 'PAYMENT TERMS' ? { ...field, direction: 'BIDIRECTIONAL' as const } : field,
      ),
    };
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editAccount(pair.account, { paymenttermscode: '42' });
    await world.run();
    expect(await customerCouplings()).toMatchObject([
      { state: 'FAILED', error: { class: 'VALIDATION', code: 'UNKNOWN_OPTION', field: 'paymenttermscode' } },
    ]);
    expect((await customerCouplings())[0]?.error?.message).toContain('42');
  });

  test('into an option mapping without coupling becomes blank, and the record is not held back', async () => {
    await couple(terms, 'terms-30', '1');
    world.customer({ displayName: 'Adatum', paymentTermsId: 'terms-30' });
    world.customer({ displayName: 'Contoso', paymentTermsId: 'terms-90' });
    await world.run(first);
    expect(new Map(world.accounts().map(({ name, paymenttermscode }) => [name, paymenttermscode]))).toEqual(
      new Map([
        ['Adatum', '1'],
        ['Contoso', null],
      ]),
    );
    expect((await customerCouplings()).map(({ state }) => state)).toEqual(['COUPLED', 'COUPLED']);
  });
});

test('what waits for a record tells why that is not coupled, also when the reason becomes another one', async () => {
  world = await SynchWorld.open(db, {
    business: { tables: [{ metadata: withReferences(customers, 'parentId') }] },
    sales: { tables: [{ metadata: withReferences(accounts, 'parentid') }] },
    mapping: {
      synchOnlyCoupledRecords: false,
      fields: [
        ...customerMapping().fields,
        fieldMapping('parentId', 'parentid', 'TO_INTEGRATION_TABLE', { lookup: customerMapping().name }),
      ],
    },
  });
  const refuse = (code: string) =>
    world.sales.setFault((request, when) =>
      request.kind === 'CREATE' && when === 'before'
        ? new ConnectorError('it is refused', { errorClass: 'VALIDATION', code })
        : 'pass',
    );
  const messageOfChild = async () =>
    (await world.couplings()).find(({ state }) => state === 'WAITING')?.error?.message ?? '';
  refuse('FIRST');
  const parent = world.customer({ displayName: 'Parent', city: 'Oslo' });
  world.customer({ displayName: 'Child', city: 'Oslo', parentId: parent });
  // Later than what is read again for its time alone.
  const runLater = async () => {
    world.later(30);
    await world.run();
  };
  await runLater();
  await runLater();
  await runLater();
  expect(await messageOfChild()).toContain('SKIPPED, FIRST');
  refuse('SECOND');
  world.editCustomer(parent, { city: 'Bergen' });
  await runLater();
  await runLater();
  expect(await messageOfChild()).toMatch(/SECOND/);
});

test('case 39: a customer and its primary contact that refer to each other, both new, are both created, and the reference is filled in a later pass', async () => {
  const text = customers.fields.get('city')!;
  const key = customers.fields.get('id')!;
  const people = (keyField: string, name: string, company: string) =>
    tableOf('contacts', keyField, [{ ...key, name: keyField }, { ...text, name }, reference(company)]);
  world = await SynchWorld.open(db, {
    business: {
      tables: [
        { metadata: withReferences(customers, 'primaryContactId') },
        { metadata: people('id', 'displayName', 'customerId') },
      ],
    },
    sales: {
      tables: [
        { metadata: withReferences(accounts, 'primarycontactid') },
        { metadata: people('contactid', 'fullname', 'parentcustomerid') },
      ],
    },
  });
  const creating = { synchOnlyCoupledRecords: false, tableFilter: [], integrationTableFilter: [], templates: [] };
  const companies = customerMapping({
    ...creating,
    fields: [
      fieldMapping('displayName', 'name'),
      fieldMapping('primaryContactId', 'primarycontactid', 'BIDIRECTIONAL', {
        lookup: 'CONTACTS',
        clearValueOnFailedSynch: true,
      }),
    ],
  });
  const persons = customerMapping({
    ...creating,
    id: contacts.id,
    name: contacts.name,
    table: 'contacts',
    integrationTable: 'contacts',
    fields: [
      fieldMapping('displayName', 'fullname'),
      fieldMapping('customerId', 'parentcustomerid', 'BIDIRECTIONAL', { lookup: companies.name }),
    ],
  });
  const run = (mapping: IntegrationTableMapping) => {
    world.mapping = mapping;
    world.otherMappings = [mapping === companies ? persons : companies];
    return world.run();
  };
  const company = world.business.insert('customers', { displayName: 'Adatum' }).id;
  const person = world.business.insert('contacts', { displayName: 'Nora', customerId: company }).id;
  world.business.edit('customers', company, { primaryContactId: person });

  await run(persons);
  expect(await world.couplings()).toMatchObject([{ title: 'Nora', state: 'WAITING' }]);
  await run(companies);
  expect(world.accounts()).toMatchObject([{ name: 'Adatum', primarycontactid: null }]);
  await run(persons);
  await run(companies);
  const [[account], [contact]] = [world.sales.system.rows('accounts'), world.sales.system.rows('contacts')];
  expect(account?.values).toMatchObject({ name: 'Adatum', primarycontactid: contact?.id });
  expect(contact?.values).toMatchObject({ fullname: 'Nora', parentcustomerid: account?.id });
  expect((await world.couplings()).map(({ title, state }) => [title, state])).toEqual([
    ['Adatum', 'COUPLED'],
    ['Nora', 'COUPLED'],
  ]);
  const before = world.sales.system.lastChange + world.business.system.lastChange;
  expect([await run(persons), await run(companies)]).toEqual([{ idle: true }, { idle: true }]);
  expect(world.sales.system.lastChange + world.business.system.lastChange).toBe(before);
});
