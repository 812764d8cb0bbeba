import type { FieldValues, TableMetadata } from '../../mapping/field-value.js';
import type {
  ChangePage,
  Connector,
  ConnectorFeatures,
  ConnectorTestResult,
  EndpointAccess,
  FindRequest,
  PeekedChanges,
  ReadByIdsRequest,
  ReadChangesRequest,
  ReadMatchingRequest,
  RowVersion,
  SourceRow,
  TableName,
  WriteOutcome,
  WriteRequest,
} from '../connector.js';
import { settleBatch, settleBatches } from '../odata/batch-writes.js';
import { isGuid } from '../odata/canonical.js';
import { type Collection, findIn, readMatchingIn, sweepOf } from '../odata/collection-reads.js';
import { runTestSteps, tryWriting } from '../odata/connection-test.js';
import { equalTo } from '../odata/find.js';
import { GatheredReads } from '../odata/gathered-reads.js';
import { type OpenedClient, openClient } from '../odata/open-client.js';
import { type ConnectorOptions, type ResolvedOptions, resolveOptions } from '../odata/options.js';
import { pagesOf, rowsIn } from '../odata/pages.js';
import { chunksOf, inParallel } from '../odata/parallel.js';
import { locatedForWrite, withPrepared } from '../odata/prepared-writes.js';
import { firstPages, PEEKED_ROWS } from '../peek-changes.js';
import { sendReads } from './batched-reads.js';
import { pageHeaders, readBusinessCentralChanges } from './changes.js';
import { isFilledWhenBlank } from './code-fields.js';
import { businessCentralErrors } from './error-codes.js';
import { businessCentralDialect } from './filter-dialect.js';
import { MODIFIED } from './metadata.js';
import { BusinessCentralService, type Company, environmentAddress, freshRead, type LocatedSet } from './service.js';
import { TableLocks } from './table-locks.js';
import { fieldIn, rowReader, selectOf, versionOf } from './values.js';
import { type PreparedWrite, prepareWrite, sendBatch } from './write.js';

/** Five requests of a user run at once, further ones queue; one place is left to people and other programs. */
const GATE = { initial: 4, maximum: 4, window: { requests: 6_000, seconds: 300 } };

/** The audience of Business Central's API, online and on premises alike. */
const SCOPE = 'https://api.businesscentral.dynamics.com/.default';

/** The most operations that one batch takes. */
const MAX_BATCH = 100;

const defaults = {
  /** A quarter of what the system gives: its pages take long to make, and memory here. */
  pageSize: 5_000,
  batchSize: MAX_BATCH,
  /** A request is cancelled after 8 minutes at the system and 10 at its gateway. */
  applyMs: 600_000,
};

/** Ids in one filter: about 50 characters each, so that the address stays below 4 KB. */
const IDS_PER_REQUEST = 50;

/** Business Central by its API v2.0, and by the companion API where the company has it. */
export class BusinessCentralConnector implements Connector {
  readonly features: ConnectorFeatures = {
    changeTracking: false,
    deletions: false,
    batch: true,
    bulkWrite: false,
    clientAssignedIds: false,
    changeTimes: 'MOMENT',
  };
  readonly applyMs: number;
  readonly #options: ResolvedOptions;
  readonly #opened: OpenedClient;
  readonly #service: BusinessCentralService;
  readonly #creating = new TableLocks();

