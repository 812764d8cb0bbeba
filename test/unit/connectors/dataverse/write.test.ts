import { describe, expect, onTestFinished, test } from 'vitest';
import type { WriteOperation } from '../../../../src/connectors/connector.js';
import { DataverseConnector } from '../../../../src/connectors/dataverse/dataverse-connector.js';
import { asRun } from '../../../../src/connectors/requests-of-run.js';
import { json, type Received, tinyServer } from '../odata/tiny-server.js';

const never = new AbortController().signal;
const ids = [
  '00000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000002',
  '00000000-0000-4000-8000-000000000003',
] as const;

const label = (text: string) => ({ UserLocalizedLabel: { Label: text } });
const attribute = (name: string, type: string) => ({
  LogicalName: name,
  AttributeType: type,
  DisplayName: label(name),
  IsValidForRead: true,
});

const metadata: Readonly<Record<string, readonly object[]>> = {
  "EntityDefinitions(LogicalName='account')/Attributes": [
    attribute('accountid', 'Uniqueidentifier'),
    attribute('name', 'String'),
    attribute('creditlimit', 'Money'),
    attribute('statecode', 'State'),
    attribute('ownerid', 'Owner'),
    attribute('new_companyid', 'Lookup'),
    attribute('birthdate', 'DateTime'),
    attribute('visitedon', 'DateTime'),
    // What the service tells of columns that rows do not have.
    { ...attribute('owneridname', 'String'), AttributeOf: 'ownerid' },
    { ...attribute('secret', 'String'), IsValidForRead: false },
    { ...attribute('onforms', 'String'), IsValidODataAttribute: false },
  ],
  DateTimeAttributeMetadata: [
    { LogicalName: 'birthdate', DateTimeBehavior: { Value: 'DateOnly' } },
    { LogicalName: 'visitedon', DateTimeBehavior: { Value: 'UserLocal' } },
  ],
  StringAttributeMetadata: [{ LogicalName: 'name', MaxLength: 160 }],
  MoneyAttributeMetadata: [{ LogicalName: 'creditlimit', Precision: 2 }],
  StateAttributeMetadata: [
    { LogicalName: 'statecode', OptionSet: { Options: [{ Value: 0, Label: label('Active') }] } },
  ],
  LookupAttributeMetadata: [
    { LogicalName: 'ownerid', Targets: ['team', 'systemuser'] },
    { LogicalName: 'new_companyid', Targets: ['systemuser'] },
  ],
  ManyToOneRelationships: [
    {
      ReferencingAttribute: 'new_companyid',
      ReferencedEntity: 'systemuser',
      ReferencingEntityNavigationPropertyName: 'new_CompanyId',
    },
    { ReferencingAttribute: 'ownerid', ReferencedEntity: 'owner', ReferencingEntityNavigationPropertyName: 'ownerid' },
  ],
};

function definitions(url: string, checksVersions: boolean): readonly object[] {
  const path = decodeURIComponent(url);
  if (path.includes('LogicalName eq')) return [{ LogicalName: 'systemuser', EntitySetName: 'systemusers' }];
  if (path.includes('EntitySetName eq')) {
    return [
      {
        LogicalName: 'account',
        EntitySetName: 'accounts',
        PrimaryIdAttribute: 'accountid',
        ChangeTrackingEnabled: true,
        IsOptimisticConcurrencyEnabled: checksVersions,
      },
    ];
  }
  const key = Object.keys(metadata).findLast((part) => path.split('?')[0]?.endsWith(part));
  return key === undefined ? [] : (metadata[key] ?? []);
}

const part = (status: number, body: unknown, headers = '') =>
  `--r\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 ${status} X\r\n${headers}\r\n${body === undefined ? '' : JSON.stringify(body)}\r\n`;
const row = (id: string, version = 2) => ({ '@odata.etag': `W/"${version}"`, accountid: id, name: 'x' });
const refusal = (code: string, message: string) => ({ error: { code, message } });

/** A server whose answers to batches are given, one after the other; a text is sent as multipart. */
async function serverWith(
  answers: readonly (string | { status: number; body: object; headers?: Record<string, string> })[],
  checksVersions = true,
) {
  const batches: Received[] = [];
  const server = await tinyServer((request, response) => {
    if (!request.url.endsWith('/$batch')) {
      const isRows = request.url.startsWith('/api/data/v9.2/accounts?');
      return json(response, {
        value: isRows ? [row(ids[0], 1), row(ids[1], 9)] : definitions(request.url, checksVersions),
      });
    }
    const answer = answers[batches.length];
    batches.push(request);
    if (answer === undefined) return response.destroy();
    if (typeof answer !== 'string') return json(response, answer.body, answer.status, answer.headers);
    const stopped = answer.startsWith('STOPPED');
    response.writeHead(stopped ? 400 : 200, { 'content-type': 'multipart/mixed; boundary=r' });
    return response.end(`${answer.replace('STOPPED', '')}--r--\r\n`);
  });
  const connector = new DataverseConnector(
    { kind: 'DATAVERSE', baseUrl: server.origin, company: null, authentication: { kind: 'NONE' } },
    { retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1 } },
  );
  onTestFinished(async () => {
    await connector.close();
    await server[Symbol.asyncDispose]();
  });
  const write = (...operations: WriteOperation[]) =>
    asRun('run-7', () => connector.write({ table: 'accounts', fields: ['name'], operations }, never));
  return { write, batches, connector };
}

