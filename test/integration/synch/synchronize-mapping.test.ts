import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../src/connectors/connector.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { PARKED_RETRY_MS } from '../../../src/synch/coupling-states.js';
import { synchQueries } from '../../../src/synch/synch-queries.js';
import { testDatabase } from '../../support/database.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();
let world: SynchWorld;
beforeEach(async () => {
  world = await SynchWorld.open(db);
});

const first = { full: true, mode: 'MATCH_THEN_CREATE' } as const;

const writesOf = (of: SynchWorld): number => of.business.system.lastChange + of.sales.system.lastChange;

test('the two jobs of a run are shown To first, in their run and in the list, however short it was', async () => {
  const queries = synchQueries(db);
  for (let run = 0; run < 6; run += 1) await world.run();
  const { items } = await queries.jobs({}, { limit: 12 });
  const both = ['TO_INTEGRATION_TABLE', 'FROM_INTEGRATION_TABLE'];
  const listed = [...Map.groupBy(items, ({ item }) => item.runId).entries()];
  expect(listed).toHaveLength(6);
  for (const [, ofRun] of listed) expect(ofRun.map(({ item }) => item.direction)).toEqual(both);
  for (const { jobs } of await queries.jobsOfRuns(listed.map(([runId]) => runId)))
    expect(jobs.map(({ direction }) => direction)).toEqual(both);
});

