import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.js';

/** What of the configuration the secrets depend on. */
export type SecretsConfig = Pick<Config, 'dataDir'> & {
  readonly security: Pick<Config['security'], 'adminToken' | 'secretKey'>;
};

/** A secret file in the data folder holds something else than what was written there. */
export class SecretFileError extends Error {
  override readonly name = 'SecretFileError';
}

const BYTES = 32;

/** Where the administrator's token is kept, unless ADMIN_TOKEN is set. */
export function adminTokenPath(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'admin-token');
}

/** Where the key that signs notices is kept, unless NOTIFY_SECRET is set. */
export function notifySecretPath(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'notify-secret');
}

/** Where the sealing key is kept, unless SECRET_KEY is set. */
export function secretKeyPath(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'secret-key');
}

/**
 * The administrator's token: the configured one, else the one kept in the data folder, which is made at the first call.
 * Processes that start at the same moment get the same one.
 *
 * @throws SecretFileError when the file is damaged
 */
export async function adminToken(config: SecretsConfig): Promise<string> {
  if (config.security.adminToken !== undefined) return config.security.adminToken;
  const path = adminTokenPath(config);
  const token = await keptOrMade(config.dataDir, path, () => randomBytes(BYTES).toString('base64url'));
  if (token.length < BYTES) {
    throw new SecretFileError(
      `${path}: expected a token of at least ${BYTES} characters, got ${token.length}. Remove it.`,
    );
  }
  return token;
}

/**
 * The 32 bytes that seal stored credentials: the configured ones, else those kept in the data folder, made at the first
 * call. Processes that start at the same moment get the same ones.
 *
 * @throws SecretFileError when the file is damaged
 */
export async function secretKey(config: SecretsConfig): Promise<Buffer> {
  if (config.security.secretKey !== undefined) return config.security.secretKey;
  const path = secretKeyPath(config);
  const kept = await keptOrMade(config.dataDir, path, () => randomBytes(BYTES).toString('base64'));
  const key = Buffer.from(kept, 'base64');
  if (key.length !== BYTES) {
    // Never replaced silently: a new key could not open what the lost one has sealed.
    throw new SecretFileError(
      `${path}: expected ${BYTES} bytes in base64, got ${key.length} bytes. Restore the file from a backup, or remove it ` +
        'and enter the credentials of every connection again.',
    );
  }
  return key;
}

/** The key that signs notices: the configured one, else the one kept in the data folder, made at the first call. */
export async function notifySecret(config: Pick<Config, 'dataDir' | 'notify'>): Promise<string> {
  if (config.notify.secret !== undefined) return config.notify.secret;
  const path = notifySecretPath(config);
  const secret = await keptOrMade(config.dataDir, path, () => `whsec_${randomBytes(BYTES).toString('base64')}`);
  if (secret.length < BYTES) throw new SecretFileError(`${path}: expected a key of 32 bytes, got less. Remove it.`);
  return secret;
}

async function keptOrMade(folder: string, path: string, make: () => string): Promise<string> {
  const kept = await readIfThere(path);
  if (kept !== undefined) return kept;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeUnlessThere(path, make());
  return (await readFile(path, 'utf8')).trim();
}

// A link appears whole or not at all, and only if the name is free: of two processes one makes the secret, and neither
// ever reads half of it.
async function writeUnlessThere(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${content}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
