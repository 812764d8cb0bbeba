import type { Db } from 'mongodb';
import { budgetOf, type RequestBudget } from './system-use.js';
import { SystemUseStore } from './system-use-store.js';

/** The budget of one system and user, by the name of its gate. */
export type BudgetOfGate = RequestBudget & { readonly gateName: string };

/** Reads what is used of the systems' limits, for showing. */
export interface RequestBudgetQueries {
  /** Those that were asked at least once. */
  byGateNames(names: readonly string[]): Promise<BudgetOfGate[]>;
}

export function requestBudgetQueries(db: Db): RequestBudgetQueries {
  const uses = new SystemUseStore(db);
  return {
    byGateNames: async (names) => (await uses.byNames(names)).map((use) => ({ gateName: use._id, ...budgetOf(use) })),
  };
}
