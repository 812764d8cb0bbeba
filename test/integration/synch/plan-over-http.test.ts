import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SourceRow } from '../../../src/connectors/connector.js';
import type { JobParameters } from '../../../src/job-queue/job-queue-entry.js';
import type { FieldValues } from '../../../src/mapping/field-value.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { type Side, sides } from '../../../src/synch/synch-error.js';
import type { RecordChange } from '../../../src/synch/synch-job.js';
import { companiesOn } from '../../simulation/terrain.js';
import { customerMapping, fieldMapping } from '../../support/customer-mapping.js';
import { testDatabase } from '../../support/database.js';
import { applying, type DryRun, dryRunOf } from '../../support/dry-runs.js';
import { inOrder, plannedWrites, receivedWrites, type TableWrite } from '../../support/received-writes.js';
import { NotTakenError, SandboxCompany } from '../../support/sandbox-company.js';
import { Seeded } from '../../support/seeded.js';
import { seedsOf } from '../../support/seeds.js';
import { SynchWorld } from '../../support/synch-world.js';

const { db } = testDatabase();
const seeds = seedsOf({ short: 3, long: 150 });

let company: SandboxCompany;
beforeAll(async () => {
  company = await SandboxCompany.open({ overlapMs: 0 });
});
afterAll(() => company[Symbol.asyncDispose]());

const updates = ['NONE', 'SEND_TO_INTEGRATION', 'GET_FROM_INTEGRATION', 'MERGE_FIELDS'] as const;
const deletions = ['NONE', 'REMOVE_COUPLING', 'RESTORE_RECORDS', 'DELETE_COUNTERPART'] as const;
const rules = ['INHERIT', 'BUSINESS_WINS', 'SALES_WINS'] as const;
const asked: readonly JobParameters[] = [
  {},
  {},
  { full: true },
  { full: true, mode: 'CREATE_MISSING' },
  { full: true, mode: 'MATCH_THEN_CREATE' },
  { full: true, mode: 'COUPLED_ONLY' },
  { direction: 'TO_INTEGRATION_TABLE' },
  { direction: 'FROM_INTEGRATION_TABLE' },
];

/** Fields that people edit, by side and table. */
const editable: Readonly<Record<Side, Readonly<Record<string, readonly string[]>>>> = {
  BUSINESS: {
    customers: ['displayName', 'city', 'phoneNumber', 'contact', 'taxRegistrationNumber', 'creditLimit'],
    contacts: ['firstName', 'surname', 'customerId'],
  },
  SALES: {
    accounts: ['name', 'address1_city', 'telephone1', 'address1_primarycontactname', 'accountnumber', 'creditlimit'],
    contacts: ['firstname', 'lastname', 'parentcustomerid'],
  },
};

/** A world in which people have been at work: records that are new, or were changed or deleted on one side or both. */
class RandomWorld {
  private readonly random: Seeded;
  private readonly mappings: readonly [IntegrationTableMapping, IntegrationTableMapping];
  private values = 0;

  constructor(seed: number) {
    this.random = new Seeded(seed);
    this.mappings = this.mappingsOf();
  }

  /** Answers the world with the mapping whose run is to be planned, and what the run is asked for. */
  async open(): Promise<{ readonly world: SynchWorld; readonly parameters: JobParameters }> {
    await company.reset();
    const world = await SynchWorld.open(db, { systems: company.systems });
    world.clock = new Date();
    for (let number = 0; number < 4 + this.upTo(3); number += 1) await this.enter(this.oneOf(sides), 'company', number);
    for (let number = 0; number < 2 + this.upTo(3); number += 1) await this.enter(this.oneOf(sides), 'person', number);
    for (const mapping of this.mappings) {
      this.choose(world, mapping);
      await world.runUntilIdle({ full: true, mode: 'MATCH_THEN_CREATE' });
    }
    for (let times = 0; times < 14; times += 1)
      await this.work().catch((error: unknown) => {
        // People try what their system does not allow.
        if (!(error instanceof NotTakenError)) throw error;
      });
    for (let number = 20; number < 20 + this.upTo(3); number += 1)
      await this.enter(this.oneOf(sides), this.random.happens(70) ? 'company' : 'person', number);
    // Most of the time the companies are in step when the people are planned, and some of the time they are not.
    const [companies, people] = this.mappings;
    const planned = this.random.happens(65) ? companies : people;
    if (planned === people && this.random.happens(60)) {
      this.choose(world, companies);
      await world.run();
    }
    this.choose(world, planned);
    return { world, parameters: this.oneOf(asked) };
  }

