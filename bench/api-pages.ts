import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Kind, parse, print as printDocument, visit } from 'graphql';
import type { Db } from 'mongodb';
import type * as countsModule from '../src/coupling/coupling-counts-store.js';
import { dashboardOperations } from '../test/support/dashboard-operations.ts';
import { machine, percentile, print, startBenchedService } from './api-service.ts';

/**
 * How long the pages of the dashboard take with 100,000 couplings and 1,000,000 log entries, at 50 requests a second; and what
 * the last page of a list costs beside the first. Totals are left out.
 *
 * `npm run bench:api-pages`; with `-- --couplings=1000 --runs=10000` smaller.
 */
const { CouplingCountsStore } = (await import(
  new URL('../dist/coupling/coupling-counts-store.js', import.meta.url).href
)) as typeof countsModule;

const option = (name: string, standard: number): number =>
  Number(process.argv.find((given) => given.startsWith(`--${name}=`))?.slice(name.length + 3) ?? standard);
const COUPLINGS = option('couplings', 100_000);
const RUNS = option('runs', 1_000_000);
const RATE = option('rate', 50);
const SECONDS = option('seconds', 60);
/** How often each page is asked alone. */
const ALONE = 60;
const MAPPINGS = 20;
const BATCH = 5_000;
const MOST_OPEN = 400;
const STARTED = Date.UTC(2026, 0, 1);

const setupId = randomUUID();
const mappings = Array.from({ length: MAPPINGS }, (_, number) => ({ id: randomUUID(), name: `MAPPING-${number}` }));
const globalId = (type: string, id: string): string => Buffer.from(`${type}:${id}`).toString('base64url');
const known = { coupling: '', run: '', job: '', entry: '' };

async function fill(db: Db): Promise<void> {
  const at = new Date(STARTED);
  const endpoint = {
    kind: 'DATAVERSE',
    baseUrl: 'http://127.0.0.1:9',
    webUrl: null,
    company: null,
    authentication: 'NONE',
    userName: null,
    tenantId: null,
    clientId: null,
    sealedSecret: null,
    identity: null,
  };
  const named = { revision: 1, createdAt: at, updatedAt: at };
  await insert(db, 'connectionSetups', 1, () => ({
    _id: setupId,
    name: 'Bench',
    enabled: true,
    business: { ...endpoint, kind: 'BUSINESS_CENTRAL' },
    sales: endpoint,
    ...named,
  }));
  await insert(db, 'integrationTableMappings', MAPPINGS, (number) => {
    const { id, name } = mappings[number]!;
    return {
      _id: id,
      connectionSetupId: setupId,
      name,
      description: `${name} of the company`,
      enabled: true,
      kind: 'TABLE',
      table: 'customers',
      integrationTable: 'accounts',
      direction: 'BIDIRECTIONAL',
      synchOnlyCoupledRecords: true,
      tableFilter: [],
      integrationTableFilter: [],
      fields: [],
      templates: [],
      updateConflictResolution: 'MERGE_FIELDS',
      deletionConflictResolution: 'NONE',
      wakeOnChange: true,
      dependsOn: [],
      nameWords: [name.toLowerCase()],
      descriptionWords: ['company'],
      ...named,
    };
  });
  await insert(db, 'jobQueueEntries', MAPPINGS, entry);
  await insert(db, 'couplings', COUPLINGS, coupling);
  await insert(db, 'jobQueueLogEntries', RUNS, run);
  await insert(db, 'synchJobs', RUNS / 5, synchJob);
  await insert(db, 'synchJobErrors', COUPLINGS / 20, synchJobError);
  // As the first worker does when it starts.
  await new CouplingCountsStore(db).complete(async () => mappings.map((of) => ({ ...of, connectionSetupId: setupId })));
}

async function insert(db: Db, collection: string, count: number, document: (number: number) => object): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const part = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => document(from + index));
    await db.collection(collection).insertMany(part, { writeConcern: { w: 1, j: false }, ordered: false });
  }
}

