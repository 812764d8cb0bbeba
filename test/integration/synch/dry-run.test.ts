import { beforeEach, describe, expect, test } from 'vitest';
import type { WriteOperation } from '../../../src/connectors/connector.js';
import type { JobParameters } from '../../../src/job-queue/job-queue-entry.js';
import type { RecordChange } from '../../../src/synch/synch-job.js';
import { testDatabase } from '../../support/database.js';
import { applying, dryRunOf } from '../../support/dry-runs.js';
import { Seeded } from '../../support/seeded.js';
import { SynchWorld } from '../../support/synch-world.js';

const database = testDatabase();
let world: SynchWorld;

interface Sent {
  readonly side: 'BUSINESS' | 'SALES';
  readonly operation: WriteOperation;
}

let sent: Sent[] = [];

/** Notes every write that reaches a system. */
async function openWorld(): Promise<void> {
  world = await SynchWorld.open(database.db);
  sent = [];
  for (const [side, connector] of [
    ['BUSINESS', world.business],
    ['SALES', world.sales],
  ] as const) {
    const write = connector.write.bind(connector);
    connector.write = (request, signal) => {
      sent.push(...request.operations.map((operation) => ({ side, operation })));
      return write(request, signal);
    };
  }
}

beforeEach(openWorld);

const first = { full: true, mode: 'MATCH_THEN_CREATE' } as const satisfies JobParameters;

const dryRun = (parameters: JobParameters = {}) => dryRunOf(world, parameters);

/** Couplings and both systems, as they are now. */
const present = async () => ({
  couplings: await world.couplings(),
  customers: world.customers(),
  accounts: world.accounts(),
});

/** Writes in one form, whether planned or sent; the id of a record that is created is left out. */
const planned = (changes: readonly RecordChange[]): string[] =>
  changes
    .filter(({ action }) => ['INSERT', 'MODIFY', 'DELETE'].includes(action))
    .map(({ side, action, businessId, salesId, fields }) =>
      asLine(
        side,
        action,
        action === 'INSERT' ? null : side === 'BUSINESS' ? businessId : salesId,
        fields.map(({ field, integrationField, after }) => [side === 'BUSINESS' ? field : integrationField, after]),
      ),
    )
    .toSorted();

const executed = (): string[] =>
  sent
    .map(({ side, operation }) =>
      operation.kind === 'DELETE'
        ? asLine(side, 'DELETE', operation.id, [])
        : asLine(
            side,
            operation.kind === 'CREATE' ? 'INSERT' : 'MODIFY',
            operation.kind === 'CREATE' ? null : operation.id,
            Object.entries(operation.values),
          ),
    )
    .toSorted();

const asLine = (side: string, action: string, id: string | null, values: readonly (readonly unknown[])[]): string =>
  JSON.stringify([side, action, id, [...values].toSorted(([a], [b]) => String(a).localeCompare(String(b)))]);

/** A world of coupled and uncoupled records of which people changed some. */
async function disorder(seed: number): Promise<void> {
  const random = new Seeded(seed);
  const pick = (most: number): number => Math.floor(random.fraction() * most);
  for (let index = 0; index < 6; index += 1)
    world.customer({ displayName: `Firm ${index}`, city: 'Oslo', phoneNumber: '1', creditLimit: '100' });
  await world.runUntilIdle(first);
  const couplings = await world.couplings();
  for (const { businessId, salesId } of couplings) {
    if (businessId === null || salesId === null) continue;
    if (pick(2) === 0) world.editCustomer(businessId, { phoneNumber: String(pick(3)) });
    if (pick(3) === 0) world.editAccount(salesId, { telephone1: String(pick(3)) });
    if (pick(3) === 0) world.editAccount(salesId, { address1_city: `City ${pick(3)}` });
    if (pick(4) === 0) world.editCustomer(businessId, { creditLimit: String(pick(900)) });
  }
  for (let index = 0; index < pick(3); index += 1)
    world.customer({ displayName: `New ${index}`, city: 'Bergen', phoneNumber: '7' });
}

describe('a dry run', () => {
  test('tells what a run would do, and writes nothing anywhere', async () => {
    world.customer({ displayName: 'Contoso', city: 'Bergen' });
    world.customer({ displayName: 'Adatum', city: 'Oslo', phoneNumber: '1' });
    world.account({ name: 'Adatum', address1_city: 'Oslo', telephone1: '2' });
    const before = await present();
    const { jobs, changes } = await dryRun(first);
    expect(await present()).toEqual(before);
    expect(sent).toEqual([]);
    expect(jobs.map(({ dryRun: isDry, status }) => [isDry, status])).toEqual([
      [true, 'SUCCESS'],
      [true, 'SUCCESS'],
    ]);
    expect(new Set(changes.map(({ outcome }) => outcome))).toEqual(new Set(['PLANNED']));
    expect(changes.map(({ action, title }) => `${action} ${title}`).toSorted()).toEqual(
      expect.arrayContaining(['INSERT Contoso', 'CONFLICT Adatum']),
    );
    const created = changes.find(({ action }) => action === 'INSERT');
    expect(created?.salesId).toBeNull();
    expect(created?.fields).toContainEqual({
      field: 'displayName',
      integrationField: 'name',
      before: null,
      after: 'Contoso',
    });
  });

  test('changes nothing of the run after it', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    await dryRun();
    await dryRun();
    await world.run();
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22' });
  });

  test.each(Array.from({ length: process.env['TEST_LONG'] === '1' ? 200 : 8 }, (_, seed) => seed + 1))(
    'plan equals execution: applied, both systems receive exactly the planned writes (seed %i)',
    async (seed) => {
      await disorder(seed);
      const { jobs, changes } = await dryRun({ full: true, mode: 'CREATE_MISSING' });
      sent = [];
      await world.run(applying(jobs));
      expect(executed()).toEqual(planned(changes));
      await world.runUntilIdle();
      const states = (await world.couplings()).map(({ state }) => state);
      expect(states.filter((state) => state !== 'COUPLED' && state !== 'CONFLICT')).toEqual([]);
    },
  );

  test.each(Array.from({ length: process.env['TEST_LONG'] === '1' ? 200 : 8 }, (_, seed) => seed + 101))(
    'plan equals execution: the run after it sends exactly the planned writes (seed %i)',
    async (seed) => {
      await disorder(seed);
      const { changes } = await dryRun({ full: true, mode: 'CREATE_MISSING' });
      sent = [];
      await world.run({ full: true, mode: 'CREATE_MISSING' });
      expect(executed()).toEqual(planned(changes));
    },
  );
});

