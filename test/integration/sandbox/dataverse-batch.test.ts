import { randomUUID } from 'node:crypto';
import { DynamicsWebApi } from 'dynamics-web-api';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, type Reply, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
const CRLF = '\r\n';

interface PartOfBatch {
  readonly status: number;
  readonly headers: string;
  readonly body: Record<string, unknown>;
}

const operation = (request: string, body?: object, headers: Record<string, string> = {}): string =>
  [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(headers['content-id'] === undefined ? [] : [`Content-ID: ${headers['content-id']}`]),
    '',
    `${request} HTTP/1.1`,
    'Content-Type: application/json; type=entry',
    ...Object.entries(headers)
      .filter(([name]) => name !== 'content-id')
      .map(([name, value]) => `${name}: ${value}`),
    '',
    body === undefined ? '' : JSON.stringify(body),
  ].join(CRLF);

const multipart = (boundary: string, parts: readonly string[]): string =>
  `${parts.map((part) => `--${boundary}${CRLF}${part}${CRLF}`).join('')}--${boundary}--${CRLF}`;

const changeSet = (parts: readonly string[]): string =>
  ['Content-Type: multipart/mixed; boundary="set"', '', multipart('set', parts)].join(CRLF);

const send = (parts: readonly string[], headers: Record<string, string> = {}): Promise<Reply> =>
  sandbox.sales('$batch', {
    method: 'POST',
    body: multipart('outer', parts),
    headers: { 'content-type': 'multipart/mixed; boundary="outer"', ...headers },
  });

/** The operations' answers in the order in which they stand in the body. */
function partsOf(reply: Reply): PartOfBatch[] {
  return [...reply.text.matchAll(/HTTP\/1\.1 (\d{3})[^\r]*\r\n([\s\S]*?)\r\n\r\n([\s\S]*?)(?=\r\n--|$)/g)].map(
    ([, status, headers = '', body = '']) => ({
      status: Number(status),
      headers,
      body: body.trim() === '' ? {} : (JSON.parse(body) as Record<string, unknown>),
    }),
  );
}

const account = (name: string) => operation('POST /api/data/v9.2/accounts', { name });
const GOES_ON = { prefer: 'odata.continue-on-error' };

async function countNamed(name: string): Promise<number> {
  return rowsOf((await sandbox.sales(`accounts?$select=name&$filter=name eq '${name}'`)).body).length;
}

beforeEach(() => sandbox.control('DELETE', '/settings'));

describe('Dataverse 21: a batch', () => {
  test('does its operations in order and answers each one', async () => {
    const reply = await send([
      account('Batch 1'),
      operation("GET accounts?$select=name&$filter=name eq 'Batch 1'"),
      account('Batch 2'),
    ]);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=batchresponse_/);
    const parts = partsOf(reply);
    expect(parts.map(({ status }) => status)).toEqual([204, 200, 204]);
    expect(parts[0]?.headers).toContain(`OData-EntityId: ${sandbox.dataverse}accounts(`);
    expect(rowsOf(parts[1]?.body ?? {})).toHaveLength(1);
  });

  test('takes preferences and conditions from its parts, and addresses in each form', async () => {
    const id = randomUUID();
    const reply = await send([
      operation(
        `PATCH ${sandbox.dataverse}accounts(${id})?$select=name`,
        { name: 'Part' },
        { 'If-None-Match': '*', Prefer: 'return=representation' },
      ),
      operation(`PATCH /api/data/v9.2/accounts(${id})`, { fax: '1' }, { 'If-Match': '*' }),
      operation(`DELETE accounts(${id})`, undefined, { 'If-Match': '*' }),
    ]);
    expect(partsOf(reply).map(({ status }) => status)).toEqual([201, 204, 204]);
    expect(partsOf(reply)[0]?.body).toMatchObject({ name: 'Part', accountid: id });
  });

  test('stops at the first failure, whose status is that of the whole answer', async () => {
    const reply = await send([account('Stop 1'), operation('POST accounts', { nosuch: 1 }), account('Stop 2')]);
    expect(reply.status).toBe(400);
    expect(partsOf(reply).map(({ status }) => status)).toEqual([204, 400]);
    expect(partsOf(reply)[1]?.headers).toContain('REQ_ID');
    expect([await countNamed('Stop 1'), await countNamed('Stop 2')]).toEqual([1, 0]);
  });

  test('with continue-on-error answers all and is 200', async () => {
    const reply = await send([account('On 1'), operation('POST accounts', { nosuch: 1 }), account('On 2')], GOES_ON);
    expect(reply.status).toBe(200);
    expect(partsOf(reply).map(({ status }) => status)).toEqual([204, 400, 204]);
  });

  test('is read with line feeds alone and an unquoted boundary', async () => {
    const body = multipart('outer', [account('Line feeds')]).replaceAll('\r\n', '\n');
    const reply = await sandbox.sales('$batch', {
      method: 'POST',
      body,
      headers: { 'content-type': 'multipart/mixed;boundary=outer' },
    });
    expect(partsOf(reply).map(({ status }) => status)).toEqual([204]);
  });

  test('of more operations than allowed does nothing', async () => {
    await sandbox.control('POST', '/settings', { SALES: { maxBatchOperations: 2 } });
    const reply = await send([account('Many'), account('Many'), account('Many')]);
    expect(reply.status).toBe(400);
    expect(errorOf(reply).message).toContain("A maximum number of '2' operations are allowed");
    expect(await countNamed('Many')).toBe(0);
  });

  test('that is no multipart body is refused', async () => {
    const reply = await sandbox.sales('$batch', { method: 'POST', body: { requests: [] } });
    expect(reply.status).toBe(400);
  });
});

