import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ConnectionSetup } from '../../../src/connection-setup/connection-setup.js';
import { endpointAccess } from '../../../src/connection-setup/endpoint-access.js';
import { type EndpointDraft, endpointProblems, hostKind } from '../../../src/connection-setup/endpoint-rules.js';
import { openSecret, sealSecret } from '../../../src/connection-setup/sealed-secret.js';

const key = randomBytes(32);
const owner = { connectionSetupId: 'c1', side: 'SALES' } as const;

describe('a sealed secret', () => {
  test('opens for its owner with its key, and never looks the same twice', () => {
    const sealed = sealSecret('pässword', owner, key);
    expect(openSecret(sealed, owner, key)).toBe('pässword');
    expect(sealSecret('pässword', owner, key)).not.toBe(sealed);
    expect(sealed).not.toContain('password');
  });

  test('does not open with another key, for another connection or side, or when it was changed', () => {
    const sealed = sealSecret('password', owner, key);
    // The first character of the content: of the last one, not every bit stands for one of the content.
    const at = sealed.lastIndexOf('.') + 1;
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
    expect(() => openSecret(sealed, owner, randomBytes(32))).toThrow(
      /SALES secret of connection c1 cannot be read: it was sealed with another SECRET_KEY/,
    );
    expect(() => openSecret(sealed, { ...owner, connectionSetupId: 'c2' }, key)).toThrow('cannot be read');
    expect(() => openSecret(sealed, { ...owner, side: 'BUSINESS' }, key)).toThrow('cannot be read');
    expect(() => openSecret(changed, owner, key)).toThrow('cannot be read');
    for (const foreign of ['', 'v2.a.b.c', 'password'])
      expect(() => openSecret(foreign, owner, key)).toThrow('enter it again');
    expect(() => sealSecret('x', owner, randomBytes(16))).toThrow('SECRET_KEY: expected 32 bytes, got 16');
  });
});

test.each([
  ['org.crm4.dynamics.com', 'MICROSOFT_CLOUD'],
  ['api.businesscentral.dynamics.com', 'MICROSOFT_CLOUD'],
  ['localhost', 'LOOPBACK'],
  ['127.0.0.1', 'LOOPBACK'],
  ['127.1.2.3', 'LOOPBACK'],
  ['[::1]', 'LOOPBACK'],
  ['NAV.example.org', 'LISTED'],
  ['a.b.example.com', 'LISTED'],
  ['example.com', null],
  ['evil-dynamics.com', null],
  ['dynamics.com.evil.org', null],
  ['localhost.evil.org', null],
  ['127.0.0.1.evil.org', null],
  ['10.0.0.1', null],
  ['169.254.169.254', null],
])('the host %s is %s', (host, kind) => {
  expect(hostKind(host, ['nav.example.org', '*.example.com'])).toBe(kind);
});

