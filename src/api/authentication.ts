import { createHash, timingSafeEqual } from 'node:crypto';
import type { Viewer } from './role.js';

/** Tells who a token belongs to; null for a token that is not (or no longer) valid. */
export type Authenticate = (token: string) => Promise<Viewer | null>;

/** What histories and logs call whoever came with the administrator's token: nobody else may have this name. */
export const ADMIN_NAME = 'admin';

/** Knows the one token of the administrator. */
export function adminTokenAuthenticator(adminToken: string): Authenticate {
  const expected = digest(adminToken);
  return async (token) =>
    // Hashes have one length and differ everywhere when the tokens differ somewhere, so the time taken tells nothing.
    timingSafeEqual(digest(token), expected) ? { id: 'admin', name: ADMIN_NAME, role: 'ADMIN', expiresAt: null } : null;
}

/** Asks one after the other; the first one that knows the token tells whose it is. */
export const anyOf =
  (...authenticators: readonly Authenticate[]): Authenticate =>
  async (token) => {
    for (const authenticate of authenticators) {
      const viewer = await authenticate(token);
      if (viewer !== null) return viewer;
    }
    return null;
  };

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The token of an `Authorization: Bearer …` header; null without one. */
export function bearerToken(authorization: unknown): string | null {
  if (typeof authorization !== 'string') return null;
  return /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1] ?? null;
}
