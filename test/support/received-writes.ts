import type { Side } from '../../src/synch/synch-error.js';
import type { RecordChange } from '../../src/synch/synch-job.js';
import type { ReceivedWrite } from './sandbox-company.js';

/** A write of one record in one form, whether a plan holds it or a system received it. */
export interface TableWrite {
  readonly side: Side;
  readonly table: string;
  readonly action: 'INSERT' | 'MODIFY' | 'DELETE';
  /** Null for a record that is made. */
  readonly id: string | null;
  readonly values: Readonly<Record<string, string | boolean | null>>;
}

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';
const actions = { create: 'INSERT', update: 'MODIFY', delete: 'DELETE' } as const;

/** The writes in a row that does not depend on the order in which they were planned or sent. */
export const inOrder = (writes: readonly TableWrite[]): readonly string[] =>
  writes
    .map(({ values, ...write }) =>
      JSON.stringify({ ...write, values: Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1)) }),
    )
    .toSorted();

/** The writes that a plan holds; what it leaves, with the reason, is none. */
export function plannedWrites(
  changes: readonly RecordChange[],
  tables: (mappingId: string) => Readonly<Record<Side, string>>,
): readonly TableWrite[] {
  return changes.flatMap(({ side, action, mappingId, businessId, salesId, fields }) =>
    action !== 'INSERT' && action !== 'MODIFY' && action !== 'DELETE'
      ? []
      : [
          {
            side,
            table: tables(mappingId)[side],
            action,
            id: action === 'INSERT' ? null : side === 'BUSINESS' ? businessId : salesId,
            values:
              action === 'DELETE'
                ? {}
                : Object.fromEntries(
                    fields.map(({ field, integrationField, after }) => [
                      side === 'BUSINESS' ? field : integrationField,
                      plain(after),
                    ]),
                  ),
          },
        ],
  );
}

/** Statuses of a write that named a version which the record did not have any more: it is planned again by what is there. */
const overtaken: readonly number[] = [404, 409, 412];

/**
 * With 404 Dataverse also answers that the row is gone to which a reference was to be bound: that says nothing of the version,
 * where the record itself is there.
 */
const BINDING = '@odata.bind';

/** The writes as the systems received them: what stood in the bodies. `present` are the ids of all records that are there. */
export const receivedWrites = (writes: readonly ReceivedWrite[], present: ReadonlySet<string>): readonly TableWrite[] =>
  writes.filter((write) => !isOvertaken(write, present)).flatMap(readWrite);

function isOvertaken({ kind, status, body, path }: ReceivedWrite, present: ReadonlySet<string>): boolean {
  if (kind === 'create' || !overtaken.includes(status)) return false;
  return status !== 404 || !body.includes(BINDING) || !present.has(idIn(path) ?? '');
}

const idIn = (path: string): string | null => /\(([^()]*)\)$/.exec(path)?.[1] ?? null;

function readWrite({ side, entitySet, kind, path, body }: ReceivedWrite): readonly TableWrite[] {
  const sent = (body === '' ? {} : JSON.parse(body)) as Readonly<Record<string, unknown>>;
  const id = kind === 'create' ? null : idIn(path);
  // One call that makes many rows.
  const records = path.endsWith('CreateMultiple') ? (sent['Targets'] as readonly Record<string, unknown>[]) : [sent];
  return records.map((record) => ({
    side,
    table: entitySet,
    action: actions[kind],
    id,
    values: Object.fromEntries(
      Object.entries(record)
        .filter(([name]) => !name.startsWith('@odata.') && !keys.has(`${entitySet}.${name}`))
        .map(([name, value]) => [fieldOf(name), plain(referred(name, value))]),
    ),
  }));
}

/** The key of a new row, where it goes in the body. */
const keys = new Set(['accounts.accountid', 'contacts.contactid']);

/** `parentcustomerid_account@odata.bind` is the field `parentcustomerid`, bound to a row of one of its tables. */
const fieldOf = (name: string): string => name.replace(/(_account|_contact)?@odata\.bind$/, '');

const referred = (name: string, value: unknown): unknown =>
  name.endsWith('@odata.bind') && typeof value === 'string' ? (idIn(value) ?? value) : value;

/** Values as text; all that means nothing is null. */
function plain(value: unknown): string | boolean | null {
  if (value === null || value === undefined || value === '' || value === ZERO_GUID) return null;
  return typeof value === 'boolean' || typeof value === 'string' ? value : JSON.stringify(value);
}