describe('Dataverse 21: a change set', () => {
  const inSet = (id: string, request: string, body: object) => operation(request, body, { 'content-id': id });

  test('is done as one, and later operations refer to what earlier ones made', async () => {
    const reply = await send([
      changeSet([
        inSet('1', 'POST /api/data/v9.2/accounts', { name: 'Set parent' }),
        inSet('2', 'POST /api/data/v9.2/accounts', { name: 'Set child', 'parentaccountid@odata.bind': '$1' }),
        inSet('3', 'PATCH $1', { fax: '33' }),
      ]),
      operation("GET accounts?$select=name&$expand=parentaccountid($select=fax)&$filter=name eq 'Set child'"),
    ]);
    expect(reply.status).toBe(200);
    expect(reply.text).toMatch(/Content-Type: multipart\/mixed; boundary=changesetresponse_/);
    expect(reply.text).toMatch(/Content-ID: 2/);
    const child = rowsOf(partsOf(reply)[3]?.body ?? {})[0];
    expect(child?.['parentaccountid']).toMatchObject({ fax: '33' });
  });

  test('that fails writes nothing and is answered by one error', async () => {
    const reply = await send(
      [
        changeSet([inSet('1', 'POST accounts', { name: 'Rolled back' }), inSet('2', 'POST accounts', { nosuch: 1 })]),
        account('After the set'),
      ],
      GOES_ON,
    );
    expect(partsOf(reply).map(({ status }) => status)).toEqual([400, 204]);
    expect([await countNamed('Rolled back'), await countNamed('After the set')]).toEqual([0, 1]);
  });

  test('refuses references forward, reads, and missing ids', async () => {
    const forward = await send([
      changeSet([inSet('1', 'PATCH $2', { fax: '1' }), inSet('2', 'POST accounts', { name: 'Forward' })]),
    ]);
    expect(partsOf(forward)[0]?.body['error']).toMatchObject({
      message: "Content-ID Reference: '$2' does not exist in the batch context.",
    });
    expect((await send([changeSet([operation('GET accounts', undefined, { 'content-id': '1' })])])).status).toBe(400);
    expect((await send([changeSet([operation('POST accounts', { name: 'x' })])])).status).toBe(400);
  });
});

describe('Dataverse 22: bulk actions', () => {
  const type = { '@odata.type': 'Microsoft.Dynamics.CRM.account' };
  const bulk = (action: string, targets: readonly object[], set = 'accounts') =>
    sandbox.sales(`${set}/Microsoft.Dynamics.CRM.${action}`, { method: 'POST', body: { Targets: targets } });

  test('create rows with the given ids, in the order of the request', async () => {
    const ids = [randomUUID(), randomUUID()];
    const reply = await bulk(
      'CreateMultiple',
      ids.map((accountid, at) => ({ ...type, accountid, name: `Bulk ${at}` })),
    );
    expect([reply.status, reply.body['Ids']]).toEqual([200, ids]);
    expect((await sandbox.sales(`accounts(${ids[1]})`)).body['name']).toBe('Bulk 1');
  });

  test('do nothing when one of their rows is refused', async () => {
    const reply = await bulk('CreateMultiple', [
      { ...type, name: 'Bulk none' },
      { ...type, name: 'x'.repeat(200) },
    ]);
    expect(reply.status).toBe(400);
    expect(await countNamed('Bulk none')).toBe(0);
  });

  test('need the type of each row', async () => {
    expect((await bulk('CreateMultiple', [{ name: 'Untyped' }])).status).toBe(400);
  });

  test('update and upsert', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    await bulk('CreateMultiple', [{ ...type, accountid: a, name: 'Multi A' }]);
    expect((await bulk('UpdateMultiple', [{ ...type, accountid: a, fax: '1' }])).status).toBe(204);
    expect((await bulk('UpdateMultiple', [{ ...type, accountid: b, fax: '1' }])).status).toBe(404);
    expect(
      (
        await bulk('UpsertMultiple', [
          { ...type, accountid: a, fax: '2' },
          { ...type, '@odata.id': `accounts(${b})`, name: 'Multi B' },
        ])
      ).status,
    ).toBe(204);
    expect((await sandbox.sales(`accounts(${a})`)).body['fax']).toBe('2');
    expect((await sandbox.sales(`accounts(${b})`)).body['name']).toBe('Multi B');
  });

  test('are told by the message filters, and missing where the table has none', async () => {
    const probe = (table: string) =>
      sandbox.sales(
        `sdkmessagefilters?$select=sdkmessagefilterid&$filter=sdkmessageid/name eq @m and primaryobjecttypecode eq @t&@m='CreateMultiple'&@t='${table}'`,
      );
    expect(rowsOf((await probe('account')).body)).toHaveLength(1);
    expect(rowsOf((await probe('systemuser')).body)).toHaveLength(0);
    expect(
      (await bulk('CreateMultiple', [{ '@odata.type': 'Microsoft.Dynamics.CRM.systemuser' }], 'systemusers')).status,
    ).toBe(404);
  });
});