describe('the first synchronization', () => {
  test('couples firms that are the same and creates what is missing on either side', async () => {
    const adatum = world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
    world.customer({ displayName: 'Contoso', city: 'Bergen' });
    const known = world.account({ name: 'ADATUM ', address1_city: 'oslo', telephone1: '1' });
    world.account({ name: 'Fabrikam', address1_city: 'Molde' });
    await world.run(first);
    const couplings = await world.couplings();
    expect(couplings.map(({ state }) => state)).not.toContain('FAILED');
    expect(couplings.find(({ businessId }) => businessId === adatum)?.salesId).toBe(known);
    expect(
      world
        .customers()
        .map(({ displayName }) => String(displayName))
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['Adatum', 'Contoso', 'Fabrikam']);
    expect(world.accounts()).toHaveLength(3);
  });

  test('gives new records the values of the template', async () => {
    world.customer({ displayName: 'Contoso', city: 'Bergen' });
    await world.run(first);
    expect(world.accounts()).toMatchObject([{ name: 'Contoso', customertypecode: '3' }]);
  });

  test('leaves records outside the filters alone', async () => {
    world.customer({ displayName: 'Blocked', city: 'Oslo', blocked: 'All' });
    world.account({ name: 'Prospect', customertypecode: '8' });
    await world.run(first);
    expect(await world.couplings()).toEqual([]);
    expect([world.customers().length, world.accounts().length]).toEqual([1, 1]);
  });

  test('case 62: neither couples nor creates what has several candidates, and lists each of them', async () => {
    world.customer({ displayName: 'Adatum', city: 'Oslo' });
    world.customer({ displayName: 'Adatum', city: 'Oslo' });
    world.account({ name: 'Adatum', address1_city: 'Oslo' });
    const outcome = await world.run(first);
    const couplings = await world.couplings();
    expect(couplings.map(({ state, error }) => [state, error?.class, error?.code])).toEqual(
      Array.from({ length: 3 }, () => ['FAILED', 'DUPLICATE', 'MATCH_AMBIGUOUS']),
    );
    expect(outcome.idle).toBe(false);
    expect(await world.errors()).toHaveLength(3);
    await world.run(first);
    expect([world.customers().length, world.accounts().length]).toEqual([2, 1]);
  });

  describe('what has several candidates', () => {
    const alike = async (mapping: Partial<IntegrationTableMapping> = {}) => {
      world.mapping = { ...world.mapping, ...mapping };
      const customers = [1, 2].map(() => world.customer({ displayName: 'Adatum', city: 'Oslo' }));
      const account = world.account({ name: 'Adatum', address1_city: 'Oslo' });
      await world.run(first);
      world.later(60);
      return { account, one: customers[0] ?? '', other: customers[1] ?? '' };
    };
    const pairs = async () => (await world.couplings()).map(({ businessId, salesId }) => [businessId, salesId]);

    test.each([true, false])(
      'is coupled once the fields differ (mapping takes coupled records alone: %s)',
      async (only) => {
        const { account, one, other } = await alike({ synchOnlyCoupledRecords: only });
        world.editCustomer(other, { displayName: 'Fabrikam' });
        await world.run();
        expect(await pairs()).toContainEqual([one, account]);
        expect(world.accounts().map(({ name }) => name)).toEqual(only ? ['Adatum'] : ['Adatum', 'Fabrikam']);
        await world.runUntilIdle();
        expect((await world.couplings()).map(({ state }) => state)).toEqual(
          only ? ['COUPLED'] : ['COUPLED', 'COUPLED'],
        );
      },
    );

    test('is coupled once the others are deleted', async () => {
      const { account, one, other } = await alike();
      world.deleteCustomer(other);
      await world.run({ full: true });
      await world.runUntilIdle();
      expect(await pairs()).toEqual([[one, account]]);
      expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', error: null }]);
    });

    test('stays listed where only records of one side are left that are alike', async () => {
      const { account } = await alike({ synchOnlyCoupledRecords: false });
      world.editAccount(account, { address1_city: 'Bergen' });
      await world.run();
      await world.runUntilIdle();
      expect((await world.couplings()).map(({ error }) => error?.code ?? null)).toEqual(
        expect.arrayContaining(['MATCH_AMBIGUOUS', 'MATCH_AMBIGUOUS', null]),
      );
      expect(world.accounts()).toHaveLength(1);
    });

    test('stays listed, and is told once, while another edit leaves it so', async () => {
      const { other } = await alike();
      const told = (await world.errors()).length;
      world.editCustomer(other, { phoneNumber: '2' });
      const outcome = await world.run();
      expect(outcome.idle).toBe(true);
      expect(await world.errors()).toHaveLength(told);
      expect((await world.couplings()).map(({ error }) => error?.code)).toEqual(
        Array.from({ length: 3 }, () => 'MATCH_AMBIGUOUS'),
      );
    });
  });

  test('lists matched pairs that differ in a field as conflicts, and couples the rest of them', async () => {
    world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
    world.account({ name: 'Adatum', address1_city: 'Oslo', telephone1: '2' });
    await world.run(first);
    expect(await world.couplings()).toMatchObject([
      { state: 'CONFLICT', conflicts: [{ field: 'phoneNumber', businessValue: '1', salesValue: '2' }] },
    ]);
  });

  test('repeats nothing when it is run again', async () => {
    world.customer({ displayName: 'Contoso', city: 'Bergen', creditLimit: '100' });
    world.account({ name: 'Fabrikam', address1_city: 'Molde', address1_primarycontactname: 'Kim' });
    await world.run(first);
    const writes = writesOf(world);
    expect(await world.run(first)).toEqual({ idle: true });
    expect(writesOf(world)).toBe(writes);
  });

  test('with synchOnlyCoupledRecords a run of the schedule creates nothing', async () => {
    world.customer({ displayName: 'Contoso' });
    expect(await world.run()).toEqual({ idle: true });
    expect(world.accounts()).toEqual([]);
  });

  test('without synchOnlyCoupledRecords a run of the schedule creates and couples', async () => {
    world.mapping = { ...world.mapping, synchOnlyCoupledRecords: false };
    world.customer({ displayName: 'Contoso' });
    expect(await world.run()).toEqual({ idle: false });
    expect(world.accounts()).toMatchObject([{ name: 'Contoso' }]);
  });

  test('switching synchOnlyCoupledRecords off takes up what was left alone before, on both sides', async () => {
    world.customer({ displayName: 'Contoso', city: 'Bergen' });
    world.account({ name: 'Fabrikam', address1_city: 'Molde' });
    await world.run();
    world.later(60);
    world.mapping = { ...world.mapping, synchOnlyCoupledRecords: false };
    await world.run();
    expect([world.customers().length, world.accounts().length]).toEqual([2, 2]);
  });

  test('a firm that was entered on both sides between two runs is coupled, not created twice', async () => {
    world.mapping = { ...world.mapping, synchOnlyCoupledRecords: false };
    await world.run();
    world.customer({ displayName: 'Zwilling AG', city: 'Bern', phoneNumber: '1' });
    world.account({ name: 'Zwilling AG', address1_city: 'Bern', telephone1: '1' });
    await world.runUntilIdle();
    expect([world.customers().length, world.accounts().length]).toEqual([1, 1]);
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
  });

  test('of a firm that was entered on both sides, what was read before it was coupled does not undo what was written', async () => {
    world.mapping = {
      ...world.mapping,
      synchOnlyCoupledRecords: false,
      updateConflictResolution: 'SEND_TO_INTEGRATION',
    };
    await world.run();
    const customer = world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
    world.account({ name: 'Adatum', address1_city: 'Oslo', telephone1: '2' });
    await world.run();
    expect(world.customerOf(customer).phoneNumber).toBe('1');
    expect(world.accounts()).toMatchObject([{ telephone1: '1' }]);
    expect(await world.run()).toEqual({ idle: true });
  });

  test('a new record with several counterparts that are not coupled is listed, and nothing is created', async () => {
    world.account({ name: 'Zwilling AG', address1_city: 'Bern' });
    world.account({ name: 'Zwilling AG', address1_city: 'Bern' });
    await world.run();
    world.later(60);
    world.mapping = {
      ...world.mapping,
      synchOnlyCoupledRecords: false,
      direction: 'TO_INTEGRATION_TABLE',
      fields: world.mapping.fields.filter(({ field }) => field !== 'contact'),
    };
    world.customer({ displayName: 'Zwilling AG', city: 'Bern' });
    await world.run();
    expect(world.accounts()).toHaveLength(2);
    expect(await world.couplings()).toMatchObject([{ state: 'FAILED', error: { code: 'MATCH_AMBIGUOUS' } }]);
  });
});

