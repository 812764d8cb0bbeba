import type { TableMetadata } from '../mapping/field-value.js';

/** The first of these names that the table offers; null when it offers none. Pure. */
export const offeredName = (table: TableMetadata, names: readonly string[]): string | null =>
  names.find((name) => table.fields.has(name)) ?? null;
