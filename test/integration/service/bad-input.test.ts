import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { freePort } from '../../support/free-port.js';
import { compiledProgram, startProcess } from '../../support/processes.js';
import { Tandem } from '../../support/tandem.js';

describe('bad input to a running service', () => {
  let tandem: Tandem;
  beforeAll(async () => {
    tandem = await Tandem.open();
    await tandem.start();
    await tandem.firstSynchronization();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('an unknown mapping is NOT_FOUND, and no run is made', async () => {
    const { integrationTableMapping } = await tandem.ask('{ integrationTableMapping(name: "CUSTOMERS") { id } }');
    expect(integrationTableMapping).toBeNull();
    const { synchronizeMapping } = await tandem.ask(
      'mutation { synchronizeMapping(input: { id: "bm9uc2Vuc2U" }) { run { id } userErrors { code message } } }',
    );
    expect(synchronizeMapping).toEqual({
      run: null,
      userErrors: [{ code: 'NOT_FOUND', message: expect.stringContaining('mapping') }],
    });
  });

  test('an illegal status change is ILLEGAL_TRANSITION naming both statuses', async () => {
    const { jobQueueEntry } = await tandem.ask('{ jobQueueEntry(code: "CUSTOMER") { id status } }');
    const { setJobQueueEntryStatus } = await tandem.ask(
      'mutation($id: ID!) { setJobQueueEntryStatus(input: { id: $id, status: FINISHED }) { userErrors { code message } } }',
      { id: jobQueueEntry.id },
    );
    expect(setJobQueueEntryStatus.userErrors).toEqual([
      { code: 'ILLEGAL_TRANSITION', message: expect.stringMatching(/READY[\s\S]*FINISHED/) },
    ]);
    expect((await tandem.ask('{ jobQueueEntry(code: "CUSTOMER") { status } }')).jobQueueEntry.status).toBe(
      jobQueueEntry.status,
    );
  });

  test('a malformed filter is INVALID with its path and the character, and the mapping stays as it was', async () => {
    const { integrationTableMapping: mapping } = await tandem.ask(
      '{ integrationTableMapping(name: "CUSTOMER") { id revision tableFilter { field expression } } }',
    );
    const { updateIntegrationTableMapping } = await tandem.ask(
      'mutation($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) { integrationTableMapping { id } userErrors { code field message } } }',
      {
        input: {
          id: mapping.id,
          synchOnlyCoupledRecords: false,
          tableFilter: [{ field: 'number', expression: '10000..|(A' }],
        },
      },
    );
    expect(updateIntegrationTableMapping.integrationTableMapping).toBeNull();
    expect(updateIntegrationTableMapping.userErrors).toEqual([
      { code: 'INVALID', field: ['tableFilter', '0', 'expression'], message: expect.stringContaining('character 11') },
    ]);
    expect(
      (
        await tandem.ask(
          '{ integrationTableMapping(name: "CUSTOMER") { id revision tableFilter { field expression } } }',
        )
      ).integrationTableMapping,
    ).toEqual(mapping);
  });

  test.each([
    { token: null, name: 'a missing' },
    { token: 'wrong-token', name: 'a wrong' },
  ])('$name token is refused over HTTP with 401, and nothing is told', async ({ token }) => {
    const answer = await tandem.askRaw('{ __schema { queryType { name } } viewer { name } }', {}, token);
    expect(answer.status).toBe(401);
    expect(answer.data).toBeUndefined();
    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('a wrong token is refused over WebSocket with a code of its own', async () => {
    const client = tandem.webSocket('wrong-token');
    const closed = new Promise<{ code: number }>((resolve) =>
      client.on('closed', (event) => resolve(event as { code: number })),
    );
    const subscription = client.iterate({ query: 'subscription { jobStatusTransitions { code } }' });
    await expect(subscription.next()).rejects.toBeDefined();
    expect((await closed).code).toBe(4403);
  });
});

describe('a start that cannot succeed', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-bad-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('a configuration with faults is told with all of them by name, and nothing is started', async () => {
    const { code, output } = await failingStart({
      PORT: '70000',
      ROLE: 'boss',
      ADMIN_TOKEN: 'short-secret',
      LEASE_SECONDS: 'soon',
    });
    expect(code).toBe(1);
    for (const line of [
      /PORT: expected .* got "70000"/,
      /ROLE: expected one of all, api, worker, got "boss"/,
      /ADMIN_TOKEN: expected at least 32/,
      /LEASE_SECONDS: expected/,
    ])
      expect(output).toMatch(line);
    expect(output).not.toContain('short-secret');
  });

  test('a taken port is told in one line', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
    );
    const { code, output } = await failingStart({ PORT: String(port), SANDBOX: 'off' });
    taken.close();
    expect(code).toBe(1);
    expect(output).toContain(`cannot listen on 127.0.0.1:${port}: another program uses the port`);
    expect(output).not.toMatch(/\n\s+at /);
  });

  test('a standalone MongoDB is refused with the reason', async () => {
    await using standalone = await startStandalone(folder);
    const { code, output } = await failingStart({
      MONGODB_URI: `mongodb://127.0.0.1:${standalone.port}/`,
      SANDBOX: 'off',
    });
    expect(code).toBe(1);
    expect(output).toMatch(/standalone server, but a replica set is required/);
    expect(output).toContain('rs.initiate()');
  });

  async function failingStart(
    env: Record<string, string>,
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    await using running = startProcess(compiledProgram('main.js'), {
      cwd: folder,
      env: { MONGODB_URI: inject('mongoUri'), DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'silent', ...env },
    });
    const { code } = await running.ended;
    return { code, output: running.output() };
  }
});

async function startStandalone(folder: string): Promise<{ readonly port: number } & AsyncDisposable> {
  const port = await freePort();
  const dbPath = await mkdtemp(join(folder, 'standalone-'));
  const mongod: ChildProcess = spawn(
    inject('mongodBinary'),
    ['--dbpath', dbPath, '--port', String(port), '--bind_ip', '127.0.0.1'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await new Promise<void>((resolve, reject) => {
    mongod.stdout?.on('data', (text: Buffer) => {
      if (text.includes('Waiting for connections')) resolve();
    });
    mongod.once('exit', () => reject(new Error('the standalone mongod ended')));
  });
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => mongod.once('exit', resolve));
      mongod.kill('SIGKILL');
      await ended;
    },
  };
}