const update = (id: string, version = 1): WriteOperation => ({
  kind: 'UPDATE',
  id,
  version: `W/"${version}"`,
  values: { name: 'x' },
});
const create = (id: string): WriteOperation => ({ kind: 'CREATE', id, values: { name: 'x' } });

describe('the columns of a table', () => {
  test('are those that rows have, with the type that the behaviour of a date gives', async () => {
    const { connector } = await serverWith([]);
    const { fields } = await connector.metadata('accounts', never);
    expect([...fields.keys()].filter((name) => ['owneridname', 'secret', 'onforms'].includes(name))).toEqual([]);
    expect([fields.get('birthdate')?.type, fields.get('visitedon')?.type]).toEqual(['DATE', 'DATE_TIME']);
  });

  test('that are lookups are bound by the name that the metadata gives, whose case counts', async () => {
    const { write, batches } = await serverWith([part(200, row(ids[0]))]);
    await write({ kind: 'UPDATE', id: ids[0], version: 'W/"1"', values: { new_companyid: ids[2] } });
    expect(batches[0]?.body).toContain(`{"new_CompanyId@odata.bind":"/systemusers(${ids[2]})"}`);
  });
});

describe('a batch to Dataverse', () => {
  test('holds each operation with its own condition, all digits of a number, lookups as binds, and the run', async () => {
    const { write, batches } = await serverWith([
      part(200, row(ids[0])) + part(201, row(ids[1])) + part(204, undefined),
    ]);
    const outcomes = await write(
      {
        kind: 'UPDATE',
        id: ids[0],
        version: 'W/"1"',
        values: { creditlimit: '922337203685477.1234', statecode: '0', ownerid: ids[2] },
      },
      { kind: 'CREATE', id: ids[1], values: { name: null } },
      { kind: 'DELETE', id: ids[2], version: 'W/"3"' },
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['WRITTEN', 'WRITTEN', 'WRITTEN']);
    const [{ headers, body }] = batches as [Received];
    expect(headers).toMatchObject({ prefer: 'odata.continue-on-error', 'x-tandem-run-id': 'run-7' });
    expect(body.split('\r\n').filter((line) => /^(PATCH|DELETE|If|\{)/.test(line))).toEqual([
      `PATCH /api/data/v9.2/accounts(${ids[0]})?$select=accountid,name HTTP/1.1`,
      'If-Match: W/"1"',
      `{"creditlimit":922337203685477.1234,"statecode":0,"ownerid@odata.bind":"/systemusers(${ids[2]})"}`,
      `PATCH /api/data/v9.2/accounts(${ids[1]})?$select=accountid,name HTTP/1.1`,
      'If-None-Match: *',
      '{"name":null}',
      `DELETE /api/data/v9.2/accounts(${ids[2]}) HTTP/1.1`,
      'If-Match: W/"3"',
    ]);
  });

  test.each<[string, WriteOperation, number, unknown, object]>([
    [
      'another version',
      update(ids[0]),
      412,
      refusal('0x80060882', "doesn't match the RowVersion"),
      { kind: 'CHANGED' },
    ],
    ['another version without a code', update(ids[0]), 412, undefined, { kind: 'CHANGED' }],
    [
      'a missing row',
      update(ids[0]),
      404,
      refusal('0x80040217', `account With Id = ${ids[0]} Does Not Exist`),
      { kind: 'GONE' },
    ],
    [
      'a missing target of a lookup',
      update(ids[0]),
      404,
      refusal('0x80040217', `systemuser With Id = ${ids[2]} Does Not Exist`),
      { kind: 'REFUSED', error: { errorClass: 'DEPENDENCY' } },
    ],
    [
      'an id that exists',
      create(ids[0]),
      412,
      refusal('0x80040237', 'matching key values'),
      { kind: 'KEY_EXISTS', error: { errorClass: 'DUPLICATE' } },
    ],
    [
      'an alternate key that exists',
      update(ids[0]),
      412,
      refusal('0x80060892', 'Entity Key violated'),
      { kind: 'KEY_EXISTS' },
    ],
    [
      'a duplicate detected, even as 500',
      create(ids[0]),
      500,
      refusal('0x80040333', 'duplicate'),
      { kind: 'REFUSED', error: { errorClass: 'DUPLICATE' } },
    ],
    [
      'an unknown entity set',
      update(ids[0]),
      404,
      refusal('0x8006088a', 'segment'),
      { kind: 'REFUSED', error: { errorClass: 'CONFIGURATION' } },
    ],
    [
      'a text too long',
      update(ids[0]),
      400,
      refusal('0x80044331', "The length of the 'name' attribute of the 'account' entity exceeded"),
      { kind: 'REFUSED', error: { errorClass: 'VALIDATION', field: 'name' } },
    ],
    [
      'a missing privilege told in decimal',
      update(ids[0]),
      403,
      refusal('-2147220960', 'missing prvWriteAccount'),
      { kind: 'REFUSED', error: { errorClass: 'PERMISSION', code: '0x80040220' } },
    ],
    [
      'an unexpected error',
      update(ids[0]),
      500,
      refusal('0x80040216', 'An unexpected error occurred.'),
      { kind: 'UNKNOWN', error: { errorClass: 'TRANSIENT' } },
    ],
    ['a success without the row', update(ids[0]), 204, undefined, { kind: 'UNKNOWN' }],
  ])('answered with %s', async (_name, operation, status, body, expected) => {
    const { write } = await serverWith([part(status, body)]);
    expect(await write(operation)).toMatchObject([expected]);
  });

  test('repeats a part that met a deadlock, and no other', async () => {
    const { write, batches } = await serverWith([
      part(200, row(ids[0])) + part(500, refusal('0x80044150', 'Generic SQL error.')),
      part(200, row(ids[1])),
    ]);
    expect((await write(update(ids[0]), update(ids[1]))).map(({ kind }) => kind)).toEqual(['WRITTEN', 'WRITTEN']);
    expect(batches[1]?.body.match(/PATCH /g)).toHaveLength(1);
  });

  test('sends on what a server that stopped at an error did not reach', async () => {
    const { write } = await serverWith([
      `STOPPED${part(400, refusal('0x80044331', 'too long'))}`,
      part(200, row(ids[1])) + part(200, row(ids[2])),
    ]);
    expect((await write(update(ids[0]), update(ids[1]), update(ids[2]))).map(({ kind }) => kind)).toEqual([
      'REFUSED',
      'WRITTEN',
      'WRITTEN',
    ]);
  });

  test('leaves UNKNOWN what an answer that was cut off does not tell', async () => {
    const { write } = await serverWith([part(200, row(ids[0]))]);
    expect((await write(update(ids[0]), update(ids[1]))).map(({ kind }) => kind)).toEqual(['WRITTEN', 'UNKNOWN']);
  });

  test.each([
    [
      403,
      { error: { code: '0x80072560', message: 'The user is not a member of the organization.' } },
      'REFUSED',
      'PERMISSION',
    ],
    [503, {}, 'UNKNOWN', 'TRANSIENT'],
    [500, refusal('0x80044150', 'Generic SQL error.'), 'UNKNOWN', 'TRANSIENT'],
  ])('answered as a whole with %d leaves each operation so', async (status, body, kind, errorClass) => {
    const { write } = await serverWith([{ status, body }]);
    expect(await write(update(ids[0]), create(ids[1]))).toMatchObject([
      { kind, error: { errorClass } },
      { kind, error: { errorClass } },
    ]);
  });

  test('whose connection breaks leaves each operation UNKNOWN', async () => {
    const { write, batches } = await serverWith([]);
    expect((await write(update(ids[0]), create(ids[1]))).map(({ kind }) => kind)).toEqual(['UNKNOWN', 'UNKNOWN']);
    expect(batches).toHaveLength(1);
  });

  test('to a table that does not check versions compares them itself right before', async () => {
    const { write, batches } = await serverWith([part(200, row(ids[0]))], false);
    expect((await write(update(ids[0], 1), update(ids[1], 1), update(ids[2], 1))).map(({ kind }) => kind)).toEqual([
      'WRITTEN',
      'CHANGED',
      'GONE',
    ]);
    expect(batches[0]?.body.match(/If-Match: .*/g)).toEqual(['If-Match: *']);
  });

  test('has no operation with a value that its column cannot hold', async () => {
    const { write, batches } = await serverWith([]);
    const wrong = (values: Record<string, string>): WriteOperation => ({
      kind: 'UPDATE',
      id: ids[0],
      version: 'W/"1"',
      values,
    });
    const outcomes = await write(
      wrong({ creditlimit: '1,5' }),
      wrong({ statecode: 'Active' }),
      wrong({ ownerid: 'me' }),
      { kind: 'CREATE', id: null, values: {} },
    );
    expect(
      outcomes.map((outcome) => ('error' in outcome ? [outcome.error.code, outcome.error.field] : outcome)),
    ).toEqual([
      ['VALUE_FORM', 'creditlimit'],
      ['VALUE_FORM', 'statecode'],
      ['VALUE_FORM', 'ownerid'],
      ['ID_REQUIRED', null],
    ]);
    expect(batches).toEqual([]);
  });
});
