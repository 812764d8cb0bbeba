import type { Connector, SourceRow, WriteOperation } from '../../src/connectors/connector.js';
import type { ConnectorOptions } from '../../src/connectors/odata/options.js';
import { openConnector } from '../../src/connectors/open-connector.js';
import type { FieldValues } from '../../src/mapping/field-value.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.js';
import type { Side } from '../../src/synch/synch-error.js';
import { SandboxControl, sandboxAccess } from '../integration/connectors/sandbox-system.js';

/** Sizes of a sandbox that begins without records. */
export const noRecords = { customers: 0, accounts: 0, people: 0, contacts: 0, items: 0, products: 0, invoices: 0 };
const never = new AbortController().signal;

/** A write that a system received, by itself or as a part of a batch. */
export interface ReceivedWrite {
  readonly side: Side;
  readonly runId: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly entitySet: string;
  readonly kind: 'create' | 'update' | 'delete';
  readonly body: string;
  /** How the system answered it, whether or not that arrived. */
  readonly status: number;
}

/** Thrown where a system did not take what a person entered. */
export class NotTakenError extends Error {
  override readonly name = 'NotTakenError';
}

/**
 * An empty company in Business Central and an empty organisation in Dataverse, both in a sandbox of its own, with the
 * connectors of the service and of a person. What is done and seen goes over HTTP.
 */
export class SandboxCompany implements AsyncDisposable {
  readonly control: SandboxControl;
  /** The service's. */
  readonly systems: Readonly<Record<Side, Connector>>;
  readonly #person: Readonly<Record<Side, Connector>>;
  #logged = 0;

  static async open(options: ConnectorOptions = {}): Promise<SandboxCompany> {
    const sandbox = await startSandbox({ port: 0, sizes: noRecords, settings: { keepBodies: true } });
    return new SandboxCompany(sandbox, options);
  }

  private constructor(
    private readonly sandbox: Sandbox,
    options: ConnectorOptions,
  ) {
    this.control = new SandboxControl(sandbox.url);
    const open = (clientId: string): Record<Side, Connector> => ({
      BUSINESS: openConnector(sandboxAccess(sandbox.url, 'BUSINESS_CENTRAL', { clientId }), options),
      SALES: openConnector(sandboxAccess(sandbox.url, 'DATAVERSE', { clientId }), options),
    });
    this.systems = open('tandem');
    this.#person = open('somebody-else');
  }

  /** Fresh and empty, and still the same company; faults are forgotten. */
  async reset(): Promise<void> {
    await this.control.send('POST', 'reset', { sizes: noRecords });
  }

  /** All rows of a table with these fields, in order of their ids. */
  async rows(side: Side, table: string, fields: readonly string[]): Promise<SourceRow[]> {
    const rows: SourceRow[] = [];
    for await (const page of this.#person[side].readChanges({ table, fields, cursor: null }, never))
      rows.push(...page.rows);
    return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Answers the new record's id. */
  async create(side: Side, table: string, values: FieldValues): Promise<string> {
    const id = side === 'SALES' ? crypto.randomUUID() : null;
    return (await this.#write(side, table, { kind: 'CREATE', id, values })) ?? '';
  }

  async edit(side: Side, table: string, { id, version }: Pick<SourceRow, 'id' | 'version'>, values: FieldValues) {
    await this.#write(side, table, { kind: 'UPDATE', id, version, values });
  }

  async remove(side: Side, table: string, { id, version }: Pick<SourceRow, 'id' | 'version'>): Promise<void> {
    await this.#write(side, table, { kind: 'DELETE', id, version });
  }

  /** The writes that both systems received from runs since they were asked for last. */
  async newWrites(): Promise<readonly ReceivedWrite[]> {
    const log = (await this.control.send('GET', 'requests/log?last=100000')) as readonly (Record<string, unknown> & {
      readonly id: number;
    })[];
    const fresh = log.filter(({ id, runId }) => id > this.#logged && runId !== undefined);
    this.#logged = log.at(-1)?.id ?? this.#logged;
    return fresh.flatMap(({ system, runId, writes = [] }) =>
      (writes as readonly Omit<ReceivedWrite, 'side' | 'runId'>[]).map((write) => ({
        ...write,
        side: system as Side,
        runId: runId as string,
      })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connectors = [this.systems, this.#person].flatMap(({ BUSINESS, SALES }) => [BUSINESS, SALES]);
    await Promise.all(connectors.map((connector) => connector.close()));
    await this.sandbox.close();
  }

  async #write(side: Side, table: string, operation: WriteOperation): Promise<string | null> {
    const [outcome] = await this.#person[side].write({ table, fields: [], operations: [operation] }, never);
    if (outcome?.kind === 'WRITTEN') return outcome.row?.id ?? null;
    throw new NotTakenError(`${side} ${table}: ${JSON.stringify(outcome)} for ${JSON.stringify(operation)}`);
  }
}