const of = (number: number) => {
  const { id: mappingId, name: mappingName } = mappings[number % MAPPINGS]!;
  return { connectionSetupId: setupId, mappingId, mappingName };
};

const error = {
  class: 'VALIDATION',
  code: 'TOO_LONG',
  message: 'name is too long',
  side: 'SALES',
  field: 'name',
  retryable: false,
};

function coupling(number: number): object {
  const _id = randomUUID();
  known.coupling = _id;
  const title = `${10_000 + number} Firm number ${number} of ${number % 1_000}`;
  const state = number % 50 === 0 ? 'FAILED' : number % 500 === 1 ? 'CONFLICT' : 'COUPLED';
  const at = new Date(STARTED + number * 1_000);
  return {
    _id,
    ...of(number),
    businessId: randomUUID(),
    salesId: randomUUID(),
    title,
    titleWords: title.toLowerCase().split(' '),
    state,
    stateSince: at,
    business: { version: '1', clean: true },
    sales: { version: '1', clean: true },
    bases: Array.from({ length: 20 }, (_, field) => ({
      field: `field${field}`,
      integrationField: `column${field}`,
      businessValue: 'as long as usual',
      salesValue: 'as long as usual',
    })),
    intents: [],
    late: [],
    conflicts: [],
    waitingFor: [],
    waitingKeys: [],
    related: {},
    openSteps: [],
    error: state === 'COUPLED' ? null : error,
    mappingHash: null,
    attempts: 0,
    nextAttemptAt: null,
    lastSynchedAt: at,
    lastResult: 'UNCHANGED',
    lastSynchJobId: null,
    revision: 1,
    createdAt: at,
  };
}

const runIds: string[] = [];

function run(number: number): object {
  const _id = randomUUID();
  known.run = _id;
  if (number >= RUNS - RUNS / 10) runIds.push(_id);
  const startedAt = new Date(STARTED + number * 20_000);
  return {
    _id,
    ...of(number),
    entryId: `entry-${number % MAPPINGS}`,
    code: `MAPPING-${number % MAPPINGS}`,
    description: 'A run',
    status: number % 100 === 0 ? 'ERROR' : 'SUCCESS',
    attempt: 1,
    startedAt,
    endedAt: new Date(startedAt.getTime() + 3_000),
    waitsForRunId: null,
    workerId: 'worker-1',
    workerName: 'host:1',
    startedBy: 'schedule',
    error: number % 100 === 0 ? error : null,
    leaseToken: number,
  };
}

function synchJob(number: number): object {
  const _id = randomUUID();
  known.job = _id;
  const startedAt = new Date(STARTED + (RUNS - RUNS / 10 + Math.floor(number / 2)) * 20_000);
  return {
    _id,
    ...of(Math.floor(number / 2)),
    kind: 'SYNCHRONIZATION',
    runId: runIds[Math.floor(number / 2)] ?? randomUUID(),
    direction: number % 2 === 0 ? 'TO_INTEGRATION_TABLE' : 'FROM_INTEGRATION_TABLE',
    status: 'SUCCESS',
    startedAt,
    finishedAt: new Date(startedAt.getTime() + 2_000),
    message: null,
    error: null,
    dryRun: false,
    basedOnId: null,
    total: null,
    inserted: 0,
    modified: 2,
    deleted: 0,
    unchanged: 1,
    skipped: 0,
    failed: 0,
    coupled: 0,
    uncoupled: 0,
    conflicts: 0,
    read: 3,
  };
}

function synchJobError(number: number): object {
  return {
    _id: randomUUID(),
    ...of(number),
    synchJobId: known.job,
    couplingId: known.coupling,
    title: `Firm ${number}`,
    businessId: randomUUID(),
    salesId: null,
    at: new Date(),
    error: { ...error, code: `CODE_${number % 20}` },
  };
}

