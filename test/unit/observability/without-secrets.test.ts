import { describe, expect, test } from 'vitest';
import { isSecretName, textWithoutSecrets, withoutSecrets } from '../../../src/observability/without-secrets.js';

describe('an address loses its user info and the values of its query', () => {
  test.each([
    ['https://nav-user:Geheim-1@host/nav', 'https://[hidden]@host/nav'],
    ['https://host/nav?key=Geheim-1&plain', 'https://host/nav?key=[hidden]&[hidden]'],
    ['https://host/nav#access_token=Geheim-1', 'https://host/nav#[hidden]'],
    ['https://u:Ge@heim-1/x?y#z@host/nav?code=Geheim-1', 'https://[hidden]@host/nav?code=[hidden]'],
    [
      'mongodb+srv://u:Geheim-1@cluster.example/tandem?w=majority',
      'mongodb+srv://[hidden]@cluster.example/tandem?w=[hidden]',
    ],
    ['refused "https://u:Geheim-1@host": no answer', 'refused "https://[hidden]@host": no answer'],
    ['https://host/nav#section', 'https://host/nav#section'],
    ['mail to a@b.example', 'mail to a@b.example'],
    ['at x (file:///srv/node_modules/@scope/x.js:1:2)', 'at x (file:///srv/node_modules/@scope/x.js:1:2)'],
  ])('%s', (text, shown) => {
    expect(textWithoutSecrets(text)).toBe(shown);
    expect(textWithoutSecrets(shown)).toBe(shown);
  });

  test.each([
    ['https:u:Geheim-1@host/nav', 'https:[hidden]@host/nav'],
    ['u:Geheim-1@host/nav', '[hidden]@host/nav'],
    ['https://u:Ge heim-1@host/nav', 'https://[hidden]@host/nav'],
    ['https:\\\\u:Geheim-1@host', 'https:\\\\[hidden]@host'],
    ['host/nav?Geheim-1', 'host/nav?[hidden]'],
  ])('also where a field holds one that cannot be read: %s', (baseUrl, shown) => {
    expect(withoutSecrets({ business: { baseUrl } })).toEqual({ business: { baseUrl: shown } });
  });

  test('in a time that grows with the length of the text only', () => {
    const began = performance.now();
    for (const piece of ['a', 'a://', '@', '?', 'a://b@', '&'])
      textWithoutSecrets(piece.repeat(1_000_000 / piece.length));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

test('a field is hidden by its name, whatever it holds', () => {
  for (const name of [
    'secret',
    'clientSecret',
    'password',
    'userPassword',
    'token',
    'access_token',
    'apiKey',
    'key',
    'authorization',
  ])
    expect(isSecretName(name), name).toBe(true);
  for (const name of ['monkey', 'keyboard', 'code', 'name', 'id', 'baseUrl'])
    expect(isSecretName(name), name).toBe(false);
  expect(withoutSecrets({ a: [{ token: ['x'], secret: null, hasSecret: true, at: new Date(0) }] })).toEqual({
    a: [{ token: '[hidden]', secret: null, hasSecret: true, at: new Date(0) }],
  });
});
