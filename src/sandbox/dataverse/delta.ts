import { parseSelect } from '../odata/query-options.js';
import type { SalesContext } from './context.js';
import { rowsOf } from './context.js';
import { badQuery, DataverseError, expiredVersionStamp } from './errors.js';
import type { TrackingStart } from './paging.js';
import type { TableDefinition } from './table-definition.js';

/** Version before which every change token is expired; a fact of the world. */
export const DELTA_FLOOR = 'SALES/deltaFloor';
const DAY_MS = 86_400_000;

const refusedWithTracking = ['$filter', '$orderby', '$expand', '$top'];

/** Refuses the options that cannot go together with change tracking. */
export function checkTracking(table: TableDefinition, options: ReadonlyMap<string, string>): void {
  if (!table.changeTracking)
    throw new DataverseError(
      400,
      '0x80044353',
      `Change tracking is not enabled for the entity '${table.logicalName}'.`,
    );
  const refused = refusedWithTracking.find((option) => options.has(option));
  if (refused !== undefined)
    throw badQuery(`The "${refused}" query parameter isn't supported when Change Tracking is enabled.`);
}

/** The present moment as the start of a tracked read. */
export const trackingStart = (context: SalesContext): TrackingStart => ({
  version: context.world.version('SALES'),
  atMs: context.world.now('SALES'),
});

/** The address that answers with what changed since `start`. */
export function deltaLinkOf(
  context: SalesContext,
  table: TableDefinition,
  select: string | undefined,
  start: TrackingStart,
): string {
  const names = parseSelect(select);
  const columns = names === undefined ? '' : `$select=${names.join(',')}&`;
  return `${context.base}${table.entitySetName}?${columns}$deltatoken=${encodeURIComponent(tokenText(start))}`;
}

/** `<version>!<MM/dd/yyyy HH:mm:ss>` */
function tokenText(start: TrackingStart): string {
  const [date = '', time = ''] = new Date(start.atMs).toISOString().slice(0, 19).split('T');
  const [year, month, day] = date.split('-');
  return `${start.version}!${month}/${day}/${year} ${time}`;
}

/** Reads a change token; throws for one that is expired by age, by command, or not of this world. */
export function startOfToken(context: SalesContext, token: string): TrackingStart {
  const match = /^(\d+)!(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)$/.exec(token);
  const atMs = match === null ? Number.NaN : Date.parse(`${match[4]}-${match[2]}-${match[3]}T${match[5]}Z`);
  if (match === null || Number.isNaN(atMs)) throw badQuery(`The delta token '${token}' is not valid.`);
  const version = Number(match[1]);
  const { changeTrackingDays, expiredDeltaStatus } = context.settings.SALES;
  const tooOld = context.world.now('SALES') - atMs > changeTrackingDays * DAY_MS;
  const floor = Number(context.world.fact(DELTA_FLOOR) ?? 0);
  if (tooOld || version < floor || version > context.world.version('SALES'))
    throw expiredVersionStamp(expiredDeltaStatus);
  return { version, atMs };
}

/** How many changes there are since a token. */
export function countChanges(context: SalesContext, table: TableDefinition, start: TrackingStart): number {
  const rows = rowsOf(context, table.logicalName);
  let count = 0;
  for (const _row of rows.changedSince(start.version)) count++;
  for (const _tombstone of rows.deletedSince(start.version)) count++;
  return count;
}