function entry(number: number): object {
  const _id = `entry-${number}`;
  known.entry = _id;
  const at = new Date(STARTED);
  return {
    _id,
    ...of(number),
    code: `MAPPING-${number}`,
    description: 'Keeps a table in step',
    task: 'INTEGRATION_SYNCH',
    parameters: {},
    parameterString: null,
    status: 'READY',
    statusReason: null,
    oneOff: false,
    recurringJob: true,
    runOn: ['MONDAY'],
    startingTime: '08:00:00',
    endingTime: null,
    timeZone: 'UTC',
    minutesBetweenRuns: 30,
    cron: null,
    earliestStartAt: null,
    expiresAt: null,
    inactivityTimeoutMinutes: 5,
    maximumRetries: 0,
    retriesMade: 0,
    interruptionsInARow: 0,
    rerunDelaySeconds: 0,
    whenRetriesExhausted: 'STOP',
    recurrenceAnchor: 'END_OF_RUN',
    categoryCode: null,
    priority: 'NORMAL',
    timeoutSeconds: null,
    nextRunAt: new Date(Date.UTC(2099, 0, 1)),
    currentRunId: null,
    lastRunId: null,
    attempt: 0,
    slotAt: null,
    searchWords: [`mapping`, `${number}`],
    revision: 1,
    createdAt: at,
    updatedAt: at,
  };
}

interface PageOfDashboard {
  readonly name: string;
  readonly query: string;
  readonly variables: object;
}

/** The queries that the pages send, without totals, with what people look for. */
function pages(): PageOfDashboard[] {
  const documents = new Map(dashboardOperations().map(({ name, document }) => [name, withoutTotals(document)]));
  const page = (name: string, variables: object = {}, called = name): PageOfDashboard => ({
    name: called,
    query: documents.get(name) ?? '',
    variables,
  });
  const mappingName = mappings[3]!.name;
  return [
    page('Overview'),
    page('Couplings', { first: 50 }),
    page('Couplings', { first: 50, filter: { search: '12345 firm' } }, 'Couplings, searched'),
    page('Couplings', { first: 50, filter: { state: ['CONFLICT'] } }, 'Couplings in conflict'),
    page(
      'Couplings',
      { first: 50, filter: { mapping: [mappingName], state: ['FAILED'] } },
      'Couplings of a mapping, failed',
    ),
    page('Coupling', { id: globalId('Coupling', known.coupling) }),
    page('Runs', { first: 50 }),
    page('Runs', { first: 50, filter: { mapping: [mappingName], status: ['ERROR'] } }, 'Runs of a mapping, failed'),
    page('Run', { id: globalId('JobQueueLogEntry', known.run) }),
    page('Entries', { first: 50 }),
    page('Entry', { id: globalId('JobQueueEntry', known.entry) }),
    page('Mappings', { first: 50 }),
    page('Mapping', { id: globalId('IntegrationTableMapping', mappings[3]!.id) }),
    page('SynchJob', { id: globalId('SynchJob', known.job) }),
    page('Connections'),
  ].filter(({ query }) => query !== '');
}

const withoutTotals = (document: string): string =>
  printDocument(
    visit(parse(document), {
      Field: (node) =>
        node.kind === Kind.FIELD && ['totalCount', 'totalCountPrecision'].includes(node.name.value) ? null : undefined,
    }),
  );

/** One after the other: what each page costs by itself. */
async function measureAlone(): Promise<void> {
  print(`\n| page, asked alone | p50 ms | p99 ms | CPU ms | commands to MongoDB |\n|---|---|---|---|---|`);
  for (const { name, query, variables } of pages()) {
    for (let turn = 0; turn < 10; turn += 1) await service.ask(query, variables);
    const times: number[] = [];
    const [cpuMs, commands] = [service.cpuMs(), await commandsSoFar()];
    for (let turn = 0; turn < ALONE; turn += 1) {
      const sentAt = performance.now();
      await service.ask(query, variables);
      times.push(performance.now() - sentAt);
    }
    const each = (sum: number): string => (sum / ALONE).toFixed(1);
    const sums = [service.cpuMs() - cpuMs, (await commandsSoFar()) - commands];
    print(`${row(name, times)} ${sums.map(each).join(' | ')} |`);
  }
}