describe('a coupled pair', () => {
  test('carries a change of either side to the other one, and then rests', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22' });
    world.editAccount(pair.account, { address1_city: 'Bergen' });
    await world.run();
    expect(world.customerOf(pair.customer)).toMatchObject({ city: 'Bergen' });
    const writes = writesOf(world);
    expect(await world.run()).toEqual({ idle: true });
    expect(writesOf(world)).toBe(writes);
  });

  test('case 2: merges changes of different fields in one run, also when one side is found to have changed by its refusal', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    world.sales.setFault((request, when) => {
      if (request.kind === 'UPDATE' && when === 'before' && world.accountOf(pair.account).address1_city === 'Oslo')
        world.editAccount(pair.account, { address1_city: 'Bergen' });
      return 'pass';
    });
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22', address1_city: 'Bergen' });
    expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '22', city: 'Bergen' });
  });

  test('case 11: in conflict is overwritten on neither side, and further edits of other fields are merged', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    world.editAccount(pair.account, { telephone1: '33' });
    await world.run();
    world.editCustomer(pair.customer, { city: 'Bergen' });
    await world.run();
    expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '22' });
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '33', address1_city: 'Bergen' });
    expect(await world.couplings()).toMatchObject([{ state: 'CONFLICT', conflicts: [{ lastAgreedValue: '1' }] }]);
    expect(await world.run()).toEqual({ idle: true });
  });

  test('case 12: in conflict whose sides were made equal by hand agrees again without a write', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    world.editAccount(pair.account, { telephone1: '33' });
    await world.run();
    world.editAccount(pair.account, { telephone1: '22' });
    const writes = writesOf(world);
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', conflicts: [], error: null }]);
    expect(writesOf(world)).toBe(writes);
  });

  test('case 4: takes an edit that a person makes between our write and its answer to the other side', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    let edited = false;
    world.sales.setFault((request, when) => {
      if (request.kind === 'UPDATE' && when === 'after' && !edited) {
        edited = true;
        world.editAccount(pair.account, { telephone1: '44' });
      }
      return 'pass';
    });
    await world.runUntilIdle();
    expect([world.customerOf(pair.customer).phoneNumber, world.accountOf(pair.account).telephone1]).toEqual([
      '44',
      '44',
    ]);
  });

  test('case 5: rests when the server upper-cases what we wrote', async () => {
    world = await SynchWorld.open(db, {
      sales: {
        rule: ({ values }) => ('name' in values ? { ...values, name: String(values.name).toUpperCase() } : values),
      },
    });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { displayName: 'Adatum Nord' });
    await world.run();
    expect(world.accountOf(pair.account).name).toBe('ADATUM NORD');
    expect(await world.run()).toEqual({ idle: true });
    expect(world.customerOf(pair.customer).displayName).toBe('Adatum Nord');
  });

  test('takes what a server rule made of a phone number back once, and rests', async () => {
    world = await SynchWorld.open(db, {
      sales: {
        rule: ({ values, author }) =>
          author === 'SERVICE' && typeof values.telephone1 === 'string' && !values.telephone1.startsWith('+47')
            ? { ...values, telephone1: `+47 ${values.telephone1}` }
            : values,
      },
    });
    const pair = await world.coupledPair({ displayName: 'Adatum', phoneNumber: '+47 1' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    await world.run();
    expect([world.customerOf(pair.customer).phoneNumber, world.accountOf(pair.account).telephone1]).toEqual([
      '+47 22',
      '+47 22',
    ]);
    expect(await world.run()).toEqual({ idle: true });
  });

  test('case 8: gives up a one-way field that the server alters every time, and lists it once', async () => {
    world = await SynchWorld.open(db, {
      sales: {
        rule: ({ values, author }) =>
          author === 'SERVICE' && 'creditlimit' in values ? { ...values, creditlimit: '5000' } : values,
      },
    });
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { creditLimit: '7000' });
    const before = world.sales.system.lastChange;
    await world.run();
    expect(world.sales.system.lastChange - before).toBe(2);
    expect((await world.errors()).map(({ error }) => error.code)).toEqual(['ALTERED_BY_SYSTEM']);
    expect(await world.run()).toEqual({ idle: true });
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED' }]);
  });

  test('case 9: ignores an echo and a change of an unmapped column', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editAccount(pair.account, { customertypecode: '3' });
    const writes = writesOf(world);
    expect(await world.run()).toEqual({ idle: true });
    expect(writesOf(world)).toBe(writes);
    expect((await world.couplings())[0]?.sales.clean).toBe(true);
  });

  test('case 10: limited to one direction leaves the other side for the next run', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    world.editAccount(pair.account, { address1_city: 'Bergen' });
    await world.run({ direction: 'TO_INTEGRATION_TABLE' });
    expect(world.accountOf(pair.account).telephone1).toBe('22');
    expect(world.customerOf(pair.customer).city).toBe('Oslo');
    await world.run();
    expect(world.customerOf(pair.customer).city).toBe('Bergen');
  });

  test('case 42: that leaves the filter is listed and not synchronized, and merged when it is back', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { blocked: 'All', phoneNumber: '22' });
    world.editAccount(pair.account, { address1_city: 'Bergen' });
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'SKIPPED', error: { code: 'OUTSIDE_FILTER' } }]);
    expect(world.accountOf(pair.account).telephone1).toBe('1');
    world.editCustomer(pair.customer, { blocked: null });
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', error: null }]);
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22', address1_city: 'Bergen' });
    expect(world.customerOf(pair.customer)).toMatchObject({ phoneNumber: '22', city: 'Bergen' });
  });

  test.each(['customer', 'account'] as const)(
    'whose %s was deleted is BROKEN, and the other record stays',
    async (deleted) => {
      const pair = await world.coupledPair({ displayName: 'Adatum' });
      if (deleted === 'customer') world.business.remove('customers', pair.customer);
      else world.sales.remove('accounts', pair.account);
      await world.run({ full: deleted === 'customer' });
      expect(await world.couplings()).toMatchObject([
        { state: 'BROKEN', error: { class: 'NOT_FOUND', code: 'RECORD_DELETED' } },
      ]);
      expect(world.customers().length + world.accounts().length).toBe(1);
      expect(await world.run()).toEqual({ idle: true });
    },
  );

  test('of which both records are gone is forgotten', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.business.remove('customers', pair.customer);
    world.sales.remove('accounts', pair.account);
    await world.run({ full: true });
    expect(await world.couplings()).toEqual([]);
  });

  test('keeps the overwritten value in the history', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    await world.run();
    expect((await world.history()).at(-1)).toMatchObject({
      side: 'SALES',
      action: 'MODIFY',
      fields: [{ field: 'phoneNumber', integrationField: 'telephone1', before: '1', after: '22' }],
    });
  });

  test('gets a field that is added to the mapping later, with no echo', async () => {
    const [phone, ...others] = [world.mapping.fields[3]!, ...world.mapping.fields.filter((_, index) => index !== 3)];
    world.mapping = { ...world.mapping, fields: others };
    const customer = world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
    const equal = world.account({ name: 'Adatum', address1_city: 'Oslo', telephone1: '1' });
    await world.run(first);
    world.mapping = { ...world.mapping, fields: [...others, phone] };
    expect(await world.run()).toEqual({ idle: true });
    world.editCustomer(customer, { phoneNumber: '22' });
    await world.run();
    expect(world.accountOf(equal).telephone1).toBe('22');
  });
});

