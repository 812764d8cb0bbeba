import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lockFolder } from './folder-lock.js';
import { startSandbox } from './server.js';

const DEFAULT_PORT = 4_010;
// Where the service keeps the data of its own sandbox, too.
const DEFAULT_DATA_DIR = '.data';

/** Thrown for a wrong argument or environment variable of this program. */
class UsageError extends Error {}

interface Arguments {
  readonly port: number;
  readonly dataDir: string;
  readonly seed: string | undefined;
  readonly exitWithParent: boolean;
}

/**
 * Reads the program's own settings: SANDBOX_PORT, SANDBOX_DATA_DIR (absent: the folder sandbox in DATA_DIR), `--seed`, and
 * SANDBOX_EXIT_WITH_PARENT, by which the service that starts it says that it is to end with it.
 */
function readArguments(argv: readonly string[], env: NodeJS.ProcessEnv): Arguments {
  const { values } = parseArgs({ args: [...argv], options: { seed: { type: 'string' } } });
  const portText = env['SANDBOX_PORT'] || String(DEFAULT_PORT);
  const port = Number(portText);
  if (!/^\d+$/.test(portText) || port > 65_535)
    throw new UsageError(`SANDBOX_PORT: expected a port from 0 to 65535, got "${portText}"`);
  return {
    port,
    dataDir: env['SANDBOX_DATA_DIR'] || join(env['DATA_DIR'] || DEFAULT_DATA_DIR, 'sandbox'),
    seed: values.seed,
    exitWithParent: env['SANDBOX_EXIT_WITH_PARENT'] === '1',
  };
}

async function main(): Promise<void> {
  const { port, dataDir, seed, exitWithParent } = readArguments(process.argv.slice(2), process.env);
  // A parent that was killed cannot say goodbye, but its channel closes; it may do so while the data is still read.
  const parentGone = new Promise<void>((gone) => process.once('disconnect', gone));
  const unlock = await lockFolder(dataDir, port);
  const sandbox = await startSandbox({ port, dataDir, ...(seed === undefined ? {} : { seed }) });
  let closing: Promise<void> | undefined;
  const stop = (): void => {
    closing ??= sandbox.close().then(() => {
      unlock();
      process.exit(0);
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (exitWithParent) void parentGone.then(stop);
  process.stdout.write(`Sandbox of Business Central and Dataverse: ${sandbox.url}, data in ${dataDir}\n`);
}

main().catch((error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException;
  const text =
    code === 'EADDRINUSE'
      ? `port ${process.env['SANDBOX_PORT'] || DEFAULT_PORT} is taken; set SANDBOX_PORT to a free one`
      : message;
  process.stderr.write(`sandbox: ${text}\n`);
  process.exit(1);
});
