import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import { inject } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from './free-port.js';
import { Person, type System } from './person.js';
import {
  compiledProgram,
  type ProcessEnd,
  type RunningProcess,
  type RunningService,
  startProcess,
  startService,
} from './processes.js';

export type Row = Readonly<Record<string, unknown>>;

export interface Transition {
  readonly cursor: string;
  readonly code: string;
  readonly from: string | null;
  readonly to: string;
  readonly reason: string | null;
}

const REQUEST_MS = 30_000;

/** Statuses in which an entry rests after a run. */
const resting = new Set(['READY', 'FINISHED', 'ERROR', 'ON_HOLD', 'ON_HOLD_WITH_INACTIVITY_TIMEOUT']);

/**
 * The service as a user has it: real processes with a sandbox of their own, asked over GraphQL and over both systems'
 * APIs. The sandbox is a process beside the service, so that the service can die without it.
 */
export class Tandem implements AsyncDisposable {
  readonly token = createHash('sha256').update(randomUUID()).digest('base64url');
  readonly sandboxUrl: string;
  private service: RunningService | null = null;
  private sandbox: RunningProcess | null = null;
  private readonly clients: Client[] = [];
  private readonly person: Person;

  private constructor(
    private readonly dataDir: string,
    private readonly sandboxPort: number,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
    this.person = new Person(this.sandboxUrl);
  }

  /** A data folder and a database of its own; nothing runs yet but the sandbox. */
  static async open(
    env: Readonly<Record<string, string>> = {},
    mongoUri: string = inject('mongoUri'),
  ): Promise<Tandem> {
    const dataDir = await mkdtemp(join(tmpdir(), 'tandem-'));
    const database = `tandem_${randomUUID().slice(0, 8)}`;
    const uri = new URL(mongoUri);
    uri.pathname = `/${database}`;
    const tandem = new Tandem(dataDir, await freePort(), { MONGODB_URI: uri.href, ...env });
    await tandem.startSandbox();
    return tandem;
  }

  async startSandbox(): Promise<void> {
    const env = { SANDBOX_PORT: String(this.sandboxPort), SANDBOX_DATA_DIR: join(this.dataDir, 'sandbox') };
    this.sandbox = startProcess(compiledProgram('sandbox/main.js'), { env });
    await this.sandbox.line(/127\.0\.0\.1/);
  }

  async stopSandbox(): Promise<void> {
    await this.sandbox?.stop();
  }

  /** Starts the service and answers how long it took to be ready, in ms. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<number> {
    const startedAt = performance.now();
    this.service = await startService({
      SANDBOX: 'on',
      SANDBOX_PORT: String(this.sandboxPort),
      APPLY_SECONDS: '3',
      LEASE_SECONDS: '3',
      LOG_LEVEL: 'warn',
      ...this.environment,
      ...env,
    });
    return performance.now() - startedAt;
  }

  /** What another process needs to belong to the same installation. */
  get environment(): Record<string, string> {
    return { ADMIN_TOKEN: this.token, DATA_DIR: this.dataDir, ...this.env };
  }

  get url(): string {
    return this.running.url;
  }

  get output(): string {
    return this.running.output();
  }

  async kill(): Promise<void> {
    await this.running.kill('SIGKILL');
  }

