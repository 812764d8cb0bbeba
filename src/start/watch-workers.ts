import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { JobQueue } from '../job-queue/job-queue.js';

const LOOK_EVERY_MS = 3_000;

/** Looks again and again whether a worker has died: those who follow the workers are told by what is noted then. */
export function watchWorkers(jobQueue: Pick<JobQueue, 'noteLostWorkers'>, logger: Logger): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await jobQueue.noteLostWorkers().catch((error: unknown) => {
        logger.warn({ err: error }, 'lost workers could not be looked for');
      });
      await delay(LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