  private choose(world: SynchWorld, mapping: IntegrationTableMapping): void {
    world.mapping = mapping;
    world.otherMappings = this.mappings.filter((other) => other !== mapping);
  }

  private mappingsOf(): readonly [IntegrationTableMapping, IntegrationTableMapping] {
    const shared = {
      synchOnlyCoupledRecords: this.random.happens(30),
      updateConflictResolution: this.oneOf(updates),
      deletionConflictResolution: this.oneOf(deletions),
    };
    const match = { useForMatchBasedCoupling: true };
    return [
      customerMapping({
        ...shared,
        fields: [
          fieldMapping('displayName', 'name', 'BIDIRECTIONAL', match),
          fieldMapping('city', 'address1_city'),
          fieldMapping('phoneNumber', 'telephone1', 'BIDIRECTIONAL', { conflictRule: this.oneOf(rules) }),
          fieldMapping('contact', 'address1_primarycontactname', 'FROM_INTEGRATION_TABLE'),
          fieldMapping('taxRegistrationNumber', 'accountnumber', 'TO_INTEGRATION_TABLE'),
          fieldMapping('creditLimit', 'creditlimit', 'TO_INTEGRATION_TABLE'),
        ],
      }),
      customerMapping({
        ...shared,
        id: 'mapping-contacts',
        name: 'CONTACTS',
        table: 'contacts',
        integrationTable: 'contacts',
        tableFilter: [{ field: 'type', expression: 'Person' }],
        integrationTableFilter: [],
        templates: [{ side: 'BUSINESS', priority: 0, filter: [], values: [{ field: 'type', value: 'Person' }] }],
        fields: [
          fieldMapping('firstName', 'firstname', 'BIDIRECTIONAL', match),
          fieldMapping('surname', 'lastname', 'BIDIRECTIONAL', match),
          fieldMapping('customerId', 'parentcustomerid', 'BIDIRECTIONAL', {
            lookup: 'CUSTOMER',
            clearValueOnFailedSynch: this.random.happens(50),
          }),
        ],
      }),
    ];
  }

  /** Somebody edits, deletes or blocks a record. */
  private async work(): Promise<void> {
    const side = this.oneOf(sides);
    const table = this.random.happens(70) ? companiesOn(side) : 'contacts';
    const row = await this.anyOf(side, table);
    if (row === undefined) return;
    if (this.random.happens(10)) {
      await company.remove(side, table, row);
      return;
    }
    if (table === 'customers' && this.random.happens(10)) {
      await company.edit(side, table, row, { blocked: this.random.happens(60) ? 'All' : null });
      return;
    }
    const field = this.oneOf(editable[side][table] ?? []);
    await company.edit(side, table, row, { [field]: await this.valueOf(side, field) });
  }

  private async enter(side: Side, what: 'company' | 'person', number: number): Promise<void> {
    // A few are entered on both sides, and may be matched.
    for (const on of this.random.happens(25) ? sides : [side]) {
      if (what === 'company') await company.create(on, companiesOn(on), companyOn(on, `Firm ${number}`, this.upTo(3)));
      else await company.create(on, 'contacts', { ...personOn(on, number), ...(await this.employer(on)) });
    }
  }

  private async employer(side: Side): Promise<FieldValues> {
    const name = side === 'BUSINESS' ? 'customerId' : 'parentcustomerid';
    return { [name]: await this.valueOf(side, name) };
  }

  private async valueOf(side: Side, field: string): Promise<string | null> {
    if (field === 'customerId' || field === 'parentcustomerid') {
      const row = await this.anyOf(side, companiesOn(side));
      return this.random.happens(15) ? null : (row?.id ?? null);
    }
    this.values += 1;
    if (field.toLowerCase() === 'creditlimit') return this.oneOf([`${this.values}`, `${this.values}.5`, '0']);
    const isName = ['displayName', 'name', 'surname', 'lastname'].includes(field);
    if (!isName && this.random.happens(12)) return null;
    const text = this.random.happens(25) ? `same ${this.upTo(2)}` : `value ${this.values}`;
    // Longer than the shorter of both columns.
    return field === 'name' && this.random.happens(15) ? `${text} ${'long '.repeat(22)}end` : text;
  }

