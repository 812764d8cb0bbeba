import { z } from 'zod';

export const keeperTimingsSchema = z.object({ lookMs: z.number().positive(), lingerMs: z.number().nonnegative() });

/** How quickly the embedded MongoDB reacts. Tests shorten it. */
export interface KeeperTimings {
  /** How often the keeper looks at clients, mongod and log, and each client at the keeper. */
  readonly lookMs: number;
  /** How long mongod goes on without any client: a restart of the service finds it running. */
  readonly lingerMs: number;
}

// Together with the look and MongoDB's own end (about a second) well below the promised 30 seconds after the last client.
export const defaultTimings: KeeperTimings = { lookMs: 1_000, lingerMs: 10_000 };
