import { describe, expect, onTestFinished, test } from 'vitest';
import { BusinessCentralConnector } from '../../../../src/connectors/business-central/business-central-connector.js';
import type { WriteOperation } from '../../../../src/connectors/connector.js';
import { asRun } from '../../../../src/connectors/requests-of-run.js';
import { json, type Received, tinyServer } from '../odata/tiny-server.js';

const never = new AbortController().signal;
const company = '00000000-0000-4000-8000-00000000c0c0';
const ids = [1, 2, 3].map((number) => `00000000-0000-4000-8000-00000000000${number}`) as [string, string, string];

const edmx = `<?xml version="1.0"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="customer"><Key><PropertyRef Name="id" /></Key>
<Property Name="id" Type="Edm.Guid" Nullable="false" /><Property Name="displayName" Type="Edm.String" MaxLength="100" />
</EntityType>
<EntityContainer Name="NAV"><EntitySet Name="customers" EntityType="Microsoft.NAV.customer" /></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>`;

interface Part {
  readonly status: number;
  readonly id?: string | null;
  readonly headers?: object;
  readonly body?: unknown;
}

/** A server of Business Central without the companion API, whose answers to batches are given one after the other. */
async function serverWith(...answers: readonly (readonly Part[])[]) {
  const batches: Received[] = [];
  const server = await tinyServer((request, response) => {
    if (request.url.endsWith('/$metadata'))
      return response.writeHead(200, { 'content-type': 'application/xml' }).end(edmx);
    if (request.url.includes('/companies?')) return json(response, { value: [{ id: company, name: 'CRONUS' }] });
    if (!request.url.endsWith('/$batch')) return json(response, {}, 404);
    const parts = answers[batches.length];
    batches.push(request);
    if (parts === undefined) return response.destroy();
    return json(response, { responses: parts.map((part, at) => ({ id: String(at), headers: {}, ...part })) });
  });
  const connector = new BusinessCentralConnector(
    { kind: 'BUSINESS_CENTRAL', baseUrl: server.origin, company: 'CRONUS', authentication: { kind: 'NONE' } },
    { retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1 } },
  );
  onTestFinished(async () => {
    await connector.close();
    await server[Symbol.asyncDispose]();
  });
  const write = (...operations: WriteOperation[]) =>
    asRun('run-7', () => connector.write({ table: 'customers', fields: ['displayName'], operations }, never));
  const sent = (batch: number): { id: string; method: string; url: string; headers: Record<string, string> }[] =>
    (JSON.parse(batches[batch]?.body ?? '{}') as { requests: [] }).requests;
  return { write, batches, sent };
}

const written = (id: string): Part => ({ status: 200, body: { '@odata.etag': 'W/"2"', id, displayName: 'x' } });
const refused = (status: number, code: string, message = 'no'): Part => ({
  status,
  body: { error: { code, message } },
});
const update = (id: string): WriteOperation => ({ kind: 'UPDATE', id, version: 'W/"1"', values: { displayName: 'x' } });
const create: WriteOperation = { kind: 'CREATE', id: null, values: { displayName: 'x' } };

describe('a batch to Business Central', () => {
  test('holds each operation with the version that it changes, and the run', async () => {
    const { write, batches, sent } = await serverWith([written(ids[0]), { status: 204 }]);
    const outcomes = await write(update(ids[0]), { kind: 'DELETE', id: ids[1], version: 'W/"7"' });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['WRITTEN', 'WRITTEN']);
    expect(sent(0)).toMatchObject([
      {
        method: 'PATCH',
        url: `companies(${company})/customers(${ids[0]})?$select=id,displayName`,
        headers: { 'If-Match': 'W/"1"' },
      },
      { method: 'DELETE', url: `companies(${company})/customers(${ids[1]})`, headers: { 'If-Match': 'W/"7"' } },
    ]);
    expect(batches[0]?.headers).toMatchObject({ prefer: 'odata.continue-on-error', 'x-tandem-run-id': 'run-7' });
  });

  test.each<[string, WriteOperation, Part, object]>([
    ['a stale version', update(ids[0]), refused(409, 'Request_EntityChanged'), { kind: 'CHANGED' }],
    ['a stale version as 412', update(ids[0]), refused(412, 'Request_EntityChanged'), { kind: 'CHANGED' }],
    ['a missing version token', update(ids[0]), refused(412, 'BadRequest_InvalidToken'), { kind: 'REFUSED' }],
    ['a missing record', update(ids[0]), refused(404, 'Internal_RecordNotFound'), { kind: 'GONE' }],
    ['a missing record as 400', update(ids[0]), refused(400, 'Internal_DataNotFoundFilter'), { kind: 'GONE' }],
    [
      'a missing entity set',
      update(ids[0]),
      refused(404, 'BadRequest_ResourceNotFound'),
      { kind: 'REFUSED', error: { errorClass: 'CONFIGURATION' } },
    ],
    ['a number that exists', create, refused(400, 'Internal_EntityWithSameKeyExists'), { kind: 'KEY_EXISTS' }],
    [
      'a missing related record',
      create,
      refused(400, 'Internal_InvalidTableRelation'),
      { kind: 'REFUSED', error: { errorClass: 'DEPENDENCY' } },
    ],
    ['an error inside', create, refused(500, 'Internal_ServerError'), { kind: 'UNKNOWN' }],
    ['its own time-out', create, { status: 408 }, { kind: 'UNKNOWN' }],
    ['a success without the record', create, { status: 201 }, { kind: 'UNKNOWN' }],
  ])('answered with %s', async (_name, operation, answer, expected) => {
    const { write, batches } = await serverWith([answer]);
    expect(await write(operation)).toMatchObject([expected]);
    expect(batches).toHaveLength(1);
  });

  test.each<[string, Part]>([
    ['a lock', refused(400, 'Application_DialogException', 'it was locked by another user')],
    ['too many requests', { status: 429, headers: { 'Retry-After': '0' } }],
  ])('repeats a part that met %s, and no other', async (_name, answer) => {
    const { write, sent } = await serverWith([written(ids[0]), answer], [written(ids[1])]);
    expect((await write(update(ids[0]), update(ids[1]))).map(({ kind }) => kind)).toEqual(['WRITTEN', 'WRITTEN']);
    expect(sent(1).map(({ url }) => url)).toEqual([expect.stringContaining(ids[1])]);
  });

  test('sends on what a server that stopped at an error did not reach', async () => {
    const { write, sent } = await serverWith(
      [refused(400, 'Application_FieldValidationException')],
      [written(ids[1]), written(ids[2])],
    );
    const outcomes = await write(update(ids[0]), update(ids[1]), update(ids[2]));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['REFUSED', 'WRITTEN', 'WRITTEN']);
    expect(sent(1)).toHaveLength(2);
  });

  test('leaves UNKNOWN what an answer without an error does not tell', async () => {
    const { write } = await serverWith([written(ids[0])]);
    expect((await write(update(ids[0]), update(ids[1]))).map(({ kind }) => kind)).toEqual(['WRITTEN', 'UNKNOWN']);
  });

  test('takes answers without an id by their place', async () => {
    const { write } = await serverWith([
      { ...written(ids[0]), id: null },
      { ...refused(409, 'Request_EntityChanged'), id: null },
    ]);
    expect((await write(update(ids[0]), update(ids[1]))).map(({ kind }) => kind)).toEqual(['WRITTEN', 'CHANGED']);
  });
});
