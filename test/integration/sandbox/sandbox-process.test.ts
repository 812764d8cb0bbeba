import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/server.js';
import { compiledProgram, startProcess } from '../../support/processes.js';
import { rowsOf, SandboxClient } from './sandbox-client.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function running(): Promise<SandboxClient> {
  const client = new SandboxClient();
  await client.start({ dataDir: folder, sizes: { customers: 10, accounts: 20 } });
  return client;
}

describe('Dataverse 30: a restart', () => {
  test('keeps rows, etags, change tokens, access tokens, tombstones and the number series', async () => {
    const before = await running();
    const token = await before.token(`${before.url}/.default`);
    const first = await before.sales('accounts?$select=name', { headers: { prefer: 'odata.track-changes' } });
    const made = await before.sales('accounts', {
      method: 'POST',
      body: { name: 'Kept' },
      headers: { prefer: 'return=representation' },
    });
    const doomed = String(rowsOf(first.body)[0]?.['accountid']);
    await before.sales(`accounts(${doomed})`, { method: 'DELETE' });
    const customer = await before.business('customers', { method: 'POST', body: { displayName: 'Kept too' } });
    const delta = String(first.body['@odata.deltaLink']).replace(before.url, '');
    await before.stop();

    const after = await running();
    const changes = rowsOf((await after.plain(`${after.url}${delta}`, {}, token)).body);
    expect(changes.map((row) => row['name'] ?? row['id'])).toEqual(['Kept', doomed]);
    expect(changes[0]?.['@odata.etag']).toBe(made.body['@odata.etag']);
    const next = await after.business('customers', { method: 'POST', body: { displayName: 'Next' } });
    expect(Number(String(next.body['number']).slice(1))).toBe(Number(String(customer.body['number']).slice(1)) + 10);
    const later = await after.sales('accounts', {
      method: 'POST',
      body: { name: 'Later' },
      headers: { prefer: 'return=representation' },
    });
    const version = (etag: unknown) => Number(/\d+/.exec(String(etag))?.[0]);
    expect(version(later.body['@odata.etag'])).toBeGreaterThan(version(made.body['@odata.etag']) + 1);
    await after.stop();
  });

  test('leaves out a last line that was not written to its end, and names a damaged line before it', async () => {
    const before = await running();
    await before.sales('accounts', { method: 'POST', body: { name: 'Whole' } });
    await before.stop();
    const path = join(folder, 'world.ndjson');
    const text = await readFile(path, 'utf8');
    await writeFile(path, `${text}[{"put":{"id":"to`);
    const after = await running();
    expect(rowsOf((await after.sales("accounts?$filter=name eq 'Whole'")).body)).toHaveLength(1);
    await after.stop();
    await writeFile(path, `nonsense\n${text}`);
    await expect(startSandbox({ port: 0, dataDir: folder })).rejects.toThrow(
      `${path}, line 1: expected a JSON list of changes`,
    );
  });
});

describe('the program', () => {
  const program = () => compiledProgram('sandbox/main.js');
  const env = (port = '0') => ({ SANDBOX_PORT: port, SANDBOX_DATA_DIR: folder });
  const urlOf = (line: RegExpExecArray) => /http:\/\/[\d.:]+/.exec(line[0])?.[0] ?? '';

  test('says where it listens, keeps what it acknowledged when it is killed, and ends on SIGTERM', async () => {
    let id = '';
    {
      await using killed = startProcess(program(), { env: env() });
      const url = urlOf(await killed.line(/http:.*/));
      const reply = await fetch(`${url}/control/edit`, {
        method: 'POST',
        body: JSON.stringify({ system: 'SALES', entitySet: 'accounts', values: { name: 'Acknowledged' } }),
      });
      id = String(((await reply.json()) as Record<string, unknown>)['accountid']);
      await killed.kill('SIGKILL');
    }
    await using again = startProcess(program(), { env: env() });
    const url = urlOf(await again.line(/http:.*/));
    const overview = (await (await fetch(`${url}/control`)).json()) as Record<string, unknown>;
    expect(overview).toMatchObject({ service: 'tandem-sandbox', dataDir: folder });
    const edited = await fetch(`${url}/control/edit`, {
      method: 'POST',
      body: JSON.stringify({ system: 'SALES', entitySet: 'accounts', id, values: {} }),
    });
    expect(await edited.json()).toMatchObject({ name: 'Acknowledged' });
    expect(await again.stop()).toMatchObject({ code: 0 });
  });

  test('names a port that is taken, and ends with 1', async () => {
    const other = createServer();
    const port = await new Promise<string>((listening) =>
      other.listen(0, '127.0.0.1', () => listening(String((other.address() as { port: number }).port))),
    );
    await using refused = startProcess(program(), { env: env(port) });
    await refused.line(new RegExp(`port ${port} is taken`));
    expect(await refused.ended).toMatchObject({ code: 1 });
    other.close();
  });

  test('that finds its port taken has not touched the data of the one that holds it', async () => {
    const holder = await running();
    const path = join(folder, 'world.ndjson');
    const before = await readFile(path, 'utf8');
    await expect(startSandbox({ port: Number(new URL(holder.url).port), dataDir: folder })).rejects.toThrow(
      'EADDRINUSE',
    );
    const made = await holder.sales('accounts', { method: 'POST', body: { name: 'Still here' } });
    expect(made.status).toBe(204);
    const after = await readFile(path, 'utf8');
    expect(after.startsWith(before) && after.includes('Still here')).toBe(true);
    await holder.stop();
  });

  test('refuses a port that is none', async () => {
    await using refused = startProcess(program(), { env: env('abc') });
    await refused.line(/SANDBOX_PORT: expected a port from 0 to 65535, got "abc"/);
    expect(await refused.ended).toMatchObject({ code: 1 });
  });

  test('ends with its parent when asked to', async () => {
    const child = spawn(process.execPath, [program()], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, ...env(), SANDBOX_EXIT_WITH_PARENT: '1' },
    });
    const ended = new Promise<number | null>((end) => child.once('exit', (code) => end(code)));
    await new Promise((line) => child.stdout?.once('data', line));
    child.disconnect();
    expect(await ended).toBe(0);
  });
});
