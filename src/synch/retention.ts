import type { JobExecutor } from '../job-queue/job-executor.js';

/** What deletes the old objects of one kind; answers how many are gone. */
export type DeleteOld = (now: Date, signal: AbortSignal) => Promise<number>;

/** The executor of RETENTION: deletes what is older than the retention times, one kind after the other. */
export const retention =
  (dependencies: { readonly deleteOld: readonly DeleteOld[]; readonly now: () => Promise<Date> }): JobExecutor =>
  async (context) => {
    const now = await dependencies.now();
    for (const deleteOld of dependencies.deleteOld) {
      context.assertHeld();
      await deleteOld(now, context.signal);
    }
    // What is old says nothing about when the next look is worth its while.
    return { idle: false };
  };
