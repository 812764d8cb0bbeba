import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf, SandboxClient } from './sandbox-client.js';

const MILLION = 1_000_000;

describe('a sandbox with a million customers', () => {
  let folder: string;
  let sandbox: SandboxClient;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
    sandbox = new SandboxClient();
    await sandbox.start({ dataDir: folder, sizes: { customers: MILLION, accounts: MILLION, people: 0, contacts: 0 } });
  }, 60_000);
  afterAll(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const company = (): Promise<string> => sandbox.company();
  const paged = { headers: { prefer: 'odata.maxpagesize=500' } };

  test('gives pages and counts of either system, in order and without a row twice', async () => {
    const counted = await sandbox.business(`${await company()}/customers/$count`);
    expect(counted.text).toBe(String(MILLION));
    for (const [read, key] of [
      [(at: string) => sandbox.business(at, paged), 'number'],
      [(at: string) => sandbox.sales(at, paged), 'accountid'],
    ] as const) {
      const first = await read(key === 'number' ? `${await company()}/customers` : 'accounts?$select=name');
      const second = await read(String(first.body['@odata.nextLink']));
      const keys = [...rowsOf(first.body), ...rowsOf(second.body)].map((row) => String(row[key]));
      expect(keys).toEqual([...new Set(keys)].toSorted((a, b) => (a < b ? -1 : 1)));
      expect(keys).toHaveLength(1_000);
    }
  });

  test('finds rows by id, by number and by their change, at once', async () => {
    const found = await sandbox.business(
      `${await company()}/customers?$filter=number eq 'C15000000' or number eq 'C10000010' or number eq 'C00010'`,
    );
    expect(rowsOf(found.body).map((row) => row['number'])).toEqual(['C00010', 'C10000010', 'C15000000']);
    const [row] = rowsOf(found.body).slice(-1);
    const byId = await sandbox.business(`${await company()}/customers(${String(row?.['id'])})`);
    expect(byId.body).toMatchObject({ number: 'C15000000' });
    const changed = await sandbox.business(
      `${await company()}/customers?$filter=lastModifiedDateTime ge 2026-01-01T00:00:00Z`,
    );
    expect(rowsOf(changed.body)).toEqual([]);
  });

  test('finds rows by name and by the row that they belong to, without looking at all others', async () => {
    const [customer] = rowsOf(
      (await sandbox.business(`${await company()}/customers?$filter=number eq 'C15000000'`)).body,
    );
    const name = String(customer?.['displayName']);
    const startedAt = performance.now();
    const named = await sandbox.business(
      `${await company()}/customers?$filter=displayName eq '${encodeURIComponent(name)}'`,
    );
    expect(rowsOf(named.body)).toEqual([customer]);
    const accounts = rowsOf(
      (await sandbox.sales(`accounts?$select=name&$filter=name eq '${encodeURIComponent(name.toUpperCase())}'`)).body,
    );
    expect(accounts.map((row) => row['name'])).toEqual([name]);
    const nobody = await sandbox.sales("accounts?$select=name&$filter=name eq 'Nobody No. 77'");
    expect(rowsOf(nobody.body)).toEqual([]);
    // To look at one million rows takes half a minute.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test('keeps what people change, tells it to readers of changes, and knows it after a restart', async () => {
    const tracked = { headers: { prefer: 'odata.track-changes,odata.maxpagesize=2' } };
    const { body } = await sandbox.sales('accounts?$select=name', tracked);
    const [, account] = rowsOf(body);
    const start = await sandbox.sales('accounts/$count');
    expect(start.text).toBe('5000');
    const number = 'C15000000';
    const customer = rowsOf(
      (await sandbox.business(`${await company()}/customers?$filter=number eq '${number}'`)).body,
    )[0];
    const since = new Date(Date.now() - 5_000).toISOString();
    const edited = await sandbox.control('POST', '/edit', {
      system: 'BUSINESS',
      entitySet: 'customers',
      id: customer?.['id'],
      values: { displayName: 'Edited' },
    });
    expect(edited.status).toBe(200);
    const { headers } = await sandbox.sales(`accounts(${String(account?.['accountid'])})`, {
      method: 'PATCH',
      body: { name: 'Edited there' },
      headers: { prefer: 'return=representation' },
    });
    expect(headers.get('etag')).toMatch(/^W\//);
    const made = await sandbox.business(`${await company()}/customers`, {
      method: 'POST',
      body: { displayName: 'New' },
    });
    expect(String(made.body['number'])).toMatch(/^C\d{8}$/);

    await sandbox.stop();
    expect((await stat(join(folder, 'world.ndjson'))).size).toBeLessThan(60_000_000);
    await sandbox.start({ dataDir: folder });
    const changed = await sandbox.business(`${await company()}/customers?$filter=lastModifiedDateTime ge ${since}`);
    expect(rowsOf(changed.body).map((row) => row['displayName'])).toEqual(['Edited', 'New']);
    const counted = await sandbox.business(`${await company()}/customers/$count`);
    expect(counted.text).toBe(String(MILLION + 1));
    const kept = await sandbox.sales(`accounts(${String(account?.['accountid'])})?$select=name`);
    expect(kept.body['name']).toBe('Edited there');
  });

  test('forgets a row that was deleted, and tells that it went', async () => {
    const page = await sandbox.sales('accounts?$select=name&$filter=modifiedon ge 2026-01-01T00:00:00Z');
    const [account] = rowsOf(page.body);
    const [, doomed] = rowsOf((await sandbox.sales('accounts?$select=name', paged)).body);
    expect((await sandbox.sales(`accounts(${String(doomed?.['accountid'])})`, { method: 'DELETE' })).status).toBe(204);
    expect((await sandbox.sales(`accounts(${String(doomed?.['accountid'])})`)).status).toBe(404);
    expect(account?.['name']).toBe('Edited there');
    const { body } = await sandbox.control('GET', '');
    const tables = body['tables'] as { name: string; rows: number }[];
    expect(tables.find(({ name }) => name === 'SALES/account')?.rows).toBe(MILLION - 1);
  });
});
