import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EndpointAccess } from '../../../../src/connectors/connector.js';
import { dataverseErrors } from '../../../../src/connectors/dataverse/error-codes.js';
import type { HttpOptions } from '../../../../src/connectors/odata/http-client.js';
import { openClient } from '../../../../src/connectors/odata/open-client.js';
import { resolveOptions } from '../../../../src/connectors/odata/options.js';
import { pagesOf } from '../../../../src/connectors/odata/pages.js';
import { openConnector } from '../../../../src/connectors/open-connector.js';
import { certificateAuthorities } from '../../../../src/start/certificate-authorities.js';
import { json, type Received, tinyServer } from './tiny-server.js';

const folder = new URL('../../../support/certificates/', import.meta.url);
const file = (name: string) => readFileSync(new URL(name, folder), 'utf8');
/** A server whose certificate, for 127.0.0.1 alone, comes from a private authority. */
const tls = { cert: file('server.pem'), key: file('server-key.pem') };
const ca = await certificateAuthorities(new URL('ca.pem', folder).pathname);
const never = new AbortController().signal;

const authentication = {
  kind: 'OAUTH2_CLIENT_CREDENTIALS',
  tenantId: 'tenant',
  clientId: 'client',
  secret: 'top-secret',
} as const;

const accessTo = (origin: string): EndpointAccess => ({
  kind: 'DATAVERSE',
  baseUrl: origin,
  company: null,
  authentication: { ...authentication, tokenUrl: `${origin}/token` },
});

function clientOf(origin: string) {
  const base = new URL('/api/data/v9.2/', origin);
  const gate = { initial: 4, maximum: 4 };
  const options = resolveOptions({ http: { ca } }, { pageSize: 10, batchSize: 10, applyMs: 1_000 });
  const system = { base, scope: `${origin}/.default`, dialect: dataverseErrors, gate, headers: {} };
  const opened = openClient(accessTo(origin), system, options);
  onTestFinished(() => opened.close());
  return opened.client;
}

/** The connector of Dataverse as the service opens it, with its token from the same server. */
function dataverse(origin: string, http: Partial<HttpOptions>) {
  const connector = openConnector(accessTo(origin), { http, retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 2 } });
  onTestFinished(() => connector.close());
  return connector;
}

const organisation = { OrganizationId: '4B8F4FF5-FC7C-4E53-9F4E-2D1E0B6B1A11' };
const isToken = ({ url }: Received) => url === '/token';
const token = { token_type: 'Bearer', expires_in: 3_599, access_token: 'token-of-the-test' };

describe('a server with a certificate of a private authority', () => {
  test('is asked, token and all, when the authority is in the CA file, with packed answers', async () => {
    await using server = await tinyServer((request, response) => {
      if (isToken(request)) return json(response, token);
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      return response.end(gzipSync(JSON.stringify(organisation)));
    }, tls);
    expect(await dataverse(server.origin, { ca }).identity(never)).toBe(organisation.OrganizationId.toLowerCase());
    expect(server.received.map(({ url }) => url)).toEqual(['/token', '/api/data/v9.2/WhoAmI']);
    expect(server.received.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer token-of-the-test',
      'accept-encoding': expect.stringContaining('gzip'),
    });
  });

  test('is refused without the file, as configuration, before anything was sent, and not tried again', async () => {
    await using server = await tinyServer((_request, response) => json(response, organisation), tls);
    const asked = dataverse(server.origin, {}).identity(never);
    await expect(asked).rejects.toMatchObject({ errorClass: 'CONFIGURATION', code: 'TLS_ERROR' });
    expect(server.received).toEqual([]);
  });

  test('is refused with the file of another authority, which is named as what to look at', async () => {
    await using server = await tinyServer((_request, response) => json(response, organisation), tls);
    const other = await certificateAuthorities(new URL('other-ca.pem', folder).pathname);
    const asked = dataverse(server.origin, { ca: other }).identity(never);
    await expect(asked).rejects.toMatchObject({
      errorClass: 'CONFIGURATION',
      code: 'TLS_ERROR',
      message: expect.stringMatching(/no secure connection.*CA_FILE \([A-Z_]+\)$/),
    });
    expect(server.received).toEqual([]);
  });

  test('is refused under a name that its certificate does not have', async () => {
    await using server = await tinyServer((_request, response) => json(response, organisation), tls);
    const asked = dataverse(server.origin.replace('127.0.0.1', 'localhost'), { ca }).identity(never);
    await expect(asked).rejects.toMatchObject({ errorClass: 'CONFIGURATION', code: 'TLS_ERROR' });
    expect(server.received).toEqual([]);
  });

  test.each([301, 302, 307, 308])(
    'that redirects with %i is not followed, and the token goes nowhere',
    async (status) => {
      await using elsewhere = await tinyServer((_request, response) => json(response, organisation));
      await using server = await tinyServer((request, response) => {
        if (isToken(request)) return json(response, token);
        return response.writeHead(status, { location: `${elsewhere.origin}/api/data/v9.2/WhoAmI` }).end();
      }, tls);
      const asked = dataverse(server.origin, { ca }).identity(never);
      await expect(asked).rejects.toMatchObject({ errorClass: 'CONFIGURATION', httpStatus: status });
      expect(elsewhere.received).toEqual([]);
    },
  );

  test.each([
    ['another host', (origin: string) => origin],
    ['plain HTTP on its own port', (_origin: string, own: string) => own.replace('https:', 'http:')],
    ['its own host with a user name', (_origin: string, own: string) => own.replace('//', '//tandem@')],
  ])('whose next page is on %s gets no second request', async (_name, linkTo) => {
    await using elsewhere = await tinyServer((_request, response) => json(response, { value: [] }));
    await using server = await tinyServer((request, response) => {
      if (isToken(request)) return json(response, token);
      const link = `${linkTo(elsewhere.origin, server.origin)}/api/data/v9.2/accounts?page=2`;
      return json(response, { value: [], '@odata.nextLink': link });
    }, tls);
    const pages = pagesOf(clientOf(server.origin), 'accounts', {}, never);
    await pages.next();
    await expect(pages.next()).rejects.toMatchObject({ errorClass: 'CONFIGURATION', code: 'FOREIGN_LINK' });
    expect(elsewhere.received).toEqual([]);
    expect(server.received.filter(({ url }) => url.includes('page=2'))).toEqual([]);
  });
});

describe('the CA file', () => {
  test.each([
    ['that is missing', 'nothing.pem', 'ENOENT'],
    ['that holds no certificate', 'server-key.pem', 'none'],
    ['that holds the certificate of a server', 'server.pem', 'number 1'],
  ])('%s is refused by name', async (_name, name, told) => {
    const read = certificateAuthorities(new URL(name, folder).pathname);
    await expect(read).rejects.toThrow(/^CA_FILE: expected /);
    await expect(read).rejects.toThrow(told);
  });
});
