import { badUserInput } from './api-errors.js';

/** A global id, read. */
export interface GlobalId {
  readonly type: string;
  readonly id: string;
}

/** The global id of an object: opaque to callers, and told apart by type, so that `node` finds every object. */
export const globalId = (type: string, id: string): string => Buffer.from(`${type}:${id}`).toString('base64url');

/** Reads a global id; null for a text that is none. */
export function parseGlobalId(text: string): GlobalId | null {
  const decoded = Buffer.from(text, 'base64url').toString();
  const colon = decoded.indexOf(':');
  if (colon < 1 || colon === decoded.length - 1) return null;
  const found = { type: decoded.slice(0, colon), id: decoded.slice(colon + 1) };
  // Base64 ignores what it does not know: only the text that we would have written ourselves is an id.
  return globalId(found.type, found.id) === text ? found : null;
}

/** The id inside a global id of this type; null for any other text. For inputs, where it means NOT_FOUND. */
export function idOfType(type: string, text: string): string | null {
  const found = parseGlobalId(text);
  return found?.type === type ? found.id : null;
}

/** The id inside a global id of this type, for arguments of queries. Throws BAD_USER_INPUT for any other text. */
export function argumentId(type: string, argument: string, text: string): string {
  const id = idOfType(type, text);
  if (id === null)
    throw badUserInput(`${argument}: expected the id of a ${type} as this API gave it, got "${text.slice(0, 60)}"`);
  return id;
}