/** Commands that MongoDB was sent by anybody, but for those of its own housekeeping and of this question. */
async function commandsSoFar(): Promise<number> {
  const { metrics } = await service.db.command({ serverStatus: 1 });
  const all = Object.entries(metrics.commands as Record<string, { readonly total?: bigint | number }>);
  return all
    .filter(([name]) => ['find', 'aggregate', 'count', 'distinct', 'update', 'insert', 'findAndModify'].includes(name))
    .reduce((sum, [, { total = 0 }]) => sum + Number(total), 0);
}

/** Sends at a fixed rate, whatever the answers do: a slow answer does not spare the next request. */
async function measurePages(): Promise<void> {
  const all = pages();
  for (const { query, variables } of all) await service.ask(query, variables);
  const took = new Map(all.map(({ name }) => [name, [] as number[]]));
  const asked: Promise<void>[] = [];
  let [open, failed] = [0, 0];
  const begin = performance.now();
  for (let number = 0; number < RATE * SECONDS; number += 1) {
    const wait = begin + (number * 1_000) / RATE - performance.now();
    if (wait > 0) await delay(wait);
    const { name, query, variables } = all[number % all.length]!;
    const sentAt = performance.now();
    open += 1;
    if (open > MOST_OPEN)
      throw new Error('the answers do not keep pace with the requests: the machine is too busy for this rate');
    asked.push(
      service
        .ask(query, variables)
        .then(
          () => void took.get(name)?.push(performance.now() - sentAt),
          () => void (failed += 1),
        )
        .finally(() => (open -= 1)),
    );
  }
  await Promise.all(asked);
  if (failed > 0) print(`${failed} requests failed`);
  print(`\n| page | p50 ms | p99 ms |\n|---|---|---|`);
  for (const [name, times] of took) print(row(name, times));
  print(row(`**all, ${RATE} a second for ${SECONDS} s**`, [...took.values()].flat()));
  print(`Memory of the process afterwards: ${service.memoryMb()} MB`);
}

const row = (name: string, times: readonly number[]): string =>
  `| ${name} | ${percentile(times, 0.5).toFixed(1)} | ${percentile(times, 0.99).toFixed(1)} |`;

/** The first and the last page of the long lists, in turns, so that both meet the same machine. */
async function measureDepth(): Promise<void> {
  print(`\n| list | first page p50 ms | last page p50 ms | ratio |\n|---|---|---|---|`);
  for (const list of ['couplings', 'jobQueueLogEntries']) {
    const node = list === 'couplings' ? 'id title state' : 'id code status startedAt';
    const query = `query ($after: String) { ${list}(first: 50, after: $after) { edges { node { ${node} } } pageInfo { hasNextPage endCursor } } }`;
    const end = await service.ask(`{ ${list}(last: 51) { edges { cursor } } }`);
    const after: string = end[list].edges[0].cursor;
    const first: number[] = [];
    const last: number[] = [];
    for (let turn = 0; turn < 300; turn += 1) {
      for (const [times, variables] of [
        [first, {}],
        [last, { after }],
      ] as const) {
        const sentAt = performance.now();
        await service.ask(query, variables);
        times.push(performance.now() - sentAt);
      }
    }
    const [of1, ofLast] = [percentile(first, 0.5), percentile(last, 0.5)];
    print(`| ${list} | ${of1.toFixed(1)} | ${ofLast.toFixed(1)} | ${(ofLast / of1).toFixed(2)} |`);
  }
}

await using service = await startBenchedService(fill);
print(`${COUPLINGS} couplings, ${RUNS} log entries; process ${service.pid}; ${machine()}`);
// Others may still be at work: whoever measures can give these processes the machine now.
await delay(option('pause', 0) * 1_000);
await measureAlone();
if (RATE > 0) await measurePages();
await measureDepth();
