import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { destination, type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from '../config.js';
import { textWithoutSecrets, withoutSecrets } from '../observability/without-secrets.js';

export interface Log {
  readonly logger: Logger;
  /** The file that it goes to; null: standard error. */
  readonly path: string | null;
}

// What `logger.error(error)` and `{ err: error }` write of an error: its words may quote an address.
const describedError = (error: Error): unknown => withoutSecrets({ ...pino.stdSerializers.err(error) });

/** No line holds a secret, wherever it stands: see `withoutSecrets`. */
const hiding: Pick<LoggerOptions, 'formatters' | 'serializers' | 'hooks' | 'redact'> = {
  formatters: { log: (fields) => withoutSecrets(fields) },
  // What a child logger puts into each of its lines does not pass the formatter.
  redact: { paths: ['authorization', 'secret', 'token', 'password', 'key'], censor: '[hidden]' },
  serializers: { err: describedError },
  hooks: {
    logMethod(parts, method) {
      const told = parts.map((part: unknown) => (typeof part === 'string' ? textWithoutSecrets(part) : part));
      // Without words of its own a line takes those of its error.
      const [first] = told;
      if (told.length === 1 && first instanceof Error) told.push(textWithoutSecrets(first.message));
      method.apply(this, told as typeof parts);
    },
  },
};

/**
 * Structured log lines: on standard error where it is collected, in a file of the data folder where a person sits at the
 * terminal and reads the program's own few lines.
 */
export function openLog(config: Pick<Config, 'dataDir' | 'logLevel'>, isTerminal: boolean): Log {
  const options = { level: config.logLevel, ...hiding };
  if (!isTerminal) return { logger: pino(options, destination({ dest: 2, sync: true })), path: null };
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const path = join(config.dataDir, 'tandem.log');
  return { logger: pino(options, destination({ dest: path, append: false, sync: true, mode: 0o600 })), path };
}
