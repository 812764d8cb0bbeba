import { expect, test } from 'vitest';
import { otherSide } from '../../src/synch/synch-error.js';
import { compareAll, rowsOf } from '../support/agreement-of-mappings.js';
import { numberOf } from '../support/entered-again.js';
import { jobs as firstJobs, type MappedTable, mappedTables, priceJobs } from '../support/mapped-fields.js';
import { lostChanges, Office } from '../support/office.js';
import { Person, type System } from '../support/person.js';
import { Seeded } from '../support/seeded.js';
import { firstSeed } from '../support/seeds.js';
import { type Row, Tandem } from '../support/tandem.js';
import { Translation } from '../support/translation.js';

/** Minutes of random edits belong to the long run. */
const WORK_SECONDS = process.env.TEST_LONG === '1' ? 300 : 20;
const MINUTES = 60_000;
/** How long anything may take on a machine that does other things too; how fast it is, other tests say. */
const PATIENCE_MS = 3 * MINUTES;
/** Runs of all jobs until nothing is left to do: references wait for others, refused records are tried twice. */
const MOST_ROUNDS = 12;

const jobs = [...firstJobs, ...priceJobs];

/** Mappings that create what is missing on either side that they write. */
const creating = [
  'CURRENCY',
  'UNITOFMEASURE',
  'CUSTOMER',
  'CONTACTS',
  'RESOURCE-PRODUCT',
  'ITEM-PRODUCT',
  'CUSTPRCGRP-PRICE',
  'SALESPRC-PRODPRICE',
];

/** Every product has a price on lists that come with products and invoices: these are no counterparts of anything. */
const comesWithOthers = new Set(['SALES pricelevels', 'SALES productpricelevels']);

test(
  `people on both sides edit, create, delete and enter anew for ${WORK_SECONDS} s while the jobs run; then everything agrees or is listed`,
  async () => {
    const seed = firstSeed();
    process.stdout.write(`People at work: TEST_SEED=${seed}\n`);
    await using tandem = await Tandem.open();
    await tandem.start();
    await tandem.firstSynchronization(PATIENCE_MS);
    await createMissingRecords(tandem);
    const person = new Person(tandem.sandboxUrl);
    const tables = await mappedTables(tandem, person, jobs);
    const before = await idsOf(person, tables);
    const offices = (['BUSINESS', 'SALES'] as const).map(
      (system, index) => new Office(system, tandem, person, tables, new Seeded(seed + index)),
    );

    const runs = await workWhileJobsRun(tandem, offices);
    await settle(tandem);

    const { compared, differences, listed } = await compareAll(tandem, person, tables);
    process.stdout.write(
      `${JSON.stringify({ seed, runs, compared, work: offices.map(({ work }) => work), listed })}\n`,
    );
    expect(differences).toEqual([]);
    expect(await lost(tandem, person, tables, offices)).toEqual([]);
    expect(await withoutPlace(tandem, person, tables)).toEqual([]);
    const isPeoples: IsPeoples = (entitySet, id) =>
      before.get(entitySet)?.has(id) === true ||
      offices.some(({ entered }) => entered.get(entitySet.split(' ')[1] ?? '')?.has(id) === true);
    expect(await madeTwice(tandem, person, tables, isPeoples)).toEqual([]);
    expect(await standingTwice(tandem, person, tables, isPeoples)).toEqual([]);
    const entries = await tandem.all('jobQueueEntries', 'code status', 'filter: { oneOff: null }');
    expect(entries.filter(({ status }) => status === 'IN_PROCESS')).toEqual([]);
    expect(await tandem.all('couplings', 'title', 'filter: { state: [PENDING] }')).toEqual([]);
    for (const { work } of offices) {
      expect(work.edits).toBeGreaterThan(WORK_SECONDS);
      expect(work.returns).toBeGreaterThan(0);
    }
  },
  WORK_SECONDS * 1_000 + 3 * PATIENCE_MS,
);

/** From now on any run creates what is missing on either side. */
async function createMissingRecords(tandem: Tandem): Promise<void> {
  for (const name of creating) {
    const { integrationTableMapping } = await tandem.ask(
      'query($name: String!) { integrationTableMapping(name: $name) { id } }',
      { name },
    );
    const { updateIntegrationTableMapping } = await tandem.ask(
      'mutation($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) { userErrors { message } } }',
      { input: { id: integrationTableMapping.id, synchOnlyCoupledRecords: false } },
    );
    expect(updateIntegrationTableMapping.userErrors).toEqual([]);
  }
}

