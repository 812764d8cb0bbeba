import { type RunningService, startService } from '../support/processes.js';
import { dashboard } from './world.js';

/** One more process of the shared installation, which serves the dashboard and runs nothing; with settings of its own. */
export const startAnother = (env: Readonly<Record<string, string>> = {}): Promise<RunningService> =>
  startService({ ...dashboard.environment, ROLE: 'api', SANDBOX: 'off', ...env });

/** A process like that on a database of its own, in which there is nothing yet. */
export function startEmpty(name: string): Promise<RunningService> {
  const database = new URL(dashboard.environment['MONGODB_URI'] ?? '');
  database.pathname += `_${name}`;
  return startAnother({ MONGODB_URI: database.href });
}