  /** Asks it to end, and answers how it did. */
  async stop(): Promise<ProcessEnd> {
    return this.running.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) await client.dispose();
    await this.service?.kill();
    await this.sandbox?.kill();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** The data of an operation; throws with the answer's errors. */
  async ask(query: string, variables: Row = {}): Promise<Record<string, any>> {
    const { data, errors } = await this.askRaw(query, variables);
    if (errors !== undefined || data === null || data === undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  async askRaw(
    query: string,
    variables: Row = {},
    token: string | null = this.token,
  ): Promise<{ status: number; data?: Record<string, any> | null; errors?: { message: string; extensions: Row }[] }> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    return { status: response.status, ...((await response.json()) as object) };
  }

  /** All nodes of a Relay connection. */
  async all(field: string, selection: string, parameters = ''): Promise<Record<string, any>[]> {
    const nodes: Record<string, any>[] = [];
    let after: string | null = null;
    for (;;) {
      const query = `query($after: String) { ${field}(first: 100, after: $after${parameters === '' ? '' : `, ${parameters}`}) { edges { node { ${selection} } } pageInfo { hasNextPage endCursor } } }`;
      const page: Record<string, any> = (await this.ask(query, { after }))[field];
      nodes.push(...page.edges.map((edge: { node: Record<string, any> }) => edge.node));
      if (!page.pageInfo.hasNextPage) return nodes;
      after = page.pageInfo.endCursor;
    }
  }

  webSocket(token = this.token): Client {
    const client = createClient({
      url: `${this.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    this.clients.push(client);
    return client;
  }

  transitions(after: string | null, client = this.webSocket()): AsyncIterableIterator<Transition> {
    const query = 'subscription($after: String) { jobStatusTransitions(after: $after) { cursor code from to reason } }';
    const results = client.iterate<{ jobStatusTransitions: Transition }>({ query, variables: { after } });
    return (async function* () {
      for await (const { data, errors } of results) {
        if (errors !== undefined || data === null || data === undefined) throw new Error(JSON.stringify(errors));
        yield data.jobStatusTransitions;
      }
    })();
  }

  /** All transitions that the service has recorded so far, oldest first. */
  async recordedTransitions(): Promise<Transition[]> {
    return (await this.all('jobStatusTransitions', 'cursor code from to reason')) as unknown as Transition[];
  }

  /** Waits until the entry rests after a run that began after the cursor (or is the entry's first). */
  async restOf(code: string, after: string | null, withinMs = 60_000): Promise<Transition> {
    const stream = this.transitions(after);
    const timer = setTimeout(() => void stream.return?.(), withinMs);
    try {
      let ran = false;
      for await (const transition of stream) {
        if (transition.code !== code) continue;
        ran ||= transition.to === 'IN_PROCESS';
        if (ran && resting.has(transition.to) && !isToBeRunAgain(transition)) return transition;
      }
    } finally {
      clearTimeout(timer);
      await stream.return?.();
    }
    throw new Error(`${code} did not come to rest within ${withinMs} ms. The service printed:\n${this.output}`);
  }

  /** A cursor before the first transition: a stream from there tells everything. */
  async beginning(): Promise<string> {
    const [first] = await this.recordedTransitions();
    return first?.cursor ?? (await this.ask('{ liveCursor }')).liveCursor;
  }

  async liveCursor(): Promise<string> {
    return (await this.ask('{ liveCursor }')).liveCursor;
  }

  /** Waits for the first full synchronization that start-up begins. */
  async firstSynchronization(withinMs?: number): Promise<void> {
    await this.endOf('FULL_SYNCH#1', withinMs);
  }

  /** Waits until a one-off entry has ended; answers its last status. */
  async endOf(code: string, withinMs = 60_000): Promise<string> {
    const stream = this.transitions(await this.beginning());
    const timer = setTimeout(() => void stream.return?.(), withinMs);
    try {
      const known = (await this.recordedTransitions()).findLast((transition) => transition.code === code);
      if (known?.to === 'FINISHED' || known?.to === 'ERROR') return known.to;
      for await (const transition of stream) {
        if (transition.code === code && (transition.to === 'FINISHED' || transition.to === 'ERROR'))
          return transition.to;
      }
    } finally {
      clearTimeout(timer);
      await stream.return?.();
    }
    throw new Error(`${code} did not end within ${withinMs} ms. The service printed:\n${this.output}`);
  }

  /** Runs a mapping once, outside the schedule, and waits for its end. Answers the run. */
  async runOnce(code: string, withinMs?: number): Promise<Record<string, any>> {
    const { jobQueueEntry } = await this.ask('query($code: String!) { jobQueueEntry(code: $code) { id } }', { code });
    const { runJobQueueEntryOnce } = await this.ask(
      'mutation($id: ID!) { runJobQueueEntryOnce(input: { id: $id }) { run { id code } userErrors { message } } }',
      { id: jobQueueEntry.id },
    );
    await this.endOf(runJobQueueEntryOnce.run.code, withinMs);
    const { node } = await this.ask(
      'query($id: ID!) { node(id: $id) { ... on JobQueueLogEntry { id code status attempt error { class code message } synchJobs { direction status inserted modified unchanged failed coupled conflicts read } } } }',
      { id: runJobQueueEntryOnce.run.id },
    );
    return node;
  }

  async mappingId(name: string): Promise<string> {
    const query = 'query($name: String!) { integrationTableMapping(name: $name) { id } }';
    return (await this.ask(query, { name }))['integrationTableMapping'].id;
  }

  /** What a mutation answers; throws where it refuses something. */
  async mutate(name: string, type: string, input: Row, selection = ''): Promise<Record<string, any>> {
    const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code message field } } }`;
    const { [name]: payload } = await this.ask(query, { input });
    if (payload.userErrors.length > 0) throw new Error(JSON.stringify(payload.userErrors));
    return payload;
  }

  /** A new record for the other side of one of the business system; waits for the run, and answers its last status. */
  async createCounterpart(mapping: string, businessId: unknown): Promise<string> {
    const input = { mappingId: await this.mappingId(mapping), businessId, createMissing: true };
    const { run } = await this.mutate('coupleRecords', 'CoupleRecordsInput', input, 'run { code }');
    return this.endOf(run.code);
  }

  async setStatus(code: string, status: string): Promise<void> {
    const { jobQueueEntry } = await this.ask('query($code: String!) { jobQueueEntry(code: $code) { id } }', { code });
    await this.mutate('setJobQueueEntryStatus', 'SetJobQueueEntryStatusInput', { id: jobQueueEntry.id, status });
  }

  async control(method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(`${this.sandboxUrl}/control${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    if (!response.ok) throw new Error(`${method} /control${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** How many operations both systems were asked to write since the counters were set back, single ones and those inside batches. */
  async writeRequests(): Promise<number> {
    const { operations } = (await this.control('GET', '/requests')) as {
      readonly operations: readonly { readonly method: string; readonly count: number }[];
    };
    return operations.filter(({ method }) => method !== 'GET').reduce((sum, { count }) => sum + count, 0);
  }

  /** Rows of Business Central, read by its API as another user. */
  async businessRows(entitySet: string): Promise<Row[]> {
    return this.person.rows('BUSINESS', entitySet);
  }

  async salesRows(entitySet: string): Promise<Row[]> {
    return this.person.rows('SALES', entitySet);
  }

  /** Changes a record by its system's own API, as another user. */
  async editAsPerson(system: System, entitySet: string, id: string, values: Row): Promise<void> {
    await this.person.update(system, entitySet, id, values);
  }

  /** As an administrator enters it: Dataverse takes no currency without exchange rate. Throws where the currency has this one. */
  async createExchangeRate(currencyCode: string): Promise<void> {
    const values = { currencyCode, startingDate: '2020-01-01', exchangeRateAmount: 1, relationalExchangeRateAmount: 2 };
    const rate = { system: 'BUSINESS', entitySet: 'currencyExchangeRates', action: 'create', values };
    await this.control('POST', '/edit', rate);
  }

  private get running(): RunningService {
    if (this.service === null) throw new Error('the service was not started');
    return this.service;
  }
}

/** READY after a failure or an interruption is no rest: the run is going to be repeated. */
const isToBeRunAgain = ({ to, reason }: Transition): boolean => to === 'READY' && reason !== null;
