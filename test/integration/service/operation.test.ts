import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import { Tandem } from '../../support/tandem.js';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Long enough that no word of a log line holds it by chance. */
const LONG_ENOUGH = 6;

let tandem: Tandem;
let folder: string;
const spansFile = () => join(folder, 'spans');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-spans-'));
  tandem = await Tandem.open();
  await tandem.start({
    LOG_LEVEL: 'trace',
    SPANS_FILE: spansFile(),
    NODE_OPTIONS: `--import ${new URL('../../support/programs/record-spans.mjs', import.meta.url).href}`,
  });
  await tandem.firstSynchronization();
});
afterAll(async () => {
  await tandem[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const metrics = async (token: string | null = tandem.token): Promise<Response> =>
  fetch(`${tandem.url}/metrics`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } });

/** The sum of all series of a figure whose labels hold this text. */
async function figure(name: string, labels = ''): Promise<number> {
  const lines = (await (await metrics()).text()).split('\n');
  const series = lines.filter((line) => line.startsWith(`${name}{`) && line.includes(labels));
  if (series.length === 0) throw new Error(`/metrics has no ${name} with ${labels}`);
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

describe('/metrics', () => {
  test('is for those with a token, a MONITOR among them', async () => {
    expect((await metrics(null)).status).toBe(401);
    expect((await metrics('nobody')).status).toBe(401);
    const { createApiToken } = await tandem.ask(
      'mutation { createApiToken(input: { name: "Prometheus", role: MONITOR }) { secret } }',
    );
    const answer = await metrics(createApiToken.secret);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/plain; version=0.0.4'),
    ]);
  });

  test('tells runs, records, requests, lags, budgets and the delay of the event loop', async () => {
    expect(await figure('tandem_runs_total', 'task="FULL_SYNCH",outcome="SUCCESS"')).toBe(1);
    expect(await figure('tandem_run_duration_seconds_count', 'task="FULL_SYNCH"')).toBe(1);
    const { synchJobs } = await tandem.ask(
      '{ synchJobs(first: 100, filter: { mapping: ["CUSTOMER"] }) { edges { node { inserted coupled } } } }',
    );
    const sum = (action: string) =>
      synchJobs.edges.reduce((all: number, { node }: { node: Record<string, number> }) => all + (node[action] ?? 0), 0);
    expect(await figure('tandem_records_total', 'mapping="CUSTOMER",action="inserted"')).toBe(sum('inserted'));
    expect(await figure('tandem_records_total', 'mapping="CUSTOMER",action="coupled"')).toBe(sum('coupled'));
    for (const system of ['BUSINESS_CENTRAL', 'DATAVERSE']) {
      expect(await figure('tandem_connector_requests_total', `system="${system}",status="200"`)).toBeGreaterThan(10);
      expect(await figure('tandem_connector_request_duration_seconds_count', system)).toBeGreaterThan(10);
    }
    expect(await figure('tandem_request_budget_limit', 'side="SALES"')).toBe(6_000);
    expect(await figure('tandem_request_budget_used', 'side="SALES"')).toBeGreaterThan(10);
    expect(await figure('tandem_queue_lag_seconds')).toBeGreaterThanOrEqual(0);
    expect(
      await figure('tandem_mapping_lag_seconds', 'connection="Sandbox",mapping="CUSTOMER"'),
    ).toBeGreaterThanOrEqual(0);
    expect(await figure('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });

  test('counts subscribers while they are there', async () => {
    const events = tandem.webSocket().iterate({ query: 'subscription { jobStatusTransitions { code } }' });
    const waiting = events.next();
    await eventually(
      'the subscriber is counted',
      async () => (await figure('tandem_subscribers').catch(() => 0)) === 1,
    );
    await events.return?.();
    await waiting;
    await eventually('it is gone', async () => (await figure('tandem_subscribers')) === 0);
  });
});

test('no log line of a whole first synchronization holds a secret or a record’s content', async () => {
  const output = tandem.output;
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  const runLines = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'run ended');
  expect(runLines.length).toBeGreaterThan(10);
  const ofMappings = runLines.filter(({ mappingId }) => mappingId);
  expect(ofMappings.length).toBeGreaterThan(10);
  for (const { runId, entry } of runLines) expect([typeof runId, typeof entry]).toEqual(['string', 'string']);
  const secrets = ['sandbox-secret', 'sandbox-key', tandem.token, 'Bearer ', 'eyJ'];
  expect(secrets.filter((secret) => output.includes(secret))).toEqual([]);
  const contents = await contentsOfRecords();
  expect(contents.size).toBeGreaterThan(500);
  expect([...contents].filter((content) => lines.some((line) => line.includes(content)))).toEqual([]);
});

/** Texts that stand in records of both systems, and hardly anywhere else. */
async function contentsOfRecords(): Promise<ReadonlySet<string>> {
  const rows = [
    ...(await tandem.businessRows('customers')),
    ...(await tandem.businessRows('contacts')),
    ...(await tandem.businessRows('items')),
    ...(await tandem.salesRows('accounts')),
    ...(await tandem.salesRows('contacts')),
    ...(await tandem.salesRows('products')),
  ];
  const names = [
    'displayName',
    'name',
    'email',
    'emailaddress1',
    'phoneNumber',
    'telephone1',
    'addressLine1',
    'address1_line1',
    'fullname',
    'lastname',
    'surname',
    'website',
  ];
  const contents = rows.flatMap((row) => names.map((field) => row[field]));
  return new Set(contents.filter((value): value is string => typeof value === 'string' && value.length >= LONG_ENOUGH));
}

const spans = async (): Promise<readonly Span[]> =>
  (await readFile(spansFile(), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Span);

test('a trace leads from a mutation to its run to the requests of that run', async () => {
  const { integrationTableMapping } = await tandem.ask('{ integrationTableMapping(name: "CUSTOMER") { id } }');
  const { synchronizeMapping } = await tandem.ask(
    'mutation ($id: ID!) { synchronizeMapping(input: { id: $id, full: true }) { run { id code } } }',
    { id: integrationTableMapping.id },
  );
  await tandem.endOf(synchronizeMapping.run.code);
  const run = await eventually('the span of the run has ended', async () =>
    (await spans()).find(({ attributes }) => attributes['tandem.entry.code'] === synchronizeMapping.run.code),
  );
  const all = await spans();
  const mutation = all.find(({ spanId }) => spanId === run.parentSpanId);
  expect(mutation).toMatchObject({ name: 'mutation synchronizeMapping', traceId: run.traceId, parentSpanId: null });
  expect(run).toMatchObject({ name: 'run INTEGRATION_SYNCH', attributes: { 'tandem.mapping.name': 'CUSTOMER' } });
  const requests = all.filter(({ parentSpanId }) => parentSpanId === run.spanId);
  expect(requests.map(({ name }) => name)).toEqual(expect.arrayContaining(['GET BUSINESS_CENTRAL', 'GET DATAVERSE']));
  for (const { traceId, attributes } of requests) {
    expect([traceId, attributes['http.response.status_code']]).toEqual([run.traceId, expect.any(Number)]);
  }
  const contents = [...(await contentsOfRecords())];
  const told = readFileSync(spansFile(), 'utf8');
  expect(contents.filter((content) => told.includes(content))).toEqual([]);
});

test('SIGTERM answers what was begun, closes sockets with 1001, and hands leases back', async () => {
  const slowly = (entitySet: string, ms: number) =>
    tandem.control('POST', '/faults', { system: 'SALES', entitySet, effect: { kind: 'delay', ms } });
  await slowly('products', 60_000);
  await slowly('accounts', 1_500);
  const { integrationTableMapping } = await tandem.ask('{ integrationTableMapping(name: "ITEM-PRODUCT") { id } }');
  const { synchronizeMapping } = await tandem.ask(
    'mutation ($id: ID!) { synchronizeMapping(input: { id: $id, full: true }) { run { id code } } }',
    { id: integrationTableMapping.id },
  );
  const { code } = synchronizeMapping.run;
  await eventually('the run is in process', async () =>
    (await tandem.recordedTransitions()).some((one) => one.code === code && one.to === 'IN_PROCESS'),
  );
  const socket = new WebSocket(`${tandem.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${tandem.token}` } }));
  await once(socket, 'message');
  const closed = once(socket, 'close');
  const begun = tandem.askRaw(
    '{ couplings(first: 1, filter: { mapping: ["CUSTOMER"] }) { edges { node { comparison { equal } } } } }',
  );
  const stopping = tandem.stop();
  expect((await closed)[0]).toBe(1001);
  expect((await begun).data?.couplings.edges[0].node.comparison.length).toBeGreaterThan(3);
  expect(await stopping).toEqual({ code: 0, signal: null });
  await tandem.control('DELETE', '/faults');
  await tandem.start();
  const { jobQueueEntries } = await tandem.ask(
    'query ($code: String!) { jobQueueEntries: jobQueueEntry(code: $code) { log { edges { node { status error { code } } } } } }',
    { code },
  );
  const runs = jobQueueEntries.log.edges.map(({ node }: { node: { status: string } }) => node.status);
  // Handed back at once, not found out by the sweep once its lease is over; the next process goes on with it.
  expect(runs).toContain('INTERRUPTED');
  expect(await tandem.endOf(code)).toBe('FINISHED');
});
