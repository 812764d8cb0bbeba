import { createHash, randomBytes } from 'node:crypto';

// Tells people, and programs that look for leaked secrets, whose token it is.
const PREFIX = 'tandem_';
const BYTES = 32;
const HINT_LENGTH = PREFIX.length + 4;

/** A new secret: 256 random bits, so that its bare hash cannot be guessed from. */
export const newTokenSecret = (): string => `${PREFIX}${randomBytes(BYTES).toString('base64url')}`;

export const hintOf = (secret: string): string => secret.slice(0, HINT_LENGTH);

export const tokenHash = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
