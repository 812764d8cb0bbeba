import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { findChromium } from './chromium.js';
import startMongodForTests from './mongod.js';
import { Tandem } from './tandem.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with a {@link BrowserWorld}, which it starts when it is asked for the first time. */
    browserWorldUrl: string;
  }
}

/** What all browser tests share. */
export interface BrowserWorld {
  /** The product after its first synchronization, with the dashboard just built. */
  readonly dashboard: {
    readonly url: string;
    readonly token: string;
    readonly sandboxUrl: string;
    /** What another process needs to belong to the same installation. */
    readonly environment: Readonly<Record<string, string>>;
  };
  /** Address of the Chromium that all of them use. */
  readonly chromiumUrl: string;
}

/**
 * Stands ready to build the dashboard and to start the product with its sandbox and one Chromium, for all browser tests
 * together. That is done when the first of them asks: until then other tests have the machine to themselves.
 */
export default async function startBrowserWorldForTests(project: TestProject): Promise<() => Promise<void>> {
  const stopMongod = await startMongodForTests(project);
  let world: ReturnType<typeof startWorld> | null = null;
  const server = createServer((_, response) => {
    world ??= startWorld(project.getProvidedContext().mongoUri);
    world.then(
      ({ told }) => response.end(JSON.stringify(told)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('browserWorldUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    await world?.then(
      ({ stop }) => stop(),
      () => undefined,
    );
    await stopMongod();
  };
}

async function startWorld(mongoUri: string): Promise<{ told: BrowserWorld; stop: () => Promise<void> }> {
  build();
  const program = await findChromium();
  const browser = await chromium.launchServer({
    executablePath: program.path,
    env: { ...process.env, ...program.env },
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const tandem = await Tandem.open({}, mongoUri);
  try {
    await tandem.start();
    await tandem.endOf('FULL_SYNCH#1', FIRST_SYNCHRONIZATION_MS);
  } catch (error) {
    await browser.close();
    await tandem[Symbol.asyncDispose]();
    throw error;
  }
  const { url, token, sandboxUrl, environment } = tandem;
  return {
    told: { dashboard: { url, token, sandboxUrl, environment }, chromiumUrl: browser.wsEndpoint() },
    stop: async () => {
      await browser.close();
      await tandem[Symbol.asyncDispose]();
    },
  };
}

const BUILD_MS = 120_000;
/** Some seconds on an idle machine; a guard against what hangs. */
const FIRST_SYNCHRONIZATION_MS = 300_000;

function build(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'build:dashboard'], {
    cwd: root,
    encoding: 'utf8',
    timeout: BUILD_MS,
    // Vitest says that this is a test: React would be built for development, twice as large.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0) throw new Error(`the dashboard cannot be built:\n${stderr}`);
}