/** Both offices work, and one job runs after the other all the while. Answers how many runs there were. */
async function workWhileJobsRun(tandem: Tandem, offices: readonly Office[]): Promise<number> {
  const end = performance.now() + WORK_SECONDS * 1_000;
  const isOver = (): boolean => performance.now() >= end;
  let runs = 0;
  const run = async (): Promise<void> => {
    while (!isOver()) {
      const code = jobs[runs % jobs.length] ?? 'CUSTOMER';
      const { status, error } = await tandem.runOnce(code, PATIENCE_MS);
      expect({ code, status, error }).toEqual({ code, status: 'SUCCESS', error: null });
      runs += 1;
    }
  };
  await Promise.all([run(), ...offices.map((office) => office.workUntil(isOver))]);
  return runs;
}

/** A full run finds what was deleted where a system tells no deletions; then all jobs run until none writes anything. */
async function settle(tandem: Tandem): Promise<void> {
  await runEverythingInFull(tandem);
  for (let round = 0; round < MOST_ROUNDS; round += 1) if ((await writesOfAllJobs(tandem)) === 0) return;
  throw new Error(`there is still something to do after ${MOST_ROUNDS} runs of all jobs`);
}

async function runEverythingInFull(tandem: Tandem): Promise<void> {
  const [connection] = await tandem.all('connectionSetups', 'id');
  const { runFullSynchronization } = await tandem.ask(
    'mutation($input: RunFullSynchronizationInput!) { runFullSynchronization(input: $input) { userErrors { message } } }',
    { input: { connectionSetupId: connection?.id, mode: 'CREATE_MISSING' } },
  );
  expect(runFullSynchronization.userErrors).toEqual([]);
  expect(await tandem.endOf('FULL_SYNCH#2', PATIENCE_MS)).toBe('FINISHED');
}

async function writesOfAllJobs(tandem: Tandem): Promise<number> {
  let writes = 0;
  // Twice: a refused record is tried a second time before it is parked.
  for (const code of [...jobs, ...jobs]) {
    const { synchJobs } = await tandem.runOnce(code, PATIENCE_MS);
    for (const { inserted, modified } of synchJobs) writes += inserted + modified;
  }
  return writes;
}

