import { CursorExpiredError } from '../connector.js';
import { isJsonObject, parseJson } from './json.js';

/** How far a table was read, and with which fields: rows before it were read with these alone. */
export type Cursor =
  /** What changed since is behind this path, relative to the base address. */
  | { readonly kind: 'LINK'; readonly path: string; readonly fields: readonly string[] }
  /** Everything changed before this instant was read. */
  | { readonly kind: 'SINCE'; readonly since: string; readonly fields: readonly string[] };

/** The cursor as the text that is stored; its content is nobody's business but the connector's. */
export const writeCursor = (cursor: Cursor): string => JSON.stringify(cursor);

/** Throws CursorExpiredError for a text that is none of ours: reading everything again is always right. */
export function readCursor(table: string, text: string): Cursor {
  const cursor = parsed(text);
  if (!isJsonObject(cursor) || !Array.isArray(cursor['fields'])) throw new CursorExpiredError(table);
  const { kind, path, since } = cursor;
  const fields = cursor['fields'].map(String);
  if (kind === 'LINK' && typeof path === 'string') return { kind, path, fields };
  if (kind === 'SINCE' && typeof since === 'string') return { kind, since, fields };
  throw new CursorExpiredError(table);
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** Whether what is read with this cursor has all these fields. */
export const covers = (cursor: Cursor, fields: readonly string[]): boolean =>
  fields.every((field) => cursor.fields.includes(field));
