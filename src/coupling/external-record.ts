import type { Side } from '../synch/synch-error.js';

/** A record of one of the systems, as it was just read, or when a run found it. */
export interface ExternalRecord {
  readonly connectionSetupId: string;
  /** The mapping that its coupling belongs to; null for a mapping that is not saved yet. */
  readonly mappingId: string | null;
  /** The entity set that it was read from. */
  readonly table: string;
  readonly side: Side;
  /** Its key in its system. */
  readonly recordId: string;
  readonly title: string;
}

/** A record of a mapping. */
export interface RecordOfMapping {
  readonly mappingId: string;
  readonly side: Side;
  readonly recordId: string;
}

/** Names a record among those of all mappings, for looking up many at once. */
export const recordKey = ({ mappingId, side, recordId }: RecordOfMapping): string => `${mappingId} ${side} ${recordId}`;

/** The record that a key of {@link recordKey} names; keys of NAV may hold blanks. */
export function recordOfKey(key: string): RecordOfMapping {
  const [mappingId = '', side = '', ...recordId] = key.split(' ');
  return { mappingId, side: side as Side, recordId: recordId.join(' ') };
}
