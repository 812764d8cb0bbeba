import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { destination, type Logger, pino } from 'pino';
import type { Config } from '../config.js';

export interface Log {
  readonly logger: Logger;
  /** The file that it goes to; null: standard error. */
  readonly path: string | null;
}

/** Fields that may hold a secret wherever they stand: never written. */
const redacted = ['authorization', 'secret', 'token', 'password', 'clientSecret'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/**
 * Structured log lines: on standard error where it is collected, in a file of the data folder where a person sits at the
 * terminal and reads the program's own few lines.
 */
export function openLog(config: Pick<Config, 'dataDir' | 'logLevel'>, isTerminal: boolean): Log {
  const options = { level: config.logLevel, redact: { paths: redacted, censor: '[redacted]' } };
  if (!isTerminal) return { logger: pino(options, destination({ dest: 2, sync: true })), path: null };
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const path = join(config.dataDir, 'tandem.log');
  return { logger: pino(options, destination({ dest: path, append: false, sync: true, mode: 0o600 })), path };
}
