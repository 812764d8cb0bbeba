import { expect, test } from 'vitest';
import { adminTokenAuthenticator, bearerToken } from '../../../src/api/authentication.js';

test('only the whole token of the administrator is one', async () => {
  const authenticate = adminTokenAuthenticator('the-admin-token-of-this-service!');
  expect(await authenticate('the-admin-token-of-this-service!')).toEqual({
    id: 'admin',
    name: 'admin',
    role: 'ADMIN',
    expiresAt: null,
  });
  for (const wrong of [
    '',
    'the-admin-token-of-this-service',
    'the-admin-token-of-this-service!!',
    'THE-ADMIN-TOKEN-OF-THIS-SERVICE!',
  ]) {
    expect(await authenticate(wrong)).toBeNull();
  }
});

test.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  ['Basic abc', null],
  ['Bearer', null],
  ['Bearer a b', null],
  ['abc', null],
  [undefined, null],
  [['Bearer abc'], null],
])('the authorization %j holds the token %j', (authorization, token) => {
  expect(bearerToken(authorization)).toBe(token);
});
