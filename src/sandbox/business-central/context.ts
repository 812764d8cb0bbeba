import type { OpenWrites } from '../http/open-writes.js';
import type { Seal } from '../odata/seal.js';
import type { Settings } from '../settings.js';
import type { Row } from '../world/row.js';
import type { Table } from '../world/table.js';
import { businessTable, type World } from '../world/world.js';
import type { EntitySetDefinition } from './entity-set.js';
import type { Api } from './entity-sets.js';

/** What every operation of the Business Central side needs to know. */
export interface BusinessContext {
  readonly world: World;
  readonly settings: Settings;
  readonly seal: Seal;
  readonly api: Api;
  /** Absolute address of the API as the client calls it, with a slash at its end. */
  readonly base: string;
  /** Who acts. */
  readonly user: string;
  /** The writes under way, which hold the locks of their rows. */
  readonly openWrites: OpenWrites;
  /** Time of change to be written instead of now: a transaction that began then and is committed only now. */
  readonly atMs?: number;
  /** How versions are told, where they are not told in the form of the API. */
  readonly etag?: (row: Row) => string;
  /** Address of a set, or of a row of it, below `base`, where it is not that of the API. */
  readonly addressOf?: (set: EntitySetDefinition, row?: Row) => string;
  /** Tables that are worked out when they are read. */
  readonly derived?: (context: CompanyContext, table: string) => Table | undefined;
  /** Told of every number taken from a series, which an insert that fails afterwards may use up. */
  readonly onNumberTaken?: (taken: NumberTaken) => void;
}

/** The last number of a series, by the name of the fact that keeps it. */
export interface NumberTaken {
  readonly series: string;
  readonly number: string;
}

/** A context in which the company is known. */
export interface CompanyContext extends BusinessContext {
  readonly companyId: string;
}

/** Rows of a table of the company. The list of companies itself belongs to none: its company id is blank. */
export const rowsOf = (context: CompanyContext, table: string): Table =>
  context.derived?.(context, table) ?? context.world.table(businessTable(context.companyId, table));

/** Weak etag in the form of the platform: base64 of length, version and a tail. */
export function etagOf(row: Row): string {
  const version = String(row.version).padStart(10, '0');
  return `W/"${Buffer.from(`${version.length};${version};00;`).toString('base64')}"`;
}

/** The version of a row as clients of this context see it. */
export const versionTag = (context: BusinessContext, row: Row): string => (context.etag ?? etagOf)(row);

/** Address of a set, or of a row of it, below the base of the context. */
export function addressIn(context: CompanyContext, set: EntitySetDefinition, row?: Row): string {
  if (context.addressOf !== undefined) return context.addressOf(set, row);
  const company = context.companyId === '' ? '' : `companies(${context.companyId})/`;
  return `${company}${set.entitySet}${row === undefined ? '' : `(${row.id})`}`;
}

/** The time of a row as clients see it. */
export const shownMs = (atMs: number, sqlRounding: boolean): number => (sqlRounding ? roundedMs(atMs) : atMs);

/** UTC with at most three digits of a second, zeros at their end left out. */
export function instantText(atMs: number, sqlRounding: boolean): string {
  const iso = new Date(shownMs(atMs, sqlRounding)).toISOString();
  return iso.replace(/\.?0*Z$/, 'Z');
}

/** SQL Server's datetime knows thirds of a hundredth: the last digit is 0, 3 or 7. */
function roundedMs(atMs: number): number {
  const digit = atMs % 10;
  const step = digit < 2 ? 0 : digit < 5 ? 3 : digit < 9 ? 7 : 10;
  return atMs - digit + step;
}
