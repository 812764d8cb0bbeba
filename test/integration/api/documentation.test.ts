import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

const block = (language: string): string => {
  const [found] = [
    ...readFileSync('docs/api.md', 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g')),
  ];
  return found?.[1] ?? '';
};

test('a typed client is generated from the schema without hand work, and knows what the schema has not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-client-'));
  try {
    const modules = resolve('node_modules');
    const tool = (name: string, ...args: string[]) => run(join(modules, '.bin', name), args, { cwd: folder });
    await symlink(modules, join(folder, 'node_modules'));
    await copyFile('schema/schema.graphql', join(folder, 'schema.graphql'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'tsconfig.json'), block('json'));
    await writeFile(join(folder, 'client.ts'), block('ts'));
    await tool('gql.tada', 'generate-output');
    await tool('tsc', '-p', '.');
    const env = { ...process.env, TANDEM: running.url, TOKEN: tokens.ADMIN };
    const { stdout } = await run(process.execPath, ['client.ts'], { cwd: folder, env });
    expect(stdout).toContain('CUSTOMER ON_HOLD not scheduled');
    await writeFile(join(folder, 'client.ts'), block('ts').replace('node.nextRunAt', 'node.nextRunEver'));
    const refused = await tool('tsc', '-p', '.').catch((error: { stdout: string }) => error);
    expect(refused.stdout).toContain("Property 'nextRunEver' does not exist");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