describe('Dataverse 20, 21, 22: duplicate detection', () => {
  const DETECT = { 'MSCRM.SuppressDuplicateDetection': 'false' };
  const type = { '@odata.type': 'Microsoft.Dynamics.CRM.account' };
  const twice = (name: string) => operation('POST accounts', { name }, DETECT);

  test('in a batch strikes the parts that ask for it, each for itself', async () => {
    const name = `Twin ${randomUUID()}`;
    const reply = await send([account(name), account(name), twice(name), twice(`${name} other`)], GOES_ON);
    expect(reply.status).toBe(200);
    expect(partsOf(reply).map(({ status }) => status)).toEqual([204, 204, 412, 204]);
    expect(partsOf(reply)[2]?.body).toMatchObject({ error: { code: '0x80040333' } });
    expect(await countNamed(name)).toBe(2);
  });

  test('takes back the whole change set in which it strikes', async () => {
    const name = `Twin ${randomUUID()}`;
    const first = operation('POST accounts', { name }, { 'content-id': '1' });
    const second = operation('POST accounts', { name }, { ...DETECT, 'content-id': '2' });
    const reply = await send([changeSet([first, second])], GOES_ON);
    expect(partsOf(reply)).toMatchObject([{ status: 412, body: { error: { code: '0x80040333' } } }]);
    expect(await countNamed(name)).toBe(0);
  });

  test.each(['CreateMultiple', 'UpsertMultiple'])(
    'in %s takes back all rows, and is not asked without the header',
    async (action) => {
      const name = `Twin ${randomUUID()}`;
      const bulk = (headers: Record<string, string>) =>
        sandbox.sales(`accounts/Microsoft.Dynamics.CRM.${action}`, {
          method: 'POST',
          body: { Targets: [name, name].map((one) => ({ ...type, accountid: randomUUID(), name: one })) },
          headers,
        });
      const refused = await bulk(DETECT);
      expect([refused.status, errorOf(refused).code]).toEqual([412, '0x80040333']);
      expect(await countNamed(name)).toBe(0);
      expect((await bulk({})).status).toBeLessThan(300);
      expect(await countNamed(name)).toBe(2);
    },
  );
});

describe('a client of somebody else', () => {
  test('creates, reads, updates conditionally, pages and batches', async () => {
    const token = await sandbox.token(`${sandbox.url}/.default`);
    const client = new DynamicsWebApi({
      serverUrl: sandbox.url,
      dataApi: { version: '9.2' },
      onTokenRefresh: () => Promise.resolve(token),
    });
    const made = await client.create<Record<string, unknown>>({
      collection: 'accounts',
      data: { name: 'Foreign' },
      returnRepresentation: true,
    });
    const key = String(made['accountid']);
    await client.update({ collection: 'accounts', key, data: { fax: '5' }, ifmatch: String(made['@odata.etag']) });
    const read = await client.retrieve<Record<string, unknown>>({
      collection: 'accounts',
      key,
      select: ['name', 'fax'],
    });
    expect(read).toMatchObject({ name: 'Foreign', fax: '5' });
    const all = await client.retrieveAll<Record<string, unknown>>({
      collection: 'accounts',
      select: ['name'],
      maxPageSize: 40,
    });
    expect(all.value?.length).toBe(Number((await sandbox.sales('accounts/$count')).text));
    client.startBatch();
    void client.create({ collection: 'accounts', data: { name: 'Foreign batch 1' }, contentId: '1' });
    void client.create({
      collection: 'accounts',
      data: { name: 'Foreign batch 2', 'parentaccountid@odata.bind': '$1' },
    });
    const answers = await client.executeBatch();
    expect(answers).toHaveLength(2);
    const child = rowsOf(
      (await sandbox.sales("accounts?$filter=name eq 'Foreign batch 2'&$expand=parentaccountid($select=name)")).body,
    )[0];
    expect(child?.['parentaccountid']).toMatchObject({ name: 'Foreign batch 1' });
  });
});