  /** Chosen by what it holds: ids are others each time. */
  private async anyOf(side: Side, table: string): Promise<SourceRow | undefined> {
    const texts = editable[side][table]?.filter((name) => name !== 'customerId' && name !== 'parentcustomerid') ?? [];
    const rows = await company.rows(side, table, texts);
    const known = (row: SourceRow): string => JSON.stringify(texts.map((name) => row.values[name]));
    return rows.toSorted((a, b) => (known(a) < known(b) ? -1 : 1))[this.upTo(rows.length)];
  }

  private upTo = (most: number): number => Math.floor(this.random.fraction() * most);
  private oneOf = <T>(list: readonly T[]): T => list[this.upTo(list.length)] as T;
}

const companyOn = (side: Side, name: string, place: number): FieldValues =>
  side === 'BUSINESS'
    ? { displayName: name, city: `City ${place}`, phoneNumber: '1', taxRegistrationNumber: '100' }
    : { name, address1_city: `City ${place}`, telephone1: '1', customertypecode: '3' };

const personOn = (side: Side, number: number): FieldValues =>
  side === 'BUSINESS'
    ? { type: 'Person', firstName: 'Kari', surname: `Person ${number}` }
    : { firstname: 'Kari', lastname: `Person ${number}` };

/** A dry run, of which neither system receives anything. */
async function dryRun(world: SynchWorld, parameters: JobParameters): Promise<DryRun> {
  await company.newWrites();
  const planned = await dryRunOf(world, parameters);
  expect(await company.newWrites()).toEqual([]);
  return planned;
}

const planOf = (world: SynchWorld, changes: readonly RecordChange[]) =>
  inOrder(plannedWrites(changes, () => ({ BUSINESS: world.mapping.table, SALES: world.mapping.integrationTable })));

/**
 * What a system itself gives a new record (an amount of 0, a number), no plan can know. It goes to the record that the new
 * one was made from in the same run.
 */
async function withoutWhatFollowsCreations(
  world: SynchWorld,
  writes: readonly TableWrite[],
): Promise<readonly TableWrite[]> {
  const history = await world.history();
  const runId = (await world.jobs()).at(-1)?.runId;
  const sources = history
    .filter((change) => change.runId === runId && change.action === 'INSERT')
    .map(({ side, businessId, salesId }) => (side === 'BUSINESS' ? salesId : businessId));
  return writes.filter(({ action, id }) => action !== 'MODIFY' || !sources.includes(id));
}

/** Ids of the records of the mapping's tables that are there on either side. */
async function presentIds({ mapping }: SynchWorld): Promise<ReadonlySet<string>> {
  const rows = [
    ...(await company.rows('BUSINESS', mapping.table, [])),
    ...(await company.rows('SALES', mapping.integrationTable, [])),
  ];
  return new Set(rows.map(({ id }) => id));
}

/** The writes that both systems received since the last look. */
const received = async (world: SynchWorld): Promise<readonly TableWrite[]> =>
  receivedWrites(await company.newWrites(), await presentIds(world));

/**
 * Planned writes to pairs that applying refused, because a record is gone. A run that the system tells no deletions plans for
 * such a pair; applying reads both records, and sees it.
 */
async function pairsWithoutRecord(world: SynchWorld, changes: readonly RecordChange[]): Promise<ReadonlySet<string>> {
  const present = await presentIds(world);
  const refused = (await world.history()).filter(({ outcome }) => outcome === 'REFUSED');
  return new Set(
    refused
      .filter(({ businessId, salesId }) => !present.has(businessId ?? '') || !present.has(salesId ?? ''))
      .map(({ couplingId }) => couplingId)
      .filter((id) => changes.some(({ couplingId, action }) => couplingId === id && action === 'MODIFY')),
  );
}

test.each(seeds)(
  'plan equals execution: applied, both systems receive exactly what the dry run planned (TEST_SEED=%i)',
  async (seed) => {
    const { world, parameters } = await new RandomWorld(seed).open();
    const { jobs, changes } = await dryRun(world, parameters);
    await world.run(applying(jobs));
    const gone = await pairsWithoutRecord(world, changes);
    expect(inOrder(await received(world))).toEqual(
      planOf(
        world,
        changes.filter(({ couplingId }) => !gone.has(couplingId)),
      ),
    );
  },
);

test.each(seeds)(
  'plan equals execution: a run after it sends exactly what the dry run planned (TEST_SEED=%i)',
  async (seed) => {
    const { world, parameters } = await new RandomWorld(seed).open();
    const { changes } = await dryRun(world, parameters);
    await world.run(parameters);
    const writes = await withoutWhatFollowsCreations(world, await received(world));
    expect(inOrder(writes)).toEqual(planOf(world, changes));
  },
);
