import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Side } from '../synch/synch-error.js';

/** Whose secret it is: sealed along, so that a secret moved to another connection or side does not open there. */
export interface SecretOwner {
  readonly connectionSetupId: string;
  readonly side: Side;
}

/** A stored secret cannot be read with the present key. Holds nothing of the secret. */
export class UnreadableSecretError extends Error {
  override readonly name = 'UnreadableSecretError';
  constructor(
    readonly owner: SecretOwner,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`the ${owner.side} secret of connection ${owner.connectionSetupId} cannot be read: ${reason}`, options);
  }
}

// The version leaves room for another algorithm, with secrets of both at once.
const VERSION = 'v1';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
// 96 bits, the length that GCM is made for; random, since one key seals only a handful of secrets.
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals a secret with a key of 32 bytes, as text to store. */
export function sealSecret(secret: string, owner: SecretOwner, key: Buffer): string {
  checkKey(key);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associatedData(owner));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return [VERSION, nonce, cipher.getAuthTag(), sealed]
    .map((part) => (typeof part === 'string' ? part : part.toString('base64url')))
    .join('.');
}

/** Opens what {@link sealSecret} sealed for the same owner. Throws {@link UnreadableSecretError}. */
export function openSecret(sealed: string, owner: SecretOwner, key: Buffer): string {
  checkKey(key);
  const [version, ...parts] = sealed.split('.');
  const [nonce, tag, content] = parts.map((part) => Buffer.from(part, 'base64url'));
  if (
    version !== VERSION ||
    parts.length !== 3 ||
    nonce?.length !== NONCE_BYTES ||
    tag?.length !== TAG_BYTES ||
    content === undefined
  ) {
    throw new UnreadableSecretError(owner, 'it was not sealed by this version of the service; enter it again');
  }
  try {
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(associatedData(owner))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(content), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new UnreadableSecretError(
      owner,
      'it was sealed with another SECRET_KEY or for another connection; start with the key that it was sealed with, or enter the secret again',
      { cause: error },
    );
  }
}

const associatedData = ({ connectionSetupId, side }: SecretOwner): Buffer =>
  Buffer.from(`${VERSION}:${connectionSetupId}:${side}`);

function checkKey(key: Buffer): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`SECRET_KEY: expected ${KEY_BYTES} bytes, got ${key.length}`);
}
