import { setTimeout as delay } from 'node:timers/promises';
import { type Connector, ConnectorError, type EndpointAccess, type TableName } from '../connectors/connector.js';
import type { TableMetadata } from '../mapping/field-value.js';
import { type Side, sides } from '../synch/synch-error.js';
import { type ConnectionSetup, endpointOn, reachedThrough } from './connection-setup.js';
import type { ConnectionSetupStore } from './connection-setup-store.js';
import { type EndpointKeys, endpointAccess, HostNotAllowedError } from './endpoint-access.js';
import { LastReads } from './last-reads.js';
import { UnreadableSecretError } from './sealed-secret.js';

/** What a system offers could not be read, and was never read before. */
export class SystemUnreadableError extends Error {
  override readonly name = 'SystemUnreadableError';
  constructor(
    readonly side: Side,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`what the ${side} system offers could not be read: ${reason}`, options);
  }
}

/** What the systems of connections offer, as it was last read. Both throw {@link SystemUnreadableError}. */
export interface SystemMetadata {
  /** The entity sets that a mapping may name, by name. */
  tables(connectionSetupId: string, side: Side): Promise<readonly TableName[]>;
  /** An entity set with its fields; null when the system has none of this name. */
  table(connectionSetupId: string, side: Side, name: string): Promise<TableMetadata | null>;
  /**
   * The same for a page that shows more than this: as it was last read, however long ago, while it is read anew. What was
   * never read is waited for, but not long.
   */
  lastTable(connectionSetupId: string, side: Side, name: string): Promise<TableMetadata | null>;
  /** What is asked from now on is read anew. */
  forget(connectionSetupId: string): void;
  close(): Promise<void>;
}

export interface SystemMetadataDeps {
  readonly connectionSetups: Pick<ConnectionSetupStore, 'byId'>;
  readonly keys: EndpointKeys;
  readonly open: (access: EndpointAccess) => Connector;
}

/** An hour: fields are added now and then, and a person who adds one tests the connection, which reads anew. */
const KEPT_MS = 60 * 60_000;

/** A Dataverse table takes about a dozen requests. */
const READ_MS = 30_000;

/** While a system does not answer, pages that show its mappings are not to wait for it each time. */
const PAUSE_AFTER_FAILURE_MS = 30_000;

/** So long a page waits for what was never read of a system; what it shows of our own is there at once. */
const GLANCE_MS = 2_000;

interface OpenSystem {
  readonly reachedThrough: string;
  readonly connector: Connector;
  readonly tables: LastReads<readonly TableName[]>;
  readonly table: LastReads<TableMetadata | null>;
  /** Reads under way: its connector is closed after the last of them. */
  readonly reading: Set<Promise<unknown>>;
}

/** Reads through connections of its own, so that what people look at neither waits for runs nor ends with them. */
export function systemMetadata({ connectionSetups, keys, open }: SystemMetadataDeps): SystemMetadata {
  const systems = new Map<string, OpenSystem>();
  const retiring = new Set<Promise<void>>();
  const keyOf = (connectionSetupId: string, side: Side): string => `${connectionSetupId}:${side}`;

  async function systemOf(connectionSetupId: string, side: Side): Promise<OpenSystem> {
    const setup = await connectionSetups.byId(connectionSetupId);
    if (setup === null) throw new SystemUnreadableError(side, 'the connection does not exist any more');
    const address = reachedThrough(endpointOn(setup, side));
    const known = systems.get(keyOf(setup.id, side));
    if (known?.reachedThrough === address) return known;
    const opened: OpenSystem = { reachedThrough: address, connector: openSide(setup, side), ...emptyReads() };
    systems.set(keyOf(setup.id, side), opened);
    if (known !== undefined) retire(known);
    return opened;
  }

  /** Who reads through it still gets an answer; nobody waits for its end but the closing of the whole. */
  function retire(system: OpenSystem): void {
    const retired = closeAfterReads(system)
      // Its system is asked no more: what closing the connection meets concerns nobody.
      .catch(() => undefined)
      .finally(() => retiring.delete(retired));
    retiring.add(retired);
  }

  const openSide = (setup: ConnectionSetup, side: Side): Connector =>
    readable(side, () => open(endpointAccess(setup, side, keys)));

  const readsOf =
    ({ connector }: OpenSystem, name: string) =>
    () =>
      nullIfUnknown(connector.metadata(name, AbortSignal.timeout(READ_MS)));

  return {
    tables: async (connectionSetupId, side) => {
      const system = await systemOf(connectionSetupId, side);
      const read = () => system.connector.tables(AbortSignal.timeout(READ_MS));
      return told(side, counted(system, system.tables.get('', read)));
    },
    table: async (connectionSetupId, side, name) => {
      const system = await systemOf(connectionSetupId, side);
      return told(side, counted(system, system.table.get(name, readsOf(system, name))));
    },
    lastTable: async (connectionSetupId, side, name) => {
      const system = await systemOf(connectionSetupId, side);
      const reading = counted(system, system.table.glance(name, readsOf(system, name)));
      return told(side, within(GLANCE_MS, side, reading));
    },
    forget: (connectionSetupId) => {
      for (const side of sides) {
        const known = systems.get(keyOf(connectionSetupId, side));
        systems.delete(keyOf(connectionSetupId, side));
        if (known !== undefined) retire(known);
      }
    },
    close: async () => {
      const left = [...systems.values()];
      systems.clear();
      await Promise.all([...left.map(({ connector }) => connector.close()), ...retiring]);
    },
  };
}

/** A read that is not waited for longer than this; it goes on. */
async function within<T>(ms: number, side: Side, read: Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const late = delay(ms, undefined, { signal: waiting.signal }).then(() => {
    throw new SystemUnreadableError(side, 'it has not answered yet');
  });
  try {
    return await Promise.race([read, late]);
  } finally {
    waiting.abort();
  }
}

/** A read that keeps the connector of its system open. */
async function counted<T>({ reading }: OpenSystem, read: Promise<T>): Promise<T> {
  reading.add(read);
  try {
    return await read;
  } finally {
    reading.delete(read);
  }
}

async function closeAfterReads({ connector, reading }: OpenSystem): Promise<void> {
  await Promise.allSettled(reading);
  await connector.close();
}

function emptyReads(): Pick<OpenSystem, 'tables' | 'table' | 'reading'> {
  const times = { keptMs: KEPT_MS, pauseMs: PAUSE_AFTER_FAILURE_MS };
  return { tables: new LastReads(times), table: new LastReads(times), reading: new Set() };
}

const nullIfUnknown = (read: Promise<TableMetadata>): Promise<TableMetadata | null> =>
  read.catch((error: unknown) => {
    if (error instanceof ConnectorError && error.code === 'UNKNOWN_TABLE') return null;
    throw error;
  });

async function told<T>(side: Side, read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    throw asUnreadable(side, error);
  }
}

function readable<T>(side: Side, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw asUnreadable(side, error);
  }
}

function asUnreadable(side: Side, error: unknown): unknown {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return new SystemUnreadableError(side, `it did not answer within ${READ_MS / 1_000} seconds`, { cause: error });
  const isKnown =
    error instanceof ConnectorError || error instanceof HostNotAllowedError || error instanceof UnreadableSecretError;
  return isKnown ? new SystemUnreadableError(side, error.message, { cause: error }) : error;
}