  constructor(access: EndpointAccess, options: ConnectorOptions = {}) {
    this.#options = resolveOptions(options, defaults);
    this.applyMs = this.#options.applyMs;
    const base = environmentAddress(access.baseUrl);
    const headers = {
      accept: 'application/json',
      // Texts of errors and formats follow it.
      'accept-language': 'en-US',
    };
    this.#opened = openClient(
      access,
      { base, scope: SCOPE, dialect: businessCentralErrors, gate: GATE, headers },
      this.#options,
    );
    this.#service = new BusinessCentralService(this.#opened.client, access.company, this.#options.metadataLifetimeMs);
  }

  async identity(signal: AbortSignal): Promise<string> {
    return (await this.#service.askCompany(signal)).id;
  }

  async test(signal: AbortSignal): Promise<ConnectorTestResult> {
    let company: Company | null = null;
    return runTestSteps(
      [
        ...this.#opened.openingSteps(signal),
        {
          step: 'COMPANY',
          run: async () => {
            company = await this.#service.askCompany(signal);
            return `The company is "${company.name}" (${company.id})`;
          },
        },
        { step: 'METADATA', run: async () => describe(await this.#service.locate('customers', signal)) },
        { step: 'READ', run: async () => this.#readOne('customers', signal) },
        { step: 'WRITE', run: () => tryWriting(this, { table: 'customers', field: 'displayName' }, signal) },
      ],
      () => company?.systemVersion ?? null,
      signal,
    );
  }

  tables(signal: AbortSignal): Promise<readonly TableName[]> {
    return this.#service.tableNames(signal);
  }

  async metadata(table: string, signal: AbortSignal): Promise<TableMetadata> {
    return (await this.#service.locate(table, signal)).metadata;
  }

  async *readChanges(request: ReadChangesRequest, signal: AbortSignal): AsyncGenerator<ChangePage, void, undefined> {
    const set = await this.#service.locate(request.table, signal);
    yield* readBusinessCentralChanges(this.#client, set, request, this.#options, signal);
  }

  async peekChanges(requests: readonly ReadChangesRequest[], signal: AbortSignal): Promise<PeekedChanges[]> {
    const client = new GatheredReads(this.#client, (reads, either) => sendReads(this.#client, reads, either));
    const options = { ...this.#options, pageSize: PEEKED_ROWS };
    const service = this.#service;
    const read = async function* (request: ReadChangesRequest) {
      const set = await service.locate(request.table, signal);
      yield* readBusinessCentralChanges(client, set, request, options, signal);
    };
    return firstPages(requests.map(read), signal);
  }

  async readByIds({ table, fields, ids }: ReadByIdsRequest, signal: AbortSignal): Promise<SourceRow[]> {
    const set = await this.#service.locate(table, signal);
    const select = selectOf(set, fields);
    const readRow = rowReader(set, fields);
    const { keyField } = set.metadata;
    const read = (some: readonly string[]) => async (either: AbortSignal) => {
      // One "or" filter: the system allows "or" over a single field alone.
      const filter = some.map((id) => `${keyField} eq ${id}`).join(' or ');
      const path = `${set.api}${set.path}?$select=${select}&$filter=${encodeURIComponent(filter)}`;
      return rowsIn(pagesOf(this.#client, path, freshRead, either), readRow);
    };
    // Ids come from people too: what is no GUID names no record, and must not become a part of the condition.
    return (await inParallel(chunksOf(ids.filter(isGuid), IDS_PER_REQUEST).map(read), signal)).flat();
  }

  async find(request: FindRequest, signal: AbortSignal): Promise<SourceRow[]> {
    const collection = collectionOf(await this.#service.locate(request.table, signal));
    const equal = comparableValues(request.table, request.equal);
    return findIn(this.#client, collection, { ...request, equal }, this.#options.pageSize, signal);
  }

  async *readMatching(
    request: ReadMatchingRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SourceRow[], void, undefined> {
    const collection = collectionOf(await this.#service.locate(request.table, signal));
    yield* readMatchingIn(this.#client, collection, request, this.#options.pageSize, signal);
  }

  async *sweep(table: string, signal: AbortSignal): AsyncGenerator<readonly RowVersion[], void, undefined> {
    const collection = collectionOf(await this.#service.locate(table, signal));
    yield* sweepOf(this.#client, collection, this.#options.pageSize, signal);
  }

  async write(request: WriteRequest, signal: AbortSignal): Promise<WriteOutcome[]> {
    const set = await locatedForWrite(request, () => this.#service.locate(request.table, signal), signal);
    if (Array.isArray(set)) return set;
    return withPrepared(
      request.operations,
      (operation) => prepareWrite(set, request.fields, operation),
      (prepared) => this.#settle(set, request, prepared, signal),
    );
  }

  async close(): Promise<void> {
    await this.#opened.close();
  }

  get #client() {
    return this.#opened.client;
  }

  /** Changes of rows go side by side. Creates of one table lock each other in its number series: one batch after another. */
  async #settle(
    set: LocatedSet,
    request: WriteRequest,
    prepared: readonly PreparedWrite[],
    signal: AbortSignal,
  ): Promise<WriteOutcome[]> {
    const isCreate = ({ operation }: PreparedWrite) => operation.kind === 'CREATE';
    const { batchSize } = this.#options;
    const sender = this.#sender(set, request);
    const createBatches = chunksOf(prepared.filter(isCreate), Math.min(batchSize, MAX_BATCH));
    const otherBatches = chunksOf(
      prepared.filter((write) => !isCreate(write)),
      Math.min(batchSize, MAX_BATCH),
    );
    const create = async (either: AbortSignal) => {
      const outcomes: WriteOutcome[] = [];
      for (const batch of createBatches) {
        outcomes.push(...(await this.#creating.holding(set.path, () => settleBatch(batch, sender, either), either)));
      }
      return outcomes;
    };
    const [created, others] = await inParallel(
      [create, (either) => settleBatches(otherBatches, sender, either)],
      signal,
    );
    return inOrderOf(prepared.map(isCreate), created ?? [], others ?? []);
  }

  #sender(set: LocatedSet, request: WriteRequest) {
    const client = this.#client;
    const { retry, random, http } = this.#options;
    // A create that we stop waiting for may still be applied: waiting shorter than the system works would only hide that.
    const requestMs = Math.max(http.requestMs, this.applyMs);
    return {
      send: (writes: readonly PreparedWrite[], either: AbortSignal) =>
        sendBatch(client, set, request, writes, requestMs, either),
      pause: (durationMs: number) => client.pause(durationMs),
      retry,
      random,
    };
  }

  async #readOne(table: string, signal: AbortSignal): Promise<string> {
    const set = await this.#service.locate(table, signal);
    await this.#client.getJson(`${set.api}${set.path}?$top=1&$select=${selectOf(set, [])}`, signal, freshRead);
    return `${table} can be read`;
  }
}

/** What reading an entity set needs; see Collection. */
const collectionOf = (set: LocatedSet): Collection => ({
  path: `${set.api}${set.path}`,
  metadata: set.metadata,
  idFields: set.metadata.keyField,
  dialect: businessCentralDialect(set),
  selectOf: (fields) => selectOf(set, fields),
  rowReader: (fields) => rowReader(set, fields),
  versionOf: (row) => versionOf(set, row),
  equalTo: (field, value) => equalTo(fieldIn(set, field), value),
  changedSince: (instant) => (set.metadata.fields.has(MODIFIED) ? `${MODIFIED} ge ${instant.toISOString()}` : null),
  pageHeaders,
});

const describe = ({ metadata, api }: LocatedSet): string =>
  `${metadata.name} has ${metadata.fields.size} fields at ${api}`;

/** A blank that is shown as something else cannot be compared. */
const comparableValues = (table: string, equal: FieldValues): FieldValues =>
  Object.fromEntries(
    Object.entries(equal).filter(([field, value]) => value !== null || !isFilledWhenBlank(table, field)),
  );

function inOrderOf(
  isFirst: readonly boolean[],
  first: readonly WriteOutcome[],
  second: readonly WriteOutcome[],
): WriteOutcome[] {
  const [a, b] = [first[Symbol.iterator](), second[Symbol.iterator]()];
  return isFirst.map((takeFirst) => {
    const next = takeFirst ? a.next() : b.next();
    if (next.done === true) throw new Error('fewer outcomes than operations');
    return next.value;
  });
}