describe('applying a dry run', () => {
  test('refuses a record that changed since, and makes the others', async () => {
    const one = await world.coupledPair({ displayName: 'Adatum' });
    const two = await world.coupledPair({ displayName: 'Fabrikam' });
    world.editCustomer(one.customer, { phoneNumber: '22' });
    world.editCustomer(two.customer, { phoneNumber: '33' });
    const { jobs } = await dryRun();
    world.editAccount(one.account, { telephone1: '44' });
    await world.run(applying(jobs));
    expect(world.accountOf(one.account)).toMatchObject({ telephone1: '44' });
    expect(world.accountOf(two.account)).toMatchObject({ telephone1: '33' });
    const refused = (await world.history()).filter(({ outcome }) => outcome === 'REFUSED');
    expect(refused).toMatchObject([{ title: 'Adatum', side: 'SALES', action: 'MODIFY' }]);
    const applied = (await world.jobs()).filter(({ kind }) => kind === 'APPLY');
    expect(new Set(applied.map(({ basedOnId }) => basedOnId))).toEqual(new Set(jobs.map(({ _id }) => _id)));
    const counted = applied.map(({ direction, total, read }) => ({ direction, total, read }));
    expect(counted).toEqual(
      expect.arrayContaining([
        { direction: 'TO_INTEGRATION_TABLE', total: 2, read: 2 },
        { direction: 'FROM_INTEGRATION_TABLE', total: 0, read: 0 },
      ]),
    );
  });

  test('makes only the chosen changes', async () => {
    const one = await world.coupledPair({ displayName: 'Adatum' });
    const two = await world.coupledPair({ displayName: 'Fabrikam' });
    world.editCustomer(one.customer, { phoneNumber: '22' });
    world.editCustomer(two.customer, { phoneNumber: '33' });
    const { jobs, changes } = await dryRun();
    const chosen = changes.find(({ title }) => title === 'Fabrikam');
    await world.run(applying(jobs, { changeIds: [chosen?._id ?? ''] }));
    expect(world.accountOf(one.account)).toMatchObject({ telephone1: '1' });
    expect(world.accountOf(two.account)).toMatchObject({ telephone1: '33' });
    await world.run();
    expect(world.accountOf(one.account)).toMatchObject({ telephone1: '22' });
  });

  test('makes a deletion that was planned', async () => {
    world.mapping = { ...world.mapping, deletionConflictResolution: 'DELETE_COUNTERPART' };
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.deleteAccount(pair.account);
    const { jobs, changes } = await dryRun();
    expect(changes.map(({ action }) => action)).toEqual(expect.arrayContaining(['DELETE']));
    expect(world.customers()).toHaveLength(1);
    await world.run(applying(jobs));
    expect(world.customers()).toEqual([]);
    expect(await world.couplings()).toEqual([]);
  });

  test('refuses a deletion when the record was edited since', async () => {
    world.mapping = { ...world.mapping, deletionConflictResolution: 'DELETE_COUNTERPART' };
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.deleteAccount(pair.account);
    const { jobs } = await dryRun();
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    await world.run(applying(jobs));
    expect(world.customers()).toHaveLength(1);
  });

  test('makes a write that the dry run could plan only after it had read the destination', async () => {
    const pair = await world.coupledPair({ displayName: 'Adatum' });
    world.editCustomer(pair.customer, { phoneNumber: '22' });
    world.editAccount(pair.account, { address1_city: 'Bergen' });
    // In one direction alone nobody has read what changed on the other side.
    const { jobs } = await dryRun({ direction: 'TO_INTEGRATION_TABLE' });
    await world.run({ ...applying(jobs), direction: 'TO_INTEGRATION_TABLE' });
    expect(world.accountOf(pair.account)).toMatchObject({ telephone1: '22', address1_city: 'Bergen' });
  });

  test('a second time makes nothing twice', async () => {
    world.customer({ displayName: 'Contoso', city: 'Bergen' });
    const { jobs } = await dryRun({ full: true, mode: 'CREATE_MISSING' });
    await world.run(applying(jobs));
    await world.run(applying(jobs));
    expect(world.accounts()).toHaveLength(1);
  });
});
