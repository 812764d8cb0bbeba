import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../../src/connectors/connector.js';
import { baseAddress, pathOfLink } from '../../../../src/connectors/odata/links.js';

const base = new URL('https://org.example.com/api/data/v9.2/');

describe('links of the system', () => {
  test('on its own address are followed exactly as written', () => {
    const path = '/api/data/v9.2/accounts?$skiptoken=%3ccookie%20pagenumber=%222%22%20/%3E&x=%7e';
    expect(pathOfLink(base, `https://org.example.com${path}`)).toBe(path);
  });

  test('may be relative', () => {
    expect(pathOfLink(base, 'accounts?$skiptoken=2')).toBe('/api/data/v9.2/accounts?$skiptoken=2');
  });

  test('with the host in upper case or the default port are on the same address', () => {
    expect(pathOfLink(base, 'HTTPS://ORG.example.com:443/api/x')).toBe('/api/x');
  });

  test.each([
    'https://evil.example.org/api/data/v9.2/accounts',
    'http://org.example.com/api/data/v9.2/accounts',
    'https://org.example.com:8443/accounts',
    'https://org.example.com@evil.example.org/accounts',
    'https://user:secret@org.example.com/accounts',
    '//evil.example.org/accounts',
    '\\\\evil.example.org\\accounts',
    'javascript:alert(1)',
    'http://',
  ])('%s is not followed', (link) => {
    const follow = () => pathOfLink(base, link);
    expect(follow).toThrow(ConnectorError);
    expect(follow).toThrow(expect.objectContaining({ code: 'FOREIGN_LINK', errorClass: 'CONFIGURATION' }));
  });

  test('never carry line ends into a request', () => {
    expect(pathOfLink(base, 'https://org.example.com/a\r\nX-Injected: 1')).toBe('/aX-Injected:%201');
  });
});

describe('the base address', () => {
  test('ends with one slash and has no query', () => {
    expect(baseAddress('https://host/x//?a=1#b').href).toBe('https://host/x/');
  });

  test.each(['', 'host/path', 'ftp://host/', 'https://user:secret@host/'])(
    '%j is refused without quoting it',
    (text) => {
      expect(() => baseAddress(text)).toThrow(expect.objectContaining({ code: 'BAD_ADDRESS' }));
      expect(() => baseAddress(text)).not.toThrow(/secret/);
    },
  );
});
