import { type RunningService, startService } from '../support/processes.js';
import { dashboard } from './world.js';

/** One more process of the shared installation, which serves the dashboard and runs nothing; with settings of its own. */
export const startAnother = (env: Readonly<Record<string, string>> = {}): Promise<RunningService> =>
  startService({ ...dashboard.environment, ROLE: 'api', SANDBOX: 'off', ...env });
