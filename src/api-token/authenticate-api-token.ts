import type { Authenticate } from '../api/authentication.js';
import { tokenHash } from './api-token-secret.js';
import type { ApiTokenStore } from './api-token-store.js';

const ID_PREFIX = 'api-token:';

/** The id of the viewer that came with a token. */
export const viewerIdOf = (tokenId: string): string => `${ID_PREFIX}${tokenId}`;

/** The token that a viewer came with; null for one who came with something else. */
export const tokenIdOf = (viewerId: string): string | null =>
  viewerId.startsWith(ID_PREFIX) ? viewerId.slice(ID_PREFIX.length) : null;

/** Knows the tokens that were made by createApiToken. Asked each time: one that was revoked a moment ago is refused. */
export function apiTokenAuthenticator(tokens: ApiTokenStore): Authenticate {
  return async (secret) => {
    const token = await tokens.valid(tokenHash(secret));
    if (token === null) return null;
    // That the use could not be noted keeps nobody out.
    void tokens.noteUse(token._id).catch(() => undefined);
    return { id: viewerIdOf(token._id), name: token.name, role: token.role, expiresAt: token.expiresAt };
  };
}
