import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * All set-up that is missing, and nothing that is there: dependencies when the lock file is newer than what was installed, and
 * the build when a source is newer than it. Runs on any Node from 20 on, before anything is installed, so it imports
 * nothing and is no TypeScript.
 */
const INSTALLED = 'node_modules/.package-lock.json';
const BUILT = 'dist/.built';

const isOlder = (path, than) => !existsSync(path) || statSync(path).mtimeMs < than;

/** When the newest file below a folder was changed. */
function newestIn(folder) {
  return readdirSync(folder, { recursive: true }).reduce(
    (newest, name) => Math.max(newest, statSync(join(folder, name)).mtimeMs),
    0,
  );
}

function run(program, ...parameters) {
  const { status, error } = spawnSync(program, parameters, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status === 0) return;
  console.error(`${program} ${parameters.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}`);
  process.exit(status ?? 1);
}

if (isOlder(INSTALLED, statSync('package-lock.json').mtimeMs) || !existsSync('node_modules/.bin/node')) {
  console.log('Installing dependencies');
  run('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error');
}
const sources = Math.max(
  newestIn('src'),
  newestIn('dashboard'),
  ...['tsconfig.json', 'tsconfig.build.json', INSTALLED].map((path) => statSync(path).mtimeMs),
);
if (isOlder(BUILT, sources)) {
  console.log('Building');
  run('npm', 'run', '--silent', 'build');
  writeFileSync(BUILT, '');
}
