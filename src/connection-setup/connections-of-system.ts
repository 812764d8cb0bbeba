import type { ConnectionSetupStore } from './connection-setup-store.js';
import { gateNameOf } from './endpoint-access.js';

/** Finds the connections whose requests count in the budget of this name. */
export const connectionsOfSystem =
  (connectionSetups: Pick<ConnectionSetupStore, 'list'>) =>
  async (budgetName: string): Promise<readonly string[]> =>
    (await connectionSetups.list())
      .filter(({ business, sales }) => [business, sales].some((endpoint) => gateNameOf(endpoint) === budgetName))
      .map(({ id }) => id);
