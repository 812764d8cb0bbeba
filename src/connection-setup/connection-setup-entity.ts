import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { ConnectionSetup, SystemEndpoint } from './connection-setup.js';

/** How a connection is stored. The secrets in its end points are sealed. */
export const ConnectionSetupEntity = defineEntity({
  name: 'ConnectionSetup',
  tableName: 'connectionSetups',
  properties: {
    _id: p.string().primary(),
    name: p.string(),
    enabled: p.boolean(),
    business: p.json<SystemEndpoint>(),
    sales: p.json<SystemEndpoint>(),
    revision: p.integer(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** A connection as MongoDB holds it. */
export type ConnectionSetupDocument = Omit<ConnectionSetup, 'id'> & { readonly _id: string };

type Stored = InferEntity<typeof ConnectionSetupEntity>;

export const toDocument = ({ id, ...setup }: ConnectionSetup): ConnectionSetupDocument => ({ _id: id, ...setup });

/** A plain object again: nothing that the rest of the program holds is tracked by the mapper. */
export const fromDocument = (stored: ConnectionSetupDocument | Stored): ConnectionSetup => ({
  id: stored._id,
  name: stored.name,
  enabled: stored.enabled,
  business: stored.business,
  sales: stored.sales,
  revision: stored.revision,
  createdAt: stored.createdAt,
  updatedAt: stored.updatedAt,
});
