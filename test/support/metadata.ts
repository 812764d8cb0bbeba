import type { FieldMetadata, TableMetadata } from '../../src/mapping/field-value.js';

/** A text of 50 characters that may be written, unless `parts` say otherwise. */
export const fieldMetadata = (name: string, parts: Partial<FieldMetadata> = {}): FieldMetadata => ({
  name,
  label: name,
  type: 'TEXT',
  nativeType: 'test',
  maxLength: 50,
  scale: null,
  nullable: true,
  readOnly: false,
  target: null,
  options: [],
  ...parts,
});

export const tableMetadata = (name: string, fields: readonly FieldMetadata[]): TableMetadata => ({
  name,
  label: name,
  keyField: 'id',
  fields: new Map(fields.map((field) => [field.name, field])),
});
