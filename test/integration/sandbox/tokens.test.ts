import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
const scopeOfSales = () => `${sandbox.url}/.default`;
const scopeOfBusiness = 'https://api.businesscentral.dynamics.com/.default';

beforeEach(() => sandbox.control('DELETE', '/settings'));

describe('Dataverse 1, Business Central 2: the token endpoint', () => {
  test.each([
    { name: 'a wrong secret', form: { client_secret: 'guess' }, status: 401, error: 'invalid_client', code: 7_000_215 },
    {
      name: 'an expired secret',
      form: { client_id: 'expired-secret' },
      status: 401,
      error: 'invalid_client',
      code: 7_000_222,
    },
    {
      name: 'an unknown application',
      form: { client_id: 'nobody' },
      status: 400,
      error: 'unauthorized_client',
      code: 700_016,
    },
    {
      name: 'an unknown resource',
      form: { scope: 'https://elsewhere.example/.default' },
      status: 400,
      error: 'invalid_resource',
      code: 500_011,
    },
  ])('refuses $name with its code', async ({ form, status, error, code }) => {
    const reply = await sandbox.askToken({ scope: scopeOfSales(), ...form });
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error, error_codes: [code] });
    expect(reply.body['error_description']).toContain(`AADSTS${code}`);
  });

  test('refuses an unknown tenant', async () => {
    const reply = await sandbox.askToken({ scope: scopeOfSales() }, 'elsewhere');
    expect(reply.body).toMatchObject({ error: 'invalid_request', error_codes: [90_002] });
  });

  test('gives a bearer token with its lifetime, which can be set', async () => {
    await sandbox.control('POST', '/settings', { tokenLifetimeSeconds: 120 });
    const reply = await sandbox.askToken({ scope: scopeOfSales() });
    expect(reply.body).toMatchObject({ token_type: 'Bearer', expires_in: 120, ext_expires_in: 120 });
  });
});

describe('a request', () => {
  test('without a token gets 401 and the place where tokens are given', async () => {
    const sales = await sandbox.plain(`${sandbox.dataverse}WhoAmI`);
    expect(sales.status).toBe(401);
    expect(sales.headers.get('www-authenticate')).toContain(
      `authorization_uri=${sandbox.url}/sandbox/oauth2/authorize`,
    );
    const business = await sandbox.plain(`${sandbox.standard}companies`);
    expect(business.status).toBe(401);
    expect(errorOf(business).code).toBe('Authentication_InvalidCredentials');
  });

  test('Dataverse 1: with an altered or expired token, or one of the other system, gets 401', async () => {
    const good = await sandbox.token(scopeOfSales());
    const ask = (token: string) => sandbox.plain(`${sandbox.dataverse}WhoAmI`, {}, token);
    expect((await ask(good)).status).toBe(200);
    expect((await ask(`${good}x`)).status).toBe(401);
    expect((await ask(await sandbox.token(scopeOfBusiness))).status).toBe(401);
    await sandbox.control('POST', '/settings', { tokenLifetimeSeconds: 0 });
    const expired = await sandbox.askToken({ scope: scopeOfSales() });
    expect((await ask(String(expired.body['access_token']))).status).toBe(401);
  });

  test('Dataverse 2, Business Central 2: of an application that the organisation does not know gets 403 in Dataverse and 401 in Business Central', async () => {
    const sales = await sandbox.sales('WhoAmI', { client: 'not-a-member' });
    expect([sales.status, errorOf(sales).code]).toEqual([403, '0x80072560']);
    expect((await sandbox.business('companies', { client: 'not-a-member' })).status).toBe(401);
  });
});
