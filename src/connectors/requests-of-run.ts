import { AsyncLocalStorage } from 'node:async_hooks';

const runIds = new AsyncLocalStorage<string>();

/** Does work all of whose requests to the systems, reads and writes, carry this run's id. */
export const asRun = <T>(runId: string, work: () => Promise<T>): Promise<T> => runIds.run(runId, work);

/** The id of the run that works here; undefined outside of runs. */
export const presentRunId = (): string | undefined => runIds.getStore();
