import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigurationError, configVariables, readConfig, readEnvironment } from '../../src/config.js';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  test('needs nothing: every variable has a default or may be absent', () => {
    expect(readConfig({})).toMatchObject({
      role: 'all',
      mongodb: { uri: undefined, binary: undefined },
      http: { host: '127.0.0.1', port: 4000 },
      sandbox: { mode: 'auto', port: 4010 },
      jobQueue: { timeZone: 'UTC', applySeconds: 600, parkedRetrySeconds: 900, leaseSeconds: 10, workerConcurrency: 4 },
      security: { adminToken: undefined, secretKey: undefined, oidc: undefined, allowedHosts: [] },
      retention: { historyDays: 365, synchJobDays: 90, dryRunDays: 14, logEntryDays: 90, transitionDays: 30 },
      notify: { url: undefined, secret: undefined },
      logLevel: 'info',
    });
    expect(readConfig({}).dataDir).toBe(join(process.cwd(), '.data'));
  });

  test('puts every variable into its slot', () => {
    const key = Buffer.alloc(32, 7);
    const config = readConfig({
      ROLE: 'worker',
      MONGODB_URI: 'mongodb://db.example.org/tandem?replicaSet=rs0',
      MONGOD_BINARY: '/opt/mongod',
      DATA_DIR: '/var/lib/tandem',
      HOST: '0.0.0.0',
      PORT: '0',
      SANDBOX: 'off',
      SANDBOX_PORT: '4999',
      TIME_ZONE: 'Europe/Berlin',
      APPLY_SECONDS: '60',
      PARKED_RETRY_SECONDS: '30',
      LEASE_SECONDS: '20',
      WORKER_CONCURRENCY: '8',
      ADMIN_TOKEN: 'a'.repeat(32),
      SECRET_KEY: key.toString('base64'),
      OIDC_ISSUER: 'https://login.example.org/',
      OIDC_AUDIENCE: 'tandem',
      OIDC_ROLE_CLAIM: 'groups',
      OIDC_CLIENT_ID: 'dashboard',
      OIDC_SCOPE: 'openid offline_access',
      OIDC_PARAMETERS: 'audience=tandem&prompt=select_account',
      ALLOWED_ORIGINS: 'https://wall.example.org, http://localhost:5173',
      LIMIT_DEPTH: '10',
      LIMIT_ALIASES: '20',
      LIMIT_DIRECTIVES: '30',
      LIMIT_TOKENS: '400',
      LIMIT_COST: '500',
      LIMIT_BODY_BYTES: '60000',
      LIMIT_SOCKET_OPERATIONS: '7',
      LIMIT_TEXT_CHARACTERS: '9',
      LIMIT_OPERATION_SECONDS: '8',
      ALLOWED_HOSTS: 'NAV.example.org, *.corp.example.org',
      NOTIFY_URL: 'https://hooks.example.org/tandem',
      NOTIFY_SECRET: `whsec_${'b'.repeat(32)}`,
      HISTORY_DAYS: '30',
      SYNCH_JOB_DAYS: '20',
      DRY_RUN_DAYS: '10',
      LOG_ENTRY_DAYS: '40',
      TRANSITION_DAYS: '7',
      LOG_LEVEL: 'debug',
      XDG_CACHE_HOME: '/var/cache/me',
    });
    expect(config).toEqual({
      role: 'worker',
      mongodb: {
        uri: 'mongodb://db.example.org/tandem?replicaSet=rs0',
        binary: '/opt/mongod',
        cacheDir: '/var/cache/me',
      },
      dataDir: '/var/lib/tandem',
      http: {
        host: '0.0.0.0',
        port: 0,
        allowedOrigins: ['https://wall.example.org', 'http://localhost:5173'],
        limits: {
          depth: 10,
          aliases: 20,
          directives: 30,
          tokens: 400,
          cost: 500,
          bodyBytes: 60_000,
          socketOperations: 7,
          textCharacters: 9,
          operationMs: 8_000,
        },
      },
      sandbox: { mode: 'off', port: 4999 },
      jobQueue: {
        timeZone: 'Europe/Berlin',
        applySeconds: 60,
        parkedRetrySeconds: 30,
        leaseSeconds: 20,
        workerConcurrency: 8,
      },
      security: {
        adminToken: 'a'.repeat(32),
        secretKey: key,
        oidc: {
          issuer: 'https://login.example.org/',
          audience: 'tandem',
          roleClaim: 'groups',
          signIn: {
            clientId: 'dashboard',
            scope: 'openid offline_access',
            parameters: { audience: 'tandem', prompt: 'select_account' },
          },
        },
        allowedHosts: ['nav.example.org', '*.corp.example.org'],
      },
      retention: { historyDays: 30, synchJobDays: 20, dryRunDays: 10, logEntryDays: 40, transitionDays: 7 },
      notify: { url: 'https://hooks.example.org/tandem', secret: `whsec_${'b'.repeat(32)}` },
      logLevel: 'debug',
    });
  });

  test('takes the sealing key in hexadecimal digits too', () => {
    const key = Buffer.from(Array.from({ length: 32 }, (_, at) => at));
    expect(readConfig({ SECRET_KEY: key.toString('hex') }).security.secretKey).toEqual(key);
  });

  test('takes an empty variable as absent', () => {
    expect(readConfig({ PORT: '', MONGODB_URI: '  ' })).toEqual(readConfig({}));
  });

  test('reports all faults together, each by name with what was expected and what came', () => {
    expect(
      faultsOf({ PORT: 'abc', ROLE: 'boss', TIME_ZONE: 'Mars/Olympus', OIDC_ISSUER: 'https://a.example' }),
    ).toEqual([
      'ROLE: expected one of all, api, worker, got "boss"',
      'PORT: expected a port from 0 to 65535, got "abc"',
      'TIME_ZONE: expected an IANA time zone such as Europe/Berlin, got "Mars/Olympus"',
    ]);
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '4000.5'],
    ['SANDBOX_PORT', '0'],
    ['SANDBOX', 'maybe'],
    ['LOG_LEVEL', 'loud'],
    ['LEASE_SECONDS', '1'],
    ['WORKER_CONCURRENCY', '0'],
    ['APPLY_SECONDS', '10 minutes'],
    ['HISTORY_DAYS', '0'],
    ['TIME_ZONE', '+02:00'],
    ['HOST', 'http://localhost'],
    ['ALLOWED_HOSTS', 'https://nav.example.org'],
    ['ALLOWED_HOSTS', '*'],
    ['OIDC_ISSUER', 'http://login.example.org'],
    ['OIDC_SCOPE', 'profile email'],
    ['OIDC_PARAMETERS', 'audience'],
    ['LOG_ENTRY_DAYS', '0'],
  ])('refuses %s=%s and quotes it', (name, value) => {
    const [fault] = faultsOf({ [name]: value });
    expect(fault).toMatch(new RegExp(`^${name}: expected .+, got `));
    expect(fault).toContain(`"${value}"`);
  });

  test('asks for issuer and audience together', () => {
    expect(faultsOf({ OIDC_AUDIENCE: 'tandem' })).toEqual([
      'OIDC_ISSUER: expected OIDC_ISSUER and OIDC_AUDIENCE together or neither, got nothing',
    ]);
    expect(faultsOf({ OIDC_CLIENT_ID: 'dashboard' })).toEqual([
      'OIDC_ISSUER: expected the issuer that knows OIDC_CLIENT_ID, got nothing',
    ]);
  });

  test('signs nobody in at a provider that does not know the dashboard, and asks for a name where it does', () => {
    const known = { OIDC_ISSUER: 'https://login.example.org', OIDC_AUDIENCE: 'tandem' };
    expect(readConfig(known).security.oidc?.signIn).toBeUndefined();
    expect(readConfig({ ...known, OIDC_CLIENT_ID: 'dashboard' }).security.oidc?.signIn).toEqual({
      clientId: 'dashboard',
      scope: 'openid profile email',
      parameters: {},
    });
  });

  test.each([
    ['MONGODB_URI', 'postgres://someone:s3cret@host/db'],
    ['ADMIN_TOKEN', 's3cret'],
    ['ADMIN_TOKEN', `s3cret ${'x'.repeat(40)}`],
    ['NOTIFY_URL', 'http://s3cret.example.org/hook'],
    ['NOTIFY_URL', 'https://me:s3cret@example.org/hook'],
    ['NOTIFY_SECRET', 's3cret'],
    ['SECRET_KEY', `s3cret${'x'.repeat(40)}`],
    ['SECRET_KEY', `s3cret!${'x'.repeat(37)}`],
  ])('refuses a bad %s without quoting it', (name, value) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`${name}: expected `);
    expect(faults[0]).not.toContain('s3cret');
  });
});

describe('.env.example', () => {
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const uncommented = parseEnv(example.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));

  test('names exactly the variables that are read', () => {
    expect(Object.keys(uncommented).toSorted()).toEqual([...configVariables].toSorted());
  });

  test('shows the defaults', () => {
    expect(readConfig(uncommented)).toEqual(readConfig({}));
  });

  test('explains every variable in the lines above it', () => {
    const blocks = example.split('\n\n').filter((block) => /^#[A-Z_]+=/m.test(block));
    for (const block of blocks) expect(block.split('\n')[0]).toMatch(/^# \S/);
    expect(blocks.length).toBeGreaterThan(10);
  });
});

describe('readEnvironment', () => {
  let folder: string | undefined;
  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
    folder = undefined;
  });

  test('completes the environment with the .env file, and lets the environment win', () => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-env-'));
    writeFileSync(join(folder, '.env'), 'TANDEM_TEST_FROM_FILE="from the file"\nPATH=/nowhere\n');
    expect(readEnvironment(folder)).toMatchObject({ TANDEM_TEST_FROM_FILE: 'from the file', PATH: process.env.PATH });
  });

  test('needs no .env file', () => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-env-'));
    expect(readEnvironment(folder)).toEqual({ ...process.env });
  });
});
