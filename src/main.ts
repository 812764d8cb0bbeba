import './start/production-mode.js';
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { ConfigurationError, readConfig, readEnvironment } from './config.js';
import { openLog } from './start/open-log.js';
import { adminTokenPath } from './start/secrets.js';
import { startService } from './start/start-service.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const report = (line: string): void => void process.stdout.write(`${line}\n`);

/** What keeps the program from starting is told in words, without a stack: whoever reads it is to mend it. */
function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `${error instanceof ConfigurationError ? 'The configuration cannot be used:\n' : 'Tandem cannot start: '}${message}\n`,
  );
  process.exit(1);
}

const config = (() => {
  try {
    return readConfig(readEnvironment());
  } catch (error) {
    return fail(error);
  }
})();
const log = openLog(config, process.stderr.isTTY);
report(`Tandem ${version}${log.path === null ? '' : `, log in ${log.path}`}`);
const service = await startService({ config, version, logger: log.logger, report }).catch(fail);

if (service.url !== null) {
  report(`Dashboard  ${service.url}/`);
  report(`GraphQL    ${service.url}/graphql (WebSocket on the same path)`);
  if (service.sandboxUrl !== null) report(`Sandbox    ${service.sandboxUrl}`);
  const token = config.security.adminToken === undefined ? `in ${adminTokenPath(config)}` : 'as given in ADMIN_TOKEN';
  report(
    `Token      ${process.stdout.isTTY && config.security.adminToken === undefined ? readFileSync(adminTokenPath(config), 'utf8').trim() : token}`,
  );
}
report('Ready. Ctrl-C ends it.');

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait for runs to end.
    if (stopping) process.exit(130);
    stopping = true;
    report('Stopping: running jobs end within 5 s or are handed back; Ctrl-C again ends at once');
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.logger.error({ err: error }, 'the service did not stop in order');
        process.exit(1);
      },
    );
  });
}
