import type { TableMetadata } from '../../mapping/field-value.js';
import {
  type ChangePage,
  type Connector,
  ConnectorError,
  type ConnectorFeatures,
  type ConnectorTestResult,
  type EndpointAccess,
  type FindRequest,
  type PeekedChanges,
  type ReadByIdsRequest,
  type ReadChangesRequest,
  type ReadMatchingRequest,
  type RowVersion,
  type SourceRow,
  type TableName,
  type WriteOutcome,
  type WriteRequest,
} from '../connector.js';
import { type BatchSender, settleBatches } from '../odata/batch-writes.js';
import { isGuid } from '../odata/canonical.js';
import { type Collection, findIn, readMatchingIn, sweepOf } from '../odata/collection-reads.js';
import { runTestSteps, tryWriting } from '../odata/connection-test.js';
import { Expiring } from '../odata/expiring.js';
import { GatheredReads } from '../odata/gathered-reads.js';
import { baseAddress } from '../odata/links.js';
import { rowsOf, textOf } from '../odata/odata-client.js';
import { type OpenedClient, openClient } from '../odata/open-client.js';
import { type ConnectorOptions, type ResolvedOptions, resolveOptions } from '../odata/options.js';
import { pagesOf, rowsIn } from '../odata/pages.js';
import { chunksOf, inParallel } from '../odata/parallel.js';
import { withPrepared } from '../odata/prepared-writes.js';
import { firstPages, PEEKED_ROWS } from '../peek-changes.js';
import { sendReads } from './batched-reads.js';
import { readDataverseChanges } from './changes.js';
import { createMultiple, planBulk } from './create-multiple.js';
import { dataverseErrors } from './error-codes.js';
import { dataverseDialect } from './filter-dialect.js';
import { loadTable, type Table, tableNames } from './metadata.js';
import { equalTo, lookupTablesPreference, rowReader, selectOf, versionOf } from './values.js';
import { type PreparedWrite, prepareWrite, sendBatch } from './write.js';

/** The version of the Web API whose behaviour this connector knows; later ones are not assumed to be the same. */
const API_PATH = 'api/data/v9.2/';

/** Dataverse takes at most 52 requests of a user at once, and recommends how many in each answer. */
const GATE = { initial: 4, maximum: 52, window: { requests: 6_000, seconds: 300 } };

const defaults = {
  /** The most that Dataverse gives. */
  pageSize: 5_000,
  /** Above that a batch gets no faster, and its longer run counts against the user's execution time. */
  batchSize: 50,
  /** Dataverse gives up a request after two minutes. */
  applyMs: 120_000,
};

/** Ids in one request: keeps the address far below the 32 KB that the system takes. */
const IDS_PER_REQUEST = 250;

/** Dynamics 365 Sales in Dataverse, by its Web API. */
export class DataverseConnector implements Connector {
  readonly features: ConnectorFeatures = {
    changeTracking: true,
    deletions: true,
    batch: true,
    bulkWrite: true,
    clientAssignedIds: true,
    changeTimes: 'MOMENT',
  };
  readonly applyMs: number;
  readonly #options: ResolvedOptions;
  readonly #opened: OpenedClient;
  readonly #tables: Expiring<Table>;
  /** Tables that were found not to take CreateMultiple. */
  readonly #withoutCreateMultiple = new Set<string>();

