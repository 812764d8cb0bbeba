import { randomUUID } from 'node:crypto';
import type { TableMetadata } from '../../mapping/field-value.js';
import { businessCentralDialect } from '../business-central/filter-dialect.js';
import { TableLocks } from '../business-central/table-locks.js';
import type {
  ChangePage,
  Connector,
  ConnectorFeatures,
  ConnectorTestResult,
  EndpointAccess,
  FindRequest,
  ReadByIdsRequest,
  ReadChangesRequest,
  ReadMatchingRequest,
  RowVersion,
  SourceRow,
  TableName,
  WriteOutcome,
  WriteRequest,
} from '../connector.js';
import { type Collection, findIn, readMatchingIn, sweepOf } from '../odata/collection-reads.js';
import { runTestSteps, tryWriting } from '../odata/connection-test.js';
import { equalTo } from '../odata/find.js';
import { type OpenedClient, openClient } from '../odata/open-client.js';
import { type ConnectorOptions, type ResolvedOptions, resolveOptions } from '../odata/options.js';
import { inParallel } from '../odata/parallel.js';
import { locatedForWrite, withPrepared } from '../odata/prepared-writes.js';
import { changedSince, readNavChanges } from './changes.js';
import { pageHeaders, readRecords } from './read.js';
import { type LocatedService, NavServer, webServicesAddress } from './service.js';
import { fieldIn, rowReader, selectOf, versionOf } from './values.js';
import { navErrors, type PreparedWrite, prepareWrite, settleWrite } from './write.js';

/** Five requests run at once (ODataV4MaxConcurrentRequests); one place is left to people and other programs. */
const GATE = { initial: 4, maximum: 4 };

const defaults = {
  /** The server's own size (ODataServicesMaxPageSize) of NAV 2018. */
  pageSize: 1_000,
  /** Operations go one by one: the web services take no batch that could be relied on. */
  batchSize: 1,
  /** A request is cancelled after 8 minutes (ODataServicesOperationTimeout). */
  applyMs: 600_000,
};

/** Audience of tokens where a server trusts Microsoft's identity platform. */
const SCOPE = 'https://api.businesscentral.dynamics.com/.default';

/** Dynamics NAV 2018 by its page web services (OData V4), under any names. */
export class NavConnector implements Connector {
  readonly applyMs: number;
  readonly #options: ResolvedOptions;
  readonly #opened: OpenedClient;
  readonly #server: NavServer;
  readonly #creating = new TableLocks();

  constructor(access: EndpointAccess, options: ConnectorOptions = {}) {
    this.#options = resolveOptions(options, defaults);
    this.applyMs = this.#options.applyMs;
    const base = webServicesAddress(access.baseUrl);
    // Options and messages are texts in the language that is asked for.
    const headers = { accept: 'application/json', 'accept-language': 'en-US' };
    this.#opened = openClient(access, { base, scope: SCOPE, dialect: navErrors, gate: GATE, headers }, this.#options);
    this.#server = new NavServer(this.#opened.client, access.company, this.#options.metadataLifetimeMs);
  }

  /** As far as is known: whether deletions are told shows when the services are read. */
  get features(): ConnectorFeatures {
    return {
      changeTracking: false,
      deletions: this.#server.hasIntegrationRecords,
      batch: false,
      bulkWrite: false,
      clientAssignedIds: false,
      changeTimes: 'DAY',
    };
  }

  identity(signal: AbortSignal): Promise<string> {
    return this.#server.askCompany(signal);
  }

