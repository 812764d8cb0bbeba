import { beforeEach, describe, expect, test } from 'vitest';
import { allPages, errorOf, type Reply, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
const TRACK = { prefer: 'odata.track-changes' };

const ask = (address: string) => sandbox.sales(address);

/** Reads to the last page and answers with its delta link. */
async function begin(query = '$select=name'): Promise<string> {
  const first = await sandbox.sales(`accounts?${query}`, { headers: TRACK });
  const next = first.body['@odata.nextLink'];
  const pages = typeof next === 'string' ? await allPages(ask, next) : [first];
  return String(pages.at(-1)?.body['@odata.deltaLink']);
}

async function create(name: string): Promise<string> {
  const reply = await sandbox.sales('accounts', { method: 'POST', body: { name } });
  return /\(([\da-f-]{36})\)$/.exec(reply.headers.get('odata-entityid') ?? '')?.[1] ?? '';
}

const rename = (id: string, name: string): Promise<Reply> =>
  sandbox.sales(`accounts(${id})`, { method: 'PATCH', body: { name } });
const remove = (id: string): Promise<Reply> => sandbox.sales(`accounts(${id})`, { method: 'DELETE' });

beforeEach(() => sandbox.control('DELETE', '/settings'));

describe('Dataverse 3, 7: change tracking', () => {
  test('gives all rows first; only the last page has a delta link, and page cookies say that they track', async () => {
    const first = await sandbox.sales('accounts?$select=name', {
      headers: { prefer: 'odata.track-changes,odata.maxpagesize=60' },
    });
    expect(first.body['@odata.deltaLink']).toBeUndefined();
    expect(decodeURIComponent(String(first.body['@odata.nextLink']))).toContain('istracking="True"');
    const rest = await allPages(
      (address) => sandbox.sales(address, { headers: { prefer: 'odata.maxpagesize=60' } }),
      String(first.body['@odata.nextLink']),
    );
    expect(String(rest.at(-1)?.body['@odata.deltaLink']).startsWith(`${sandbox.dataverse}accounts?`)).toBe(true);
    expect(rest.at(-1)?.body['@odata.deltaLink']).toMatch(/\$deltatoken=\d+!\d\d%2F\d\d%2F\d{4}%20/);
  });

  test('with no change answers an empty list and a fresh delta link', async () => {
    const { body, status } = await ask(await begin());
    expect(status).toBe(200);
    expect(body['value']).toEqual([]);
    expect(body['@odata.context']).toBe(`${sandbox.dataverse}$metadata#accounts(name)/$delta`);
    expect((await ask(String(body['@odata.deltaLink']))).body['value']).toEqual([]);
  });

  test('gives changed rows in the order of their versions, own writes too, and deletions at the end', async () => {
    const [a, b, c] = [await create('Delta A'), await create('Delta B'), await create('Delta C')];
    const link = await begin();
    await remove(a);
    await rename(c, 'Delta C2');
    await rename(b, 'Delta B2');
    await rename(c, 'Delta C3');
    const rows = rowsOf((await ask(link)).body);
    expect(rows.map((row) => row['name'] ?? row['reason'])).toEqual(['Delta B2', 'Delta C3', 'deleted']);
    expect(rows[2]).toEqual({
      '@odata.context': `${sandbox.dataverse}$metadata#accounts/$deletedEntity`,
      id: a,
      reason: 'deleted',
    });
  });

  test('gives a row when a column outside the selection changed', async () => {
    const id = await create('Delta D');
    const link = await begin();
    await sandbox.sales(`accounts(${id})`, { method: 'PATCH', body: { fax: '1' } });
    expect(rowsOf((await ask(link)).body).map((row) => row['accountid'])).toEqual([id]);
  });

  test('gives a row that was created and deleted in between as a deletion alone', async () => {
    const link = await begin();
    const id = await create('Delta E');
    await remove(id);
    expect(rowsOf((await ask(link)).body)).toEqual([expect.objectContaining({ id, reason: 'deleted' })]);
  });

  test('pages changes and deletions together, and loses none that happen meanwhile', async () => {
    const link = await begin();
    const ids: string[] = [];
    for (const name of ['P1', 'P2', 'P3', 'P4', 'P5']) ids.push(await create(name));
    await remove(ids[4] ?? '');
    const headers = { prefer: 'odata.maxpagesize=2' };
    const first = await sandbox.sales(link, { headers });
    expect(rowsOf(first.body)).toHaveLength(2);
    await rename(ids[0] ?? '', 'P1 again');
    const rest = await allPages(
      (address) => sandbox.sales(address, { headers }),
      String(first.body['@odata.nextLink']),
    );
    const seen = [first, ...rest].flatMap(({ body }) => rowsOf(body).map((row) => row['accountid'] ?? row['id']));
    expect(new Set(seen)).toEqual(new Set(ids));
    const later = await ask(String(rest.at(-1)?.body['@odata.deltaLink']));
    expect(rowsOf(later.body).map((row) => row['name'])).toContain('P1 again');
  });

  test('counts changes', async () => {
    const link = await begin();
    await create('Delta F');
    const token = new URL(link).searchParams.get('$deltatoken') ?? '';
    expect((await ask(`accounts/$count?$deltatoken=${encodeURIComponent(token)}`)).text).toBe('1');
  });

  test.each(['$filter=statecode eq 0', '$orderby=name', '$top=3', '$expand=primarycontactid'])(
    'refuses %s',
    async (option) => {
      const reply = await sandbox.sales(`accounts?${option}`, { headers: TRACK });
      const name = option.slice(0, option.indexOf('='));
      expect(reply.status).toBe(400);
      expect(errorOf(reply).message).toBe(
        `The "${name}" query parameter isn't supported when Change Tracking is enabled.`,
      );
    },
  );

  test('is refused for a table without it', async () => {
    expect((await sandbox.sales('organizations', { headers: TRACK })).status).toBe(400);
  });
});

describe('Dataverse 8: a delta link expires', () => {
  test('by command', async () => {
    const link = await begin();
    await sandbox.control('POST', '/expire-deltas');
    const reply = await ask(link);
    expect(reply.status).toBe(400);
    expect(errorOf(reply)).toEqual({
      code: '0x80044352',
      message: 'Version stamp associated with the client has expired. Please perform a full sync.',
    });
    expect((await ask(await begin())).status).toBe(200);
  });

  test('by age', async () => {
    const link = await begin();
    await sandbox.control('POST', '/settings', { SALES: { clockOffsetMs: 8 * 86_400_000 } });
    expect(errorOf(await ask(link)).code).toBe('0x80044352');
    await sandbox.control('POST', '/settings', { SALES: { clockOffsetMs: 0 } });
    expect((await ask(link)).status).toBe(200);
  });

  test('with the status that the settings say', async () => {
    const link = await begin();
    await sandbox.control('POST', '/settings', { SALES: { expiredDeltaStatus: 410 } });
    await sandbox.control('POST', '/expire-deltas');
    expect((await ask(link)).status).toBe(410);
  });

  test('when the world was reset', async () => {
    const link = await begin();
    await sandbox.control('POST', '/reset', {});
    expect(errorOf(await ask(link)).code).toBe('0x80044352');
  });
});