  constructor(access: EndpointAccess, options: ConnectorOptions = {}) {
    this.#options = resolveOptions(options, defaults);
    this.applyMs = this.#options.applyMs;
    const base = apiAddress(access.baseUrl);
    const headers = {
      accept: 'application/json',
      'odata-version': '4.0',
      'odata-maxversion': '4.0',
      // Keeps caches in between from answering.
      'if-none-match': 'null',
    };
    this.#opened = openClient(
      access,
      { base, scope: `${base.origin}/.default`, dialect: dataverseErrors, gate: GATE, headers },
      this.#options,
    );
    this.#tables = new Expiring(this.#options.metadataLifetimeMs);
  }

  async identity(signal: AbortSignal): Promise<string> {
    const { body } = await this.#client.getJson('WhoAmI', signal);
    return textOf(body, 'OrganizationId').toLowerCase();
  }

  async test(signal: AbortSignal): Promise<ConnectorTestResult> {
    const client = this.#client;
    let version: string | null = null;
    return runTestSteps(
      [
        ...this.#opened.openingSteps(signal),
        { step: 'COMPANY', run: async () => `The organisation is ${await this.identity(signal)}` },
        {
          step: 'METADATA',
          run: async () => {
            version = textOf((await client.getJson('RetrieveVersion', signal)).body, 'Version');
            const { metadata } = await this.#table('accounts', signal);
            return `Dataverse ${version}; accounts has ${metadata.fields.size} columns`;
          },
        },
        {
          step: 'READ',
          run: async () =>
            `Accounts can be read (${rowsOf((await client.getJson('accounts?$select=accountid&$top=1', signal)).body).length} of them asked for)`,
        },
        { step: 'WRITE', run: () => tryWriting(this, { table: 'accounts', field: 'name' }, signal) },
      ],
      () => version,
      signal,
    );
  }

  tables(signal: AbortSignal): Promise<readonly TableName[]> {
    return tableNames(this.#client, signal);
  }

  async metadata(table: string, signal: AbortSignal): Promise<TableMetadata> {
    return (await this.#table(table, signal)).metadata;
  }

  async *readChanges(request: ReadChangesRequest, signal: AbortSignal): AsyncGenerator<ChangePage, void, undefined> {
    const table = await this.#table(request.table, signal);
    yield* readDataverseChanges(this.#client, table, request, this.#options, signal);
  }

  async peekChanges(requests: readonly ReadChangesRequest[], signal: AbortSignal): Promise<PeekedChanges[]> {
    const client = new GatheredReads(this.#client, (reads, either) => sendReads(this.#client, reads, either));
    const options = { ...this.#options, pageSize: PEEKED_ROWS };
    const tableOf = (entitySet: string) => this.#table(entitySet, signal);
    const read = async function* (request: ReadChangesRequest) {
      yield* readDataverseChanges(client, await tableOf(request.table), request, options, signal);
    };
    return firstPages(requests.map(read), signal);
  }

  async readByIds({ table: entitySet, fields, ids }: ReadByIdsRequest, signal: AbortSignal): Promise<SourceRow[]> {
    const table = await this.#table(entitySet, signal);
    const select = selectOf(table, fields);
    const readRow = rowReader(table, fields);
    const read = (some: readonly string[]) => async (either: AbortSignal) => {
      const filter = `Microsoft.Dynamics.CRM.In(PropertyName='${table.primaryId}',PropertyValues=${JSON.stringify(some)})`;
      const path = `${entitySet}?$select=${select}&$filter=${encodeURIComponent(filter)}`;
      return rowsIn(pagesOf(this.#client, path, { prefer: lookupTablesPreference }, either), readRow);
    };
    // Ids come from people too: what is no GUID names no record, and must not become a part of the condition.
    return (await inParallel(chunksOf(ids.filter(isGuid), IDS_PER_REQUEST).map(read), signal)).flat();
  }

  async find(request: FindRequest, signal: AbortSignal): Promise<SourceRow[]> {
    const collection = collectionOf(await this.#table(request.table, signal));
    return findIn(this.#client, collection, request, this.#options.pageSize, signal);
  }

  async *readMatching(
    request: ReadMatchingRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SourceRow[], void, undefined> {
    const collection = collectionOf(await this.#table(request.table, signal));
    yield* readMatchingIn(this.#client, collection, request, this.#options.pageSize, signal);
  }

  async *sweep(entitySet: string, signal: AbortSignal): AsyncGenerator<readonly RowVersion[], void, undefined> {
    const collection = collectionOf(await this.#table(entitySet, signal));
    yield* sweepOf(this.#client, collection, this.#options.pageSize, signal);
  }

  async write(request: WriteRequest, signal: AbortSignal): Promise<WriteOutcome[]> {
    try {
      return await this.#write(request, await this.#table(request.table, signal), signal);
    } catch (cause) {
      signal.throwIfAborted();
      // Only what precedes the first write can fail as a whole; a sender that may no longer write ends the call at any place.
      if (!(cause instanceof ConnectorError)) throw cause;
      return request.operations.map(() => ({ kind: 'REFUSED', error: cause }));
    }
  }

  async #write(request: WriteRequest, table: Table, signal: AbortSignal): Promise<WriteOutcome[]> {
    const client = this.#client;
    const sender = {
      send: (writes: readonly PreparedWrite[], either: AbortSignal) =>
        sendBatch(client, table, request, writes, either),
      pause: (durationMs: number) => client.pause(durationMs),
      retry: this.#options.retry,
      random: this.#options.random,
    };
    const versions = table.checksVersions ? null : await this.#versionsBefore(request, signal);
    return withPrepared(
      request.operations,
      (operation) => prepareWrite(client.base, table, request.fields, operation, versions),
      (prepared) => this.#settle(request, table, prepared, sender, signal),
    );
  }

  /** The creates of many rows go in calls of their own, about ten times as fast; the rows of a refused call go by batch. */
  async #settle(
    request: WriteRequest,
    table: Table,
    prepared: readonly PreparedWrite[],
    sender: BatchSender<PreparedWrite>,
    signal: AbortSignal,
  ): Promise<WriteOutcome[]> {
    const { calls, others } = planBulk(prepared, !this.#withoutCreateMultiple.has(table.entitySet));
    const { table: name, fields, assertHeld } = request;
    const settled = new Map<PreparedWrite, WriteOutcome>();
    const batched = [...others];
    const call = (writes: readonly PreparedWrite[]) => async (either: AbortSignal) => {
      const read = (ids: readonly string[]) => this.readByIds({ table: name, fields, ids }, either);
      const how = { read, assertHeld };
      const result = await createMultiple(this.#client, table, writes, how, either);
      if (result.kind === 'SETTLED') {
        writes.forEach((write, index) => {
          const outcome = result.outcomes[index];
          if (outcome !== undefined) settled.set(write, outcome);
        });
        return;
      }
      if (result.isUnsupported) this.#withoutCreateMultiple.add(table.entitySet);
      batched.push(...writes);
    };
    await inParallel(calls.map(call), signal);
    const outcomes = await settleBatches(chunksOf(batched, this.#options.batchSize), sender, signal);
    batched.forEach((write, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined) settled.set(write, outcome);
    });
    return prepared.map((write) => settled.get(write) ?? missingOutcome());
  }

  async close(): Promise<void> {
    await this.#opened.close();
  }

  /** The present versions of the rows that are to be changed, for a table whose writes cannot carry a version. */
  async #versionsBefore(
    { table, operations }: WriteRequest,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const ids = operations.flatMap((operation) => (operation.kind === 'CREATE' ? [] : operation.id));
    const rows = ids.length === 0 ? [] : await this.readByIds({ table, fields: [], ids }, signal);
    return new Map(rows.map(({ id, version }) => [id, version]));
  }

  get #client() {
    return this.#opened.client;
  }

  #table(entitySet: string, signal: AbortSignal): Promise<Table> {
    return this.#tables.get(entitySet, () => loadTable(this.#client, entitySet, signal), signal);
  }
}

/** What reading a table needs; see Collection. */
const collectionOf = (table: Table): Collection => ({
  path: table.entitySet,
  metadata: table.metadata,
  idFields: table.primaryId,
  dialect: dataverseDialect(table),
  selectOf: (fields) => selectOf(table, fields),
  rowReader: (fields) => rowReader(table, fields),
  versionOf: (row) => versionOf(table, row),
  equalTo: (field, value) => equalTo(table, field, value),
  changedSince: (instant) => `modifiedon ge ${wholeSecond(instant)}`,
  pageHeaders: (size) => ({ prefer: `odata.maxpagesize=${size},${lookupTablesPreference}` }),
});

function missingOutcome(): never {
  throw new Error('fewer outcomes than operations');
}

/** The address of the Web API, from that of the organisation or of the API itself. */
function apiAddress(text: string): URL {
  const base = baseAddress(text);
  return /\/api\/data\/v\d+\.\d+\/$/.test(base.pathname) ? base : new URL(API_PATH, base);
}

/** `modifiedon` has whole seconds; a finer bound would leave out a row of the same second. */
const wholeSecond = (instant: Date): string => `${instant.toISOString().slice(0, 19)}Z`;
