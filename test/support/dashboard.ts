import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { findChromium } from './chromium.js';
import startMongodForTests from './mongod.js';
import { Tandem } from './tandem.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The product that all browser tests look at, after its first synchronization. */
    dashboard: { readonly url: string; readonly token: string; readonly sandboxUrl: string };
    /** Address of the Chromium that all browser tests use. */
    chromiumUrl: string;
  }
}

/** Starts the product with its sandbox, builds the dashboard and starts one Chromium, for all browser tests together. */
export default async function startDashboardForTests(project: TestProject): Promise<() => Promise<void>> {
  const stopMongod = await startMongodForTests(project);
  build();
  const program = await findChromium();
  const browser = await chromium.launchServer({
    executablePath: program.path,
    env: { ...process.env, ...program.env },
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const tandem = await Tandem.open({}, project.getProvidedContext().mongoUri);
  await tandem.start();
  await tandem.firstSynchronization();
  project.provide('dashboard', { url: tandem.url, token: tandem.token, sandboxUrl: tandem.sandboxUrl });
  project.provide('chromiumUrl', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await tandem[Symbol.asyncDispose]();
    await stopMongod();
  };
}

const BUILD_MS = 120_000;

function build(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'build:dashboard'], {
    cwd: root,
    encoding: 'utf8',
    timeout: BUILD_MS,
  });
  if (status !== 0) throw new Error(`the dashboard cannot be built:\n${stderr}`);
}
