import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { commandLineOf, identityOf, isAlive, ownIdentity } from '../../../src/store/mongod/process-identity.js';

test('a process that runs is alive, and tells its command line', () => {
  expect(isAlive(ownIdentity())).toBe(true);
  expect(commandLineOf(process.pid)).toMatch(/node/);
});

test('another process that was given the same number is not taken for it', () => {
  expect(isAlive({ ...ownIdentity(), startedAt: '1' })).toBe(false);
});

test('a process that has ended is not alive', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const identity = identityOf(child.pid ?? 0);
  expect(identity !== undefined && isAlive(identity)).toBe(true);
  child.stdin.end();
  await once(child, 'exit');
  expect(identity !== undefined && isAlive(identity)).toBe(false);
  expect(identityOf(child.pid ?? 0)).toBeUndefined();
});
