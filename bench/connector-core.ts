import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Dispatcher, Pool } from 'undici';
import type { EndpointAccess } from '../src/connectors/connector.js';

/**
 * The client core (token, gate, limits, classification, JSON) beside a bare loop over undici that sends the same requests and
 * reads the same answers: reading pages one after the other, and writing batches four at a time. Both ask a sandbox in a process
 * of its own. Prints a table; fails below 0.9.
 *
 * `npm run bench:connectors`
 */
const built = <T>(path: string): Promise<T> => import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<T>;

const ROWS = 20_000;
const PAGE_SIZE = 1_000;
const BATCHES = 20;
const BATCH_SIZE = 50;
const AT_ONCE = 4;
const ROUNDS = 25;
const LEAST = 0.9;
const API = '/api/data/v9.2/';
const SELECT =
  'accounts?$select=name,address1_line1,address1_city,address1_country,telephone1,emailaddress1,creditlimit';
const never = new AbortController().signal;

async function measure(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  const sandbox = spawn(process.execPath, [fileURLToPath(new URL('../dist/sandbox/main.js', import.meta.url))], {
    env: { ...process.env, SANDBOX_PORT: '0', SANDBOX_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface({ input: sandbox.stdout }), 'line')) as [string];
    const origin = /http:\/\/[\d.:]+/.exec(line)?.[0] ?? '';
    await fetch(`${origin}/control/reset`, { method: 'POST', body: JSON.stringify({ sizes: { accounts: ROWS } }) });
    const client = await coreClient(origin);
    const authorization = await client.authorization.header(never);
    const bare = { pool: new Pool(origin, { connections: AT_ONCE }), authorization: authorization ?? '' };
    const rows = [
      ['reading pages', await compare(await coreReads(client.client), bareReads(bare))],
      ['writing batches', await compare(coreWrites(client.client), bareWrites(bare))],
    ] as const;
    console.log(
      `| ${ROUNDS} rounds, the best | client core, ms | bare undici, ms | ratio, median of pairs |\n|---|---|---|---|`,
    );
    for (const [what, times] of rows)
      console.log(`| ${what} | ${times.core.toFixed(1)} | ${times.bare.toFixed(1)} | ${times.ratio.toFixed(2)} |`);
    if (rows.some(([, times]) => times.ratio < LEAST)) {
      console.error(`expected at least ${LEAST} of the bare loop`);
      process.exitCode = 1;
    }
    await Promise.all([client.close(), bare.pool.close()]);
  } finally {
    sandbox.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

type Round = () => Promise<unknown>;

interface Compared {
  /** The best rounds: whatever else the machine does only ever adds. */
  readonly core: number;
  readonly bare: number;
  /** Median of bare to core, each of two rounds that follow one another. */
  readonly ratio: number;
}

async function compare(core: Round, bare: Round): Promise<Compared> {
  const times: { readonly core: number; readonly bare: number }[] = [];
  const timed = async (run: Round): Promise<number> => {
    const startedAt = performance.now();
    await run();
    return performance.now() - startedAt;
  };
  // The first rounds warm both up.
  for (let round = -2; round < ROUNDS; round += 1) {
    const coreFirst = round % 2 === 0;
    const [first, second] = [await timed(coreFirst ? core : bare), await timed(coreFirst ? bare : core)];
    if (round >= 0) times.push(coreFirst ? { core: first, bare: second } : { core: second, bare: first });
  }
  return {
    core: Math.min(...times.map((one) => one.core)),
    bare: Math.min(...times.map((one) => one.bare)),
    ratio: times.map((one) => one.bare / one.core).toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0,
  };
}

function batchOf(number: number): string {
  const part = (at: number) =>
    `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nPOST /api/data/v9.2/accounts?$select=name HTTP/1.1\r\nContent-Type: application/json\r\nPrefer: return=representation\r\n\r\n{"name":"Bench ${number} ${at}","telephone1":"+49 555 ${at}"}\r\n`;
  return `${Array.from({ length: BATCH_SIZE }, (_unused, at) => part(at)).join('')}--b--\r\n`;
}

async function coreClient(origin: string) {
  const { openClient } = await built<typeof import('../src/connectors/odata/open-client.js')>(
    'connectors/odata/open-client.js',
  );
  const { resolveOptions } =
    await built<typeof import('../src/connectors/odata/options.js')>('connectors/odata/options.js');
  const { dataverseErrors } = await built<typeof import('../src/connectors/dataverse/error-codes.js')>(
    'connectors/dataverse/error-codes.js',
  );
  const access: EndpointAccess = {
    kind: 'DATAVERSE',
    baseUrl: origin,
    company: null,
    authentication: {
      kind: 'OAUTH2_CLIENT_CREDENTIALS',
      tenantId: 'sandbox',
      clientId: 'tandem',
      secret: 'sandbox-secret',
      tokenUrl: `${origin}/sandbox/oauth2/v2.0/token`,
    },
  };
  const gate = { initial: AT_ONCE, maximum: AT_ONCE };
  const options = resolveOptions({}, { pageSize: PAGE_SIZE, batchSize: BATCH_SIZE, applyMs: 120_000 });
  const base = new URL('/api/data/v9.2/', origin);
  return openClient(
    access,
    { base, scope: `${origin}/.default`, dialect: dataverseErrors, gate, headers: {} },
    options,
  );
}

type CoreClient = Awaited<ReturnType<typeof coreClient>>['client'];
interface Bare {
  readonly pool: Pool;
  readonly authorization: string;
}

const pageHeaders = { accept: 'application/json', prefer: `odata.maxpagesize=${PAGE_SIZE}` };

async function coreReads(client: CoreClient): Promise<Round> {
  const { pagesOf } = await built<typeof import('../src/connectors/odata/pages.js')>('connectors/odata/pages.js');
  return async () => {
    let rows = 0;
    for await (const { body } of pagesOf(client, SELECT, pageHeaders, never))
      rows += (body['value'] as unknown[]).length;
    expectRows(rows);
  };
}

function bareReads({ pool, authorization }: Bare): Round {
  const headers = { ...pageHeaders, authorization };
  return async () => {
    let rows = 0;
    for (let path: string | null = `${API}${SELECT}`; path !== null; ) {
      const { body }: Dispatcher.ResponseData = await pool.request({ method: 'GET', path, headers });
      const page = JSON.parse(await body.text()) as { value: unknown[]; '@odata.nextLink'?: string };
      rows += page.value.length;
      const next: string | undefined = page['@odata.nextLink'];
      path = next === undefined ? null : next.slice(next.indexOf(API));
    }
    expectRows(rows);
  };
}

function expectRows(rows: number): void {
  if (rows !== ROWS) throw new Error(`expected ${ROWS} rows, got ${rows}`);
}

const batchHeaders = { 'content-type': 'multipart/mixed; boundary=b', prefer: 'odata.continue-on-error' };

function coreWrites(client: CoreClient): Round {
  const send = (body: string) =>
    client.send(
      { method: 'POST', kind: 'BATCH', path: '$batch', headers: batchHeaders, body },
      ({ text }) => text.length,
      never,
    );
  // The gate lets as many through at once as the bare loop sends.
  return () => Promise.all(bodies().map(send));
}

function bareWrites({ pool, authorization }: Bare): Round {
  const headers = { ...batchHeaders, authorization };
  const path = `${API}$batch`;
  return async () => {
    const waiting = bodies().values();
    const work = async () => {
      for (const body of waiting) await (await pool.request({ method: 'POST', path, headers, body })).body.text();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };
}

function bodies(): string[] {
  return Array.from({ length: BATCHES }, (_unused, number) => batchOf(number));
}

await measure();
