// A service that does nothing but own a sandbox: node sandbox-owner.mjs <options of startSandboxProcess as JSON>.
import pino from 'pino';
import { startSandboxProcess } from '../../../dist/start/sandbox-process.js';

const print = (line) => process.stdout.write(`${line}\n`);
try {
  const options = JSON.parse(process.argv[2]);
  const sandbox = await startSandboxProcess({ ...options, report: print, logger: pino({ level: 'silent' }) });
  process.once('SIGTERM', () => void sandbox.close().then(() => process.exit(0)));
  print(`open ${sandbox.url}`);
  process.stdin.resume();
} catch (error) {
  print(`failed ${error.message}`);
  process.exitCode = 1;
}
