import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MongoMemoryReplSet } from 'mongodb-memory-server-core';
import type { TestProject } from 'vitest/node';
import { readConfig, readEnvironment } from '../../src/config.js';
import { findMongod } from '../../src/store/mongod/find-mongod.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the replica set that all integration tests share. */
    mongoUri: string;
    /** Path of the mongod program, for tests that start one of their own. */
    mongodBinary: string;
  }
}

const COMPILE_MS = 120_000;

/**
 * Compiles the sources for the tests that start real processes, and starts one MongoDB replica set of a single member for
 * all integration tests; it is stopped after the last one. On a machine without mongod one is fetched, see `findMongod`.
 */
export default async function startMongodForTests(project: TestProject): Promise<() => Promise<void>> {
  compile();
  const { mongodb } = readConfig(readEnvironment());
  const { path } = await findMongod({ ...mongodb, report: print });
  // The library would warn that the found version is not the one that it would have fetched.
  process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false';
  const replicaSet = await MongoMemoryReplSet.create({
    binary: { systemBinary: path, checkMD5: false },
    replSet: {
      count: 1,
      storageEngine: 'wiredTiger',
      args: ['--wiredTigerCacheSizeGB', '0.5', '--setParameter', 'transactionLifetimeLimitSeconds=5'],
    },
  });
  project.provide('mongoUri', replicaSet.getUri());
  project.provide('mongodBinary', path);
  return async () => {
    await replicaSet.stop({ doCleanup: true, force: true });
  };
}

// Type errors are another check's to report; what compiles can be tested meanwhile.
function compile(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
  const { status, stdout } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], {
    cwd: root,
    encoding: 'utf8',
    timeout: COMPILE_MS,
  });
  if (status !== 0) print(`The sources have type errors, see npm run build:\n${stdout.slice(0, 2_000)}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