/** Ids of all mapped entity sets, but for the company contacts that Business Central makes of customers itself. */
async function idsOf(
  person: Person,
  tables: readonly MappedTable[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const ids = new Map<string, ReadonlySet<string>>();
  for (const table of tables) {
    const rows = await rowsOf(person, table);
    for (const side of ['BUSINESS', 'SALES'] as const)
      ids.set(
        `${side} ${table.table[side]}`,
        new Set([...rows[side]].filter(([, row]) => !isCompanyContact(table, row)).map(([id]) => id)),
      );
  }
  return ids;
}

const isCompanyContact = ({ name }: MappedTable, { type }: Row): boolean => name === 'CONTACTS' && type === 'Company';

/** Values that people entered last in a field, and that stand on neither side of its pair. */
async function lost(
  tandem: Tandem,
  person: Person,
  tables: readonly MappedTable[],
  offices: readonly Office[],
): Promise<string[]> {
  const translation = await Translation.read(tandem, person);
  const found: string[] = [];
  for (const table of tables) {
    const rows = await rowsOf(person, table);
    for (const { businessId, salesId, title } of await couplingsOf(tandem, table, ', state: [COUPLED]')) {
      const pair = { BUSINESS: rows.BUSINESS.get(businessId) ?? {}, SALES: rows.SALES.get(salesId) ?? {} };
      for (const field of table.fields) {
        const values = lostChanges(field, pair, { BUSINESS: businessId, SALES: salesId }, offices, translation);
        if (values.length > 0) found.push(`${table.name} ${title} ${field.field}: ${JSON.stringify(values)}`);
      }
    }
  }
  return found;
}

/** Which records of a mapping take part, as its filters say; a contact may also belong to another contact. */
const takingPart = (
  accounts: ReadonlySet<unknown>,
): Readonly<Record<string, Readonly<Record<System, (row: Row) => boolean>>>> => ({
  CUSTOMER: {
    BUSINESS: ({ blocked }) => blocked === '_x0020_',
    SALES: ({ statecode, customertypecode }) => statecode === 0 && customertypecode === 3,
  },
  CONTACTS: {
    BUSINESS: ({ type, customerId }) => type === 'Person' && customerId !== '00000000-0000-0000-0000-000000000000',
    SALES: ({ _parentcustomerid_value: company }) => accounts.has(company),
  },
  'RESOURCE-PRODUCT': {
    BUSINESS: ({ blocked }) => blocked === false,
    SALES: ({ producttypecode }) => producttypecode === 3,
  },
  'ITEM-PRODUCT': {
    BUSINESS: ({ blocked }) => blocked === false,
    SALES: ({ producttypecode }) => producttypecode === 1,
  },
  'SALESPRC-PRODPRICE': {
    BUSINESS: ({ salesType, salesCode }) => salesType === 'Customer_x0020_Price_x0020_Group' && salesCode !== '',
    SALES: () => false,
  },
});

/** Mappings without a filter that go one way: everything of the business system takes part. */
const oneWay: Readonly<Record<System, (row: Row) => boolean>> = { BUSINESS: () => true, SALES: () => false };

/** Records inside the filters of a mapping that creates what is missing, and that no coupling tells of. */
async function withoutPlace(tandem: Tandem, person: Person, tables: readonly MappedTable[]): Promise<string[]> {
  const found: string[] = [];
  const takesPart = takingPart(new Set((await person.rows('SALES', 'accounts')).map(({ accountid }) => accountid)));
  for (const table of tables.filter(({ name }) => creating.includes(name))) {
    const rows = await rowsOf(person, table);
    const couplings = await couplingsOf(tandem, table);
    for (const side of ['BUSINESS', 'SALES'] as const) {
      const known = new Set(couplings.map(({ businessId, salesId }) => (side === 'BUSINESS' ? businessId : salesId)));
      for (const [id, row] of rows[side])
        if ((takesPart[table.name] ?? oneWay)[side](row) && !known.has(id)) found.push(`${table.name} ${side} ${id}`);
    }
  }
  return found;
}

/** Whether a record of an entity set, such as `SALES accounts`, was there before the jobs or was entered by people. */
type IsPeoples = (entitySet: string, id: string) => boolean;

/** Records that nobody entered, and that are no counterpart of another record. */
async function madeTwice(
  tandem: Tandem,
  person: Person,
  tables: readonly MappedTable[],
  isPeoples: IsPeoples,
): Promise<string[]> {
  const counterparts = new Set<string>();
  for (const table of tables)
    for (const { businessId, salesId } of await couplingsOf(tandem, table))
      for (const id of [businessId, salesId]) if (businessId !== null && salesId !== null) counterparts.add(id);
  const found: string[] = [];
  for (const [entitySet, ids] of await idsOf(person, tables)) {
    if (comesWithOthers.has(entitySet)) continue;
    for (const id of ids) if (!isPeoples(entitySet, id) && !counterparts.has(id)) found.push(`${entitySet} ${id}`);
  }
  return found;
}

/**
 * Numbers and names that several records of a side have, of which people have not entered all themselves; what stands on the
 * other side as often, each coupled with one of them, is people's own doing too.
 */
async function standingTwice(
  tandem: Tandem,
  person: Person,
  tables: readonly MappedTable[],
  isPeoples: IsPeoples,
): Promise<string[]> {
  const found: string[] = [];
  for (const table of tables) {
    const rows = await rowsOf(person, table);
    const couplings = await couplingsOf(tandem, table);
    for (const side of ['BUSINESS', 'SALES'] as const) {
      const other = otherSide(side);
      const areAllPeoples = (on: System, ids: readonly string[]): boolean =>
        ids.every((id) => isPeoples(`${on} ${table.table[on]}`, id));
      const counterparts = new Map(
        couplings.map(({ businessId, salesId }) =>
          side === 'BUSINESS' ? [businessId, salesId] : [salesId, businessId],
        ),
      );
      const numberOn = (on: System, id: string): string | undefined => {
        const row = rows[on].get(id);
        return row === undefined ? undefined : numberOf(table.name, on, row);
      };
      const same = Map.groupBy(
        [...rows[side]].filter(([, row]) => !isCompanyContact(table, row)).map(([id]) => id),
        (id) => numberOn(side, id),
      );
      for (const [number, ids] of same) {
        if (number === undefined || ids.length === 1 || areAllPeoples(side, ids)) continue;
        const others = ids.map((id) => String(counterparts.get(id)));
        const isMirrored = areAllPeoples(other, others) && new Set(others.map((id) => numberOn(other, id))).size === 1;
        if (!isMirrored) found.push(`${table.name} ${side} ${number}: ${ids.join()} with ${others.join()}`);
      }
    }
  }
  return found;
}

const couplingsOf = (tandem: Tandem, { name }: MappedTable, more = ''): Promise<Record<string, any>[]> =>
  tandem.all('couplings', 'businessId salesId title state', `filter: { mapping: [${JSON.stringify(name)}]${more} }`);
