import type { FieldChange, RecordChange } from './synch-job.js';

/** A change as it is stored: its fields are one text. */
export type StoredChange = Omit<RecordChange, 'fields'> & { readonly fields: string | RecordChange['fields'] };

type Members = readonly [
  field: string,
  integrationField: string,
  before: FieldChange['before'],
  after: FieldChange['after'],
];

/** Nobody asks the database for single fields; as documents they would be most of what the history writes. */
export const asStoredChange = (change: RecordChange): StoredChange => ({
  ...change,
  fields: JSON.stringify(
    change.fields.map(
      ({ field, integrationField, before, after }): Members => [field, integrationField, before, after],
    ),
  ),
});

/** The change as it was. One that was stored with its fields as documents has them already. */
export const fromStoredChange = (stored: StoredChange): RecordChange => ({
  ...stored,
  fields:
    typeof stored.fields === 'string'
      ? (JSON.parse(stored.fields) as readonly Members[]).map(
          ([field, integrationField, before, after]): FieldChange => ({ field, integrationField, before, after }),
        )
      : stored.fields,
});