  async test(signal: AbortSignal): Promise<ConnectorTestResult> {
    return runTestSteps(
      [
        ...this.#opened.openingSteps(signal),
        { step: 'COMPANY', run: async () => `The company is "${await this.#server.askCompany(signal)}"` },
        { step: 'METADATA', run: () => this.#describeServices(signal) },
        { step: 'READ', run: () => this.#readOne(signal) },
        { step: 'WRITE', run: () => this.#writeNone(signal) },
      ],
      () => null,
      signal,
    );
  }

  tables(signal: AbortSignal): Promise<readonly TableName[]> {
    return this.#server.tableNames(signal);
  }

  async metadata(table: string, signal: AbortSignal): Promise<TableMetadata> {
    return (await this.#server.locate(table, signal)).metadata;
  }

  async *readChanges(request: ReadChangesRequest, signal: AbortSignal): AsyncGenerator<ChangePage, void, undefined> {
    const service = await this.#server.locate(request.table, signal);
    yield* readNavChanges(this.#client, service, request, this.#options, signal);
  }

  async readByIds({ table, fields, ids }: ReadByIdsRequest, signal: AbortSignal): Promise<SourceRow[]> {
    const service = await this.#server.locate(table, signal);
    return readRecords(this.#client, service, { fields, ids }, this.#options.pageSize, signal);
  }

  async find(request: FindRequest, signal: AbortSignal): Promise<SourceRow[]> {
    const collection = collectionOf(await this.#server.locate(request.table, signal));
    return findIn(this.#client, collection, request, this.#options.pageSize, signal);
  }

  async *readMatching(
    request: ReadMatchingRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly SourceRow[], void, undefined> {
    const collection = collectionOf(await this.#server.locate(request.table, signal));
    yield* readMatchingIn(this.#client, collection, request, this.#options.pageSize, signal);
  }

  async *sweep(table: string, signal: AbortSignal): AsyncGenerator<readonly RowVersion[], void, undefined> {
    const collection = collectionOf(await this.#server.locate(table, signal));
    yield* sweepOf(this.#client, collection, this.#options.pageSize, signal);
  }

  async write(request: WriteRequest, signal: AbortSignal): Promise<WriteOutcome[]> {
    const service = await locatedForWrite(request, () => this.#server.locate(request.table, signal), signal);
    if (Array.isArray(service)) return service;
    return withPrepared(
      request.operations,
      (operation) => prepareWrite(service, operation),
      (prepared) => this.#settle(service, request, prepared, signal),
    );
  }

  async close(): Promise<void> {
    await this.#opened.close();
  }

  get #client() {
    return this.#opened.client;
  }

  /** Changes of records go side by side, as far as the gate lets them. Creates of one table lock each other in its number series. */
  #settle(
    service: LocatedService,
    { fields, assertHeld }: WriteRequest,
    prepared: readonly PreparedWrite[],
    signal: AbortSignal,
  ): Promise<WriteOutcome[]> {
    // A create that we stop waiting for may still be applied: waiting shorter than the server works would only hide that.
    const requestMs = Math.max(this.#options.http.requestMs, this.applyMs);
    const how = { fields, requestMs, assertHeld };
    const settle = (write: PreparedWrite, either: AbortSignal) =>
      settleWrite(this.#client, service, write, how, either);
    return inParallel(
      prepared.map(
        (write) => (either: AbortSignal) =>
          write.operation.kind === 'CREATE'
            ? this.#creating.holding(service.path, () => settle(write, either), either)
            : settle(write, either),
      ),
      signal,
    );
  }

  async #describeServices(signal: AbortSignal): Promise<string> {
    const { byName, standingFor, integrationRecords } = await this.#server.services(signal);
    const known = [...standingFor].map(([standsFor, name]) => (standsFor === name ? name : `${name} (${standsFor})`));
    const changes =
      integrationRecords === null
        ? 'no page of Integration Records is among them, so deletions are found by the sweep'
        : `changes and deletions are told by ${integrationRecords}`;
    return `${byName.size} pages are published; recognised are ${known.length === 0 ? 'none' : known.join(', ')}; ${changes}`;
  }

  async #readOne(signal: AbortSignal): Promise<string> {
    const { byName, standingFor } = await this.#server.services(signal);
    const [first] = byName.keys();
    const name = standingFor.get('customers') ?? first;
    if (name === undefined) return 'There is no page to read: publish those that are to be synchronized';
    const service = await this.#server.locate(name, signal);
    await this.#client.getJson(`${service.path}?$top=1&$select=${selectOf(service, [])}`, signal);
    return `${name} can be read`;
  }

  /** Tries the first page that has a name to be written: a record that does not exist is changed. */
  async #writeNone(signal: AbortSignal): Promise<string> {
    const { standingFor, byName } = await this.#server.services(signal);
    for (const [standsFor, field] of Object.entries(writtenFields)) {
      const table = standingFor.get(standsFor);
      if (table === undefined || byName.get(table)?.metadata.fields.get(field)?.readOnly !== false) continue;
      return tryWriting(this, { table, field, id: codeOfNobody() }, signal);
    }
    return `Nothing was tried: no page of ${Object.keys(writtenFields).join(', ')} is published`;
  }
}

/** What reading a page needs; see Collection. */
const collectionOf = (service: LocatedService): Collection => ({
  path: service.path,
  metadata: service.metadata,
  idFields: service.key.map(({ name }) => name).join(','),
  dialect: businessCentralDialect(service),
  selectOf: (fields) => selectOf(service, fields),
  rowReader: (fields) => rowReader(service, fields),
  versionOf: (row) => versionOf(service, row),
  equalTo: (field, value) => equalTo(fieldIn(service, field), value),
  changedSince: (instant) =>
    service.changeField === null ? null : changedSince(service.changeField, instant.toISOString()),
  pageHeaders,
});

/** What the synchronization writes in NAV, with a field of it. */
const writtenFields = { customers: 'Name', contacts: 'Surname', items: 'Description', resources: 'Name' } as const;

const CODE_LENGTH = 20;

/** A number that no record has. */
const codeOfNobody = (): string => randomUUID().replaceAll('-', '').slice(0, CODE_LENGTH).toUpperCase();
