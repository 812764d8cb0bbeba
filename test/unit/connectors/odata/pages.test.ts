import { describe, expect, onTestFinished, test } from 'vitest';
import { DataverseConnector } from '../../../../src/connectors/dataverse/dataverse-connector.js';
import { basicAuthorization } from '../../../../src/connectors/odata/authorization.js';
import { covers, readCursor, writeCursor } from '../../../../src/connectors/odata/cursor.js';
import { LocalGate } from '../../../../src/connectors/odata/gate.js';
import { defaultHttpOptions, HttpClient } from '../../../../src/connectors/odata/http-client.js';
import { ODataClient, rowsOf } from '../../../../src/connectors/odata/odata-client.js';
import { pagesOf } from '../../../../src/connectors/odata/pages.js';
import { defaultRetryPolicy } from '../../../../src/connectors/odata/retry.js';
import { json, tinyServer } from './tiny-server.js';

const never = new AbortController().signal;

function clientOf(origin: string): ODataClient {
  const http = new HttpClient(defaultHttpOptions);
  onTestFinished(() => http.close());
  return new ODataClient({
    base: new URL('/api/', origin),
    http,
    authorization: basicAuthorization('user', 'secret-key'),
    gate: new LocalGate({ initial: 1, maximum: 1 }),
    dialect: {
      system: 'the system',
      codes: new Map(),
      texts: [],
      generalCodes: new Map(),
      statuses: new Map(),
      fieldPatterns: [],
      normalCode: (code) => code,
    },
    retry: defaultRetryPolicy,
    random: () => 0,
    headers: {},
  });
}

describe('pages', () => {
  test('are followed as the system wrote the link, with the same headers, also past an empty one', async () => {
    await using server = await tinyServer((request, response, index) => {
      const next = { '@odata.nextLink': `http://${request.headers.host}/api/rows?$skiptoken=%3ca%20b%3e${index}` };
      json(response, { value: index === 1 ? [] : [index], ...(index < 2 ? next : {}) });
    });
    const rows: unknown[] = [];
    for await (const { body } of pagesOf(clientOf(server.origin), 'rows', { prefer: 'odata.maxpagesize=1' }, never))
      rows.push(...rowsOf(body));
    expect(rows).toEqual([0, 2]);
    expect(server.received.map(({ url }) => url)).toEqual([
      '/api/rows',
      '/api/rows?$skiptoken=%3ca%20b%3e0',
      '/api/rows?$skiptoken=%3ca%20b%3e1',
    ]);
    expect(new Set(server.received.map(({ headers }) => headers.prefer))).toEqual(new Set(['odata.maxpagesize=1']));
  });

  test('case 64: on another address are refused, and no token goes there', async () => {
    await using elsewhere = await tinyServer((_request, response) => json(response, { value: [] }));
    await using server = await tinyServer((_request, response) =>
      json(response, { value: [1], '@odata.nextLink': `${elsewhere.origin}/api/rows?page=2` }),
    );
    const read = async () => {
      for await (const page of pagesOf(clientOf(server.origin), 'rows', {}, never))
        expect(rowsOf(page.body)).toEqual([1]);
    };
    await expect(read()).rejects.toMatchObject({ errorClass: 'CONFIGURATION', code: 'FOREIGN_LINK' });
    expect(elsewhere.received).toEqual([]);
  });
});

describe('a stored cursor', () => {
  test('comes back as it was', () => {
    const cursor = { kind: 'LINK', path: 'accounts?$deltatoken=919058%2108', fields: ['name'] } as const;
    expect(readCursor('accounts', writeCursor(cursor))).toEqual(cursor);
  });

  test.each(['', 'null', '{}', '{"kind":"LINK","fields":[]}', '{"kind":"SINCE","path":"x","fields":[]}'])(
    '%j is taken for expired',
    (text) => {
      expect(() => readCursor('accounts', text)).toThrow(expect.objectContaining({ code: 'CURSOR_EXPIRED' }));
    },
  );

  test('covers the fields that it was read with', () => {
    const cursor = { kind: 'SINCE', since: '2026-01-31T10:00:00Z', fields: ['name', 'city'] } as const;
    expect([covers(cursor, ['city']), covers(cursor, []), covers(cursor, ['city', 'phone'])]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('cannot lead to another address', async () => {
    await using elsewhere = await tinyServer((_request, response) => json(response, { value: [] }));
    await using server = await tinyServer((request, response) => {
      if (request.url.startsWith('/api/data/v9.2/EntityDefinitions?')) {
        const table = {
          LogicalName: 'account',
          EntitySetName: 'accounts',
          PrimaryIdAttribute: 'accountid',
          ChangeTrackingEnabled: true,
        };
        json(response, { value: [table] });
      } else json(response, { value: [] });
    });
    const connector = new DataverseConnector({
      kind: 'DATAVERSE',
      baseUrl: server.origin,
      company: null,
      authentication: { kind: 'NONE' },
    });
    onTestFinished(() => connector.close());
    const cursor = writeCursor({ kind: 'LINK', path: `@${new URL(elsewhere.origin).host}/rows`, fields: [] });
    const pages = connector.readChanges({ table: 'accounts', fields: [], cursor }, never);
    await pages[Symbol.asyncIterator]()
      .next()
      .catch(() => undefined);
    expect(elsewhere.received).toEqual([]);
  });
});
