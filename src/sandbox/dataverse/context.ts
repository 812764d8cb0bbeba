import type { OpenWrites } from '../http/open-writes.js';
import { type Headers, preferencesOf } from '../http/operation.js';
import type { Seal } from '../odata/seal.js';
import type { Settings } from '../settings.js';
import type { Table } from '../world/table.js';
import { salesTable, type World } from '../world/world.js';

/** Address of the Web API below the sandbox's own. */
export const SERVICE_PATH = '/api/data/v9.2/';

/** What every operation of the Dataverse side needs to know. */
export interface SalesContext {
  readonly world: World;
  readonly settings: Settings;
  readonly seal: Seal;
  /** Absolute address of the service as the client calls it, with a slash at its end. */
  readonly base: string;
  /** The systemuser who acts. */
  readonly userId: string;
  /** An administrator also changes what the service's role may only read. */
  readonly isAdministrator: boolean;
  /** The writes under way, which this one may meet. */
  readonly openWrites: OpenWrites;
}

export const rowsOf = (context: SalesContext, logicalName: string): Table =>
  context.world.table(salesTable(logicalName));

/** Whether an annotation is asked for by `odata.include-annotations`, where `*` and prefixes such as `OData.*` count. */
export function wantsAnnotation(headers: Headers, name: string): boolean {
  const asked = preferencesOf(headers).get('odata.include-annotations');
  if (asked === undefined) return false;
  return asked.split(',').some((pattern) => {
    const wanted = pattern.trim();
    return wanted === '*' || wanted === name || (wanted.endsWith('*') && name.startsWith(wanted.slice(0, -1)));
  });
}

/** Instants as Dataverse shows them: UTC, whole seconds. */
export const instantText = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
