import type { Role } from '../api/role.js';

/** A token of the API, without its secret, of which only a hash is kept. */
export interface ApiToken {
  readonly _id: string;
  readonly name: string;
  readonly role: Role;
  /** The secret's first characters, to tell tokens apart. */
  readonly hint: string;
  readonly hash: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Exact to a minute. */
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
}

/** A token is made and revoked, never edited: its revision stays the first. */
export const API_TOKEN_REVISION = 1;
