import type { Connector, EndpointAccess, WriteOperation, WriteOutcome } from '../../../src/connectors/connector.js';
import type { ConnectorOptions } from '../../../src/connectors/odata/options.js';
import { openConnector } from '../../../src/connectors/open-connector.js';
import { startSandbox } from '../../../src/sandbox/server.js';
import type { ContractFaults, ContractPerson, ContractSystem, ContractTable } from './contract.js';

/** The control side of a running sandbox. */
export class SandboxControl {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${this.#url}/control/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as unknown;
  }

  async fault(rule: object): Promise<void> {
    await this.send('POST', 'faults', rule);
  }

  /** Resolves when a request that begins from now on matches. Await the first promise before causing it. */
  async begins(matches: (event: Record<string, unknown>) => boolean): Promise<{ readonly begun: Promise<void> }> {
    const stopping = new AbortController();
    const response = await fetch(`${this.#url}/control/events`, { signal: stopping.signal });
    const watch = async () => {
      let rest = '';
      for await (const chunk of response.body ?? []) {
        const lines = (rest + Buffer.from(chunk).toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        if (lines.some((line) => matches(JSON.parse(line) as Record<string, unknown>))) break;
      }
      stopping.abort();
    };
    return { begun: watch() };
  }
}

const SECRET = 'sandbox-secret';

export function sandboxAccess(
  url: string,
  kind: EndpointAccess['kind'],
  more: { clientId?: string; secret?: string } = {},
): EndpointAccess {
  if (kind === 'NAV_ODATA')
    return {
      kind,
      baseUrl: `${url}/DynamicsNAV110`,
      company: 'CRONUS International Ltd.',
      authentication: {
        kind: 'BASIC',
        userName: more.clientId ?? 'sandbox',
        secret: more.secret ?? 'sandbox-key',
      },
    };
  return {
    kind,
    baseUrl: kind === 'DATAVERSE' ? url : `${url}/v2.0/sandbox/production`,
    company: kind === 'DATAVERSE' ? null : 'CRONUS International Ltd.',
    authentication: {
      kind: 'OAUTH2_CLIENT_CREDENTIALS',
      tenantId: 'sandbox',
      clientId: more.clientId ?? 'tandem',
      secret: more.secret ?? SECRET,
      tokenUrl: `${url}/sandbox/oauth2/v2.0/token`,
    },
  };
}

/** The pages of a read, once it is at its end. */
export async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

/** Waits that a test can afford. */
export const quickOptions: ConnectorOptions = {
  retry: { maxAttempts: 4, baseDelayMs: 5, maxDelayMs: 20, budgetMs: 10_000 },
  http: { connectMs: 2_000, headersMs: 10_000, bodyMs: 10_000, requestMs: 10_000 },
  overlapMs: 0,
};

interface SandboxTable extends ContractTable {
  readonly kind: EndpointAccess['kind'];
  readonly side: 'BUSINESS' | 'SALES';
  /** What a row needs so that a person can make it. */
  readonly newId: () => string | null;
  /** Kinds of operation that writes arrive as; a batch where nothing is said. */
  readonly writesAs?: readonly string[];
  /** Settings of the sandbox, as `POST /control/settings` takes them. */
  readonly settings?: object;
}

const PAGE_SIZE = 40;

/** Starts a sandbox of its own and opens a connector to one of its systems. */
export async function openSandboxSystem(table: SandboxTable): Promise<ContractSystem> {
  const sandbox = await startSandbox({
    port: 0,
    ...(table.settings === undefined ? {} : { settings: table.settings }),
  });
  const control = new SandboxControl(sandbox.url);
  const connector = openConnector(sandboxAccess(sandbox.url, table.kind), { ...quickOptions, pageSize: PAGE_SIZE });
  const somebodyElse = openConnector(
    sandboxAccess(sandbox.url, table.kind, { clientId: 'somebody-else' }),
    quickOptions,
  );
  return {
    connector,
    table,
    pageSize: PAGE_SIZE,
    person: personOf(somebodyElse, table),
    faults: faultsOf(control, table),
    readsSoFar: async () => readsOf(await control.send('GET', 'requests/log?last=100000'), table),
    close: async () => {
      await connector.close();
      await somebodyElse.close();
      await sandbox.close();
    },
  };
}

function personOf(connector: Connector, table: SandboxTable): ContractPerson {
  const never = new AbortController().signal;
  const write = async (operation: WriteOperation): Promise<string> => {
    const [outcome] = await connector.write({ table: table.name, fields: [], operations: [operation] }, never);
    return idOf(outcome);
  };
  const versionOf = async (id: string): Promise<string> => {
    const [row] = await connector.readByIds({ table: table.name, fields: [], ids: [id] }, never);
    return row?.version ?? '';
  };
  return {
    create: (values) => write({ kind: 'CREATE', id: table.newId(), values }),
    edit: async (id, values) => void (await write({ kind: 'UPDATE', id, version: await versionOf(id), values })),
    remove: async (id) => void (await write({ kind: 'DELETE', id, version: await versionOf(id) })),
  };
}

function idOf(outcome: WriteOutcome | undefined): string {
  if (outcome?.kind === 'WRITTEN') return outcome.row?.id ?? '';
  throw new Error(`somebody else could not write: ${JSON.stringify(outcome)}`);
}

const eightDaysLater = { SALES: { clockOffsetMs: 8 * 86_400_000 } };

function faultsOf(control: SandboxControl, { side, name, writesAs = ['batch'] }: SandboxTable): ContractFaults {
  const nextWrite = async (effect: object) => {
    for (const operation of writesAs) await control.fault({ system: side, operation, times: 1, effect });
  };
  const read = { system: side, entitySet: name, operation: 'read' };
  return {
    loseWrite: (when) => nextWrite({ kind: when === 'before' ? 'resetBefore' : 'resetAfter' }),
    breakNextRead: () => control.fault({ ...read, times: 1, effect: { kind: 'resetBefore' } }),
    hangReads: async () => {
      await control.fault({ ...read, effect: { kind: 'hang' } });
      const { begun: hanging } = await control.begins((event) => event['entitySet'] === name);
      return { hanging };
    },
    throttleWrite: (seconds) => nextWrite({ kind: 'status', status: 429, retryAfterSeconds: seconds }),
    expireCursors: side === 'SALES' ? async () => void (await control.send('POST', 'expire-deltas')) : null,
    ageCursors: side === 'SALES' ? async () => void (await control.send('POST', 'settings', eightDaysLater)) : null,
    clear: async () => {
      await control.send('DELETE', 'faults');
      await control.send('POST', 'settings', { SALES: { clockOffsetMs: 0 } });
    },
  };
}

function readsOf(log: unknown, { side, name }: SandboxTable): number {
  if (!Array.isArray(log)) throw new Error('expected the log of the sandbox to be a list');
  return log.filter(
    (record: Record<string, unknown>) =>
      record['system'] === side && record['entitySet'] === name && record['method'] === 'GET',
  ).length;
}