describe('an end point', () => {
  const good: EndpointDraft = {
    kind: 'DATAVERSE',
    baseUrl: 'https://org.crm4.dynamics.com',
    webUrl: null,
    company: null,
    authentication: 'OAUTH2_CLIENT_CREDENTIALS',
    userName: null,
    tenantId: 'contoso.com',
    clientId: 'app',
    secret: 's',
  };
  const fields = (side: 'BUSINESS' | 'SALES', parts: Partial<EndpointDraft>) =>
    endpointProblems(side, { ...good, ...parts }, ['nav.example.org']).map(({ field }) => field);

  test('that is right has no problem', () => {
    expect(fields('SALES', {})).toEqual([]);
    expect(
      fields('BUSINESS', {
        kind: 'NAV_ODATA',
        baseUrl: 'https://nav.example.org:7048/NAV/ODataV4',
        authentication: 'BASIC',
        userName: 'u',
      }),
    ).toEqual([]);
    expect(
      fields('BUSINESS', {
        kind: 'BUSINESS_CENTRAL',
        baseUrl: 'http://127.0.0.1:4010/v2.0',
        authentication: 'NONE',
        secret: null,
      }),
    ).toEqual([]);
  });

  test.each<[string, Partial<EndpointDraft>, string]>([
    ['of the other side', { kind: 'NAV_ODATA' }, 'kind'],
    ['without an address', { baseUrl: 'crm' }, 'baseUrl'],
    ['on a host that nobody listed', { baseUrl: 'https://example.org' }, 'baseUrl'],
    ['without encryption outside of this machine', { baseUrl: 'http://org.crm4.dynamics.com' }, 'baseUrl'],
    ['with another scheme', { baseUrl: 'ftp://127.0.0.1' }, 'baseUrl'],
    ['with credentials in its address', { baseUrl: 'https://u:p@org.crm4.dynamics.com' }, 'baseUrl'],
    ['with a query in its address', { baseUrl: 'https://org.crm4.dynamics.com/?a=b' }, 'baseUrl'],
    ['with credentials in the address of its pages', { webUrl: 'https://u:p@org.crm4.dynamics.com' }, 'webUrl'],
    ['with a script for a page', { webUrl: 'javascript:alert(1)' }, 'webUrl'],
    ['without a secret', { secret: null }, 'secret'],
    ['without a tenant', { tenantId: ' ' }, 'tenantId'],
    ['with a path for a tenant', { tenantId: '../common' }, 'tenantId'],
  ])('%s is refused there', (_name, parts, field) => {
    expect(fields('SALES', parts)).toContain(field);
  });

  test('never quotes its secret', () => {
    expect(
      JSON.stringify(endpointProblems('BUSINESS', { ...good, secret: 'very-secret', baseUrl: 'x' }, [])),
    ).not.toContain('very-secret');
  });
});

describe('access to an end point', () => {
  const setup = (baseUrl: string): ConnectionSetup => ({
    id: 'c1',
    name: 'A',
    enabled: true,
    revision: 1,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    business: {
      kind: 'NAV_ODATA',
      baseUrl: 'https://nav.example.org',
      webUrl: null,
      company: 'C',
      authentication: 'BASIC',
      userName: 'u',
      tenantId: null,
      clientId: null,
      sealedSecret: sealSecret('web key', { connectionSetupId: 'c1', side: 'BUSINESS' }, key),
      identity: null,
    },
    sales: {
      kind: 'DATAVERSE',
      baseUrl,
      webUrl: null,
      company: null,
      authentication: 'OAUTH2_CLIENT_CREDENTIALS',
      userName: null,
      tenantId: 'contoso.com',
      clientId: 'app',
      sealedSecret: sealSecret('app secret', owner, key),
      identity: null,
    },
  });
  const keys = { secretKey: key, allowedHosts: ['nav.example.org'] };

  test("asks Microsoft's identity platform for the cloud, and the same host on this machine", () => {
    const tokenUrl = (baseUrl: string) => {
      const { authentication } = endpointAccess(setup(baseUrl), 'SALES', keys);
      return authentication.kind === 'OAUTH2_CLIENT_CREDENTIALS' ? authentication.tokenUrl : null;
    };
    expect(tokenUrl('https://org.crm4.dynamics.com')).toBe(
      'https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token',
    );
    expect(tokenUrl('http://127.0.0.1:4010/api')).toBe('http://127.0.0.1:4010/contoso.com/oauth2/v2.0/token');
  });

  test('holds the opened secret of its side', () => {
    expect(endpointAccess(setup('https://org.crm4.dynamics.com'), 'SALES', keys).authentication).toMatchObject({
      clientId: 'app',
      secret: 'app secret',
    });
    expect(endpointAccess(setup('https://org.crm4.dynamics.com'), 'BUSINESS', keys)).toMatchObject({
      company: 'C',
      authentication: { kind: 'BASIC', userName: 'u', secret: 'web key' },
    });
  });

  test('is refused when the host is no longer listed', () => {
    expect(() =>
      endpointAccess(setup('https://org.crm4.dynamics.com'), 'BUSINESS', { ...keys, allowedHosts: [] }),
    ).toThrow('connections may not point to nav.example.org');
  });
});
