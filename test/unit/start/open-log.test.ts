import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLog } from '../../../src/start/open-log.js';

test('no log line holds a secret: of a field, of an address, of an error and its cause, of a part', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tandem-log-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const { logger, path } = openLog({ dataDir, logLevel: 'info' }, true);
  const address = 'https://nav-user:Geheim-1@host/nav?code=Geheim-2';
  const error = Object.assign(new Error(`no answer from ${address}`, { cause: new Error(`refused by ${address}`) }), {
    request: { headers: { authorization: 'Basic Geheim-3' }, url: new URL(address) },
  });
  const several = new AggregateError([error], 'none of two answered');
  const deep = { one: { two: { three: { four: { password: 'Geheim-4', baseUrl: address } } } } };
  logger.error({ err: error, deep, tenant: 'contoso' }, 'a read failed');
  logger.child({ part: 'reader', secret: 'Geheim-5' }).warn(error);
  logger.info(`told ${address}`);
  logger.error({ err: several }, 'nothing worked');
  const lines = readFileSync(path as string, 'utf8');
  expect(lines).not.toContain('Geheim');
  const [first, second, third] = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(first).toMatchObject({ level: 50, tenant: 'contoso', msg: 'a read failed', err: { type: 'Error' } });
  expect(first.err.message).toContain('no answer from https://[hidden]@host/nav?code=[hidden]');
  expect(first.err.stack).toContain('open-log.test.ts');
  expect(second).toMatchObject({ level: 40, secret: '[hidden]', part: 'reader' });
  expect(third).toMatchObject({ level: 30, msg: 'told https://[hidden]@host/nav?code=[hidden]' });
});