describe('a record that cannot be written', () => {
  test('is tried again in the next run, parked by the second equal error, and goes on when it was mended', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editAccount(pair.account, { address1_country: 'Kingdom of Norway' });
    await world.run();
    expect(await world.couplings()).toMatchObject([
      { state: 'FAILED', attempts: 1, error: { class: 'VALIDATION', code: 'TOO_LONG', field: 'country' } },
    ]);
    await world.run();
    const nextLook = new Date(world.clock.getTime() + PARKED_RETRY_MS);
    expect(await world.couplings()).toMatchObject([{ state: 'SKIPPED', nextAttemptAt: nextLook }]);
    expect(await world.run()).toEqual({ idle: true });
    world.editAccount(pair.account, { address1_country: 'no' });
    await world.run();
    expect(await world.couplings()).toMatchObject([{ state: 'COUPLED', error: null, attempts: 0 }]);
    expect(world.customerOf(pair.customer).country).toBe('NO');
  });

  test('does not hold back the others', async () => {
    world.account({ name: 'Far away', address1_country: 'Kingdom of Norway' });
    world.account({ name: 'Near by', address1_country: 'NO' });
    await world.run(first);
    expect(
      (await world.couplings()).map(({ title, state, businessId }) => [title, state, businessId !== null]),
    ).toEqual([
      ['Far away', 'FAILED', false],
      ['Near by', 'COUPLED', true],
    ]);
    expect((await world.jobs()).at(-1)?.status).toMatch(/SUCCESS|PARTIAL/);
  });

  test('for a passing reason is tried until it succeeds, and never parked', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    const other = await world.coupledPair({ displayName: 'Contoso' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    world.editCustomer(other.customer, { phoneNumber: '22' });
    const deadlock = new ConnectorError('deadlock', { errorClass: 'TRANSIENT', code: '0x80044150', httpStatus: 500 });
    let refusals = 3;
    world.sales.setFault((request, when) => {
      if (
        request.operation?.kind !== 'UPDATE' ||
        when !== 'before' ||
        request.operation.id !== pair.account ||
        refusals === 0
      )
        return 'pass';
      refusals -= 1;
      return deadlock;
    });
    for (let runs = 0; runs < 4; runs += 1) {
      await world.run();
      world.later(120);
    }
    expect(world.accountOf(pair.account).telephone1).toBe('22');
    expect((await world.couplings()).map(({ state }) => state)).toEqual(['COUPLED', 'COUPLED']);
  });
});

test('a job tells how many records there are to go through, once it is known', async () => {
  for (const displayName of ['Adatum', 'Contoso', 'Fabrikam']) world.customer({ displayName, city: 'Oslo' });
  await world.run({ full: true, mode: 'CREATE_MISSING' });
  const last = async () => (await world.jobs()).filter(({ direction }) => direction === 'TO_INTEGRATION_TABLE').at(-1);
  expect(await last()).toMatchObject({ read: 3, total: 3 });
  const ids = (await world.couplings()).slice(0, 2).map(({ _id }) => _id);
  await world.run({ couplings: { ids } });
  expect(await last()).toMatchObject({ read: 2, total: 2 });
});
