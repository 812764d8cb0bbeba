import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adminToken, adminTokenPath, SecretFileError, secretKey, secretKeyPath } from '../../../src/start/secrets.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function config(security: { adminToken?: string; secretKey?: Buffer } = {}) {
  return {
    dataDir: join(folder, 'data'),
    security: { adminToken: security.adminToken, secretKey: security.secretKey },
  };
}

describe('secrets', () => {
  test('are made once, kept, and read back the same', async () => {
    const [token, key] = [await adminToken(config()), await secretKey(config())];
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(key).toHaveLength(32);
    expect(await adminToken(config())).toBe(token);
    expect(await secretKey(config())).toEqual(key);
  });

  test('are readable for their owner alone', async () => {
    await adminToken(config());
    await secretKey(config());
    for (const path of [adminTokenPath(config()), secretKeyPath(config())]) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
  });

  test('are the same for all who ask at the same moment, and leave no drafts', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => adminToken(config())));
    expect(new Set(tokens).size).toBe(1);
    expect(readdirSync(config().dataDir)).toEqual(['admin-token']);
  });

  test('differ from folder to folder', async () => {
    const other = { ...config(), dataDir: join(folder, 'other') };
    expect(await adminToken(config())).not.toBe(await adminToken(other));
  });

  test('are taken from the configuration when it has them, and then not kept', async () => {
    const given = config({ adminToken: 't'.repeat(40), secretKey: Buffer.alloc(32, 1) });
    expect(await adminToken(given)).toBe('t'.repeat(40));
    expect(await secretKey(given)).toEqual(Buffer.alloc(32, 1));
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that are damaged are refused by path, and neither replaced nor quoted', async () => {
    await secretKey(config());
    writeFileSync(secretKeyPath(config()), 'c2hvcnQ=');
    await expect(secretKey(config())).rejects.toThrow(SecretFileError);
    await expect(secretKey(config())).rejects.toThrow(`${secretKeyPath(config())}: expected 32 bytes in base64, got 5`);
    await expect(secretKey(config())).rejects.not.toThrow('c2hvcnQ');
  });
});
