import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { connectionSetup } from './records.js';
import { runningApi, tokens } from './running-api.js';

const running = runningApi();
const run = promisify(execFile);

const examples = [...readFileSync('docs/api.md', 'utf8').matchAll(/```(sh|js)\n([\s\S]*?)```/g)].map(
  ([, language = '', code = ''], index) => ({ name: `example ${index + 1}`, language, code }),
);

beforeAll(async () => {
  const setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  await running.services.jobQueue.createEntries(
    ['CUSTOMER', 'ITEM', 'CONTACT'].map((code) => ({
      connectionSetupId: setup.id,
      code,
      task: 'INTEGRATION_SYNCH' as const,
      timeZone: 'UTC',
      status: 'ON_HOLD' as const,
    })),
    'test',
  );
});

test('there are examples of each kind', () => {
  expect(new Set(examples.map(({ language }) => language))).toEqual(new Set(['sh', 'js']));
  expect(examples.length).toBeGreaterThan(4);
});

test.each(examples)('$name of docs/api.md runs as it stands', async ({ language, code }) => {
  const env = { ...process.env, TANDEM: running.url, TOKEN: tokens.ADMIN };
  const options = { env, timeout: 20_000 };
  const { stdout } =
    language === 'sh'
      ? await run('bash', ['-euo', 'pipefail', '-c', code], options)
      : await run(process.execPath, ['--input-type=module', '-e', code], options);
  expect(stdout).not.toContain('"errors"');
  expect(stdout).toMatch(language === 'sh' ? /^\{"data":/ : /CUSTOMER ON_HOLD[\s\S]*CHANGED \{[\s\S]*status: 'READY'/);
});
