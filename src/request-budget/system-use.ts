import type { GateShare } from '../connectors/odata/gate.js';

/** How much of what one system allows one user is used, by all processes together. */
export interface RequestBudget {
  /** Requests of the present window. */
  readonly used: number;
  /** Requests that the system takes in a window; 0 where it sets no such limit. */
  readonly limit: number;
  readonly windowSeconds: number;
  /** Requests under way. */
  readonly concurrent: number;
  /** Requests that the system takes, or recommends, at once. */
  readonly concurrentLimit: number;
  /** Until then the system asked for a pause. */
  readonly pausedUntil: Date | null;
}

/** What the processes tell each other of one system and user. */
export interface SystemUse {
  /** The database's clock when it was read or written. */
  readonly at: Date;
  readonly pausedUntil: Date | null;
  /** Processes that use the system now, each with the requests that it has under way. */
  readonly processes: readonly { readonly id: string; readonly seenAt: Date; readonly busy: number }[];
  /** Requests by the number of their slot since 1970. */
  readonly slots: readonly { readonly slot: number; readonly requests: number }[];
  readonly limit: number;
  readonly windowSeconds: number;
  readonly concurrentLimit: number;
}

/** Requests are counted in slots of so long: the window then ends at most one slot late. */
export const SLOT_SECONDS = 10;

/** For a system that limits no requests by time, so that its use can be shown beside that of the others. */
export const DEFAULT_WINDOW_SECONDS = 300;

/** A process that was not heard for so long uses the system no more. */
export const LIVE_MS = 5_000;

/** The slots that belong to the window which ends now. */
const firstSlotOf = (at: Date, windowSeconds: number): number =>
  Math.floor(at.getTime() / (SLOT_SECONDS * 1_000)) - Math.ceil(windowSeconds / SLOT_SECONDS) + 1;

/** The budget at the time at which the use was read. */
export function budgetOf({ at, slots, processes, pausedUntil, ...limits }: SystemUse): RequestBudget {
  const first = firstSlotOf(at, limits.windowSeconds);
  const live = processes.filter(({ seenAt }) => at.getTime() - seenAt.getTime() < LIVE_MS);
  return {
    used: slots.filter(({ slot }) => slot >= first).reduce((sum, { requests }) => sum + requests, 0),
    concurrent: live.reduce((sum, { busy }) => sum + busy, 0),
    pausedUntil: pausedUntil !== null && pausedUntil > at ? pausedUntil : null,
    limit: limits.limit,
    windowSeconds: limits.windowSeconds,
    concurrentLimit: limits.concurrentLimit,
  };
}

/** How long the system still wants to be left alone, in ms. */
export const pauseLeftMs = ({ at, pausedUntil }: Pick<SystemUse, 'at' | 'pausedUntil'>): number =>
  pausedUntil === null ? 0 : Math.max(0, pausedUntil.getTime() - at.getTime());

/** The part of the permits that is a process's: all of them in the same order, so that the parts add up to the whole. */
export function shareOf({ processes }: Pick<SystemUse, 'processes'>, processId: string): GateShare {
  const ids = processes.map(({ id }) => id).toSorted();
  const place = ids.indexOf(processId);
  return place === -1 ? { processes: ids.length + 1, place: ids.length } : { processes: ids.length, place };
}
