import type { JobExecutor } from '../job-queue/job-executor.js';
import type { RetentionStore, RetentionTimes } from './retention-store.js';

/** The executor of RETENTION: deletes what is older than the retention times. */
export const retention =
  (dependencies: {
    readonly store: Pick<RetentionStore, 'deleteOld'>;
    readonly times: RetentionTimes;
    readonly now: () => Promise<Date>;
  }): JobExecutor =>
  async (context) => {
    context.assertHeld();
    const deleted = await dependencies.store.deleteOld(dependencies.times, await dependencies.now(), context.signal);
    return { idle: deleted === 0 };
  };
