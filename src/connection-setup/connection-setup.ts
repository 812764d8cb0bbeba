import { keepsIds } from '../connectors/kept-ids.js';
import type { Side } from '../synch/synch-error.js';
import type { ConnectionTest, SystemCapabilities } from './connection-test.js';

export const systemKinds = ['BUSINESS_CENTRAL', 'NAV_ODATA', 'DATAVERSE'] as const;
export type SystemKind = (typeof systemKinds)[number];

export const authenticationKinds = ['NONE', 'BASIC', 'OAUTH2_CLIENT_CREDENTIALS'] as const;
export type AuthenticationKind = (typeof authenticationKinds)[number];

/** One of the two systems of a connection, as stored: its secret is sealed. */
export interface SystemEndpoint {
  readonly kind: SystemKind;
  readonly baseUrl: string;
  readonly webUrl: string | null;
  readonly company: string | null;
  readonly authentication: AuthenticationKind;
  readonly userName: string | null;
  readonly tenantId: string | null;
  readonly clientId: string | null;
  /** AES-256-GCM, see sealed-secret.ts; null when no secret was given. */
  readonly sealedSecret: string | null;
  /** Company id or organisation id as last read: a run is refused when it is another one. */
  readonly identity: string | null;
  /** The last test of what is stored; absent before the first. */
  readonly lastTest?: ConnectionTest | null;
  /** As the last good test found them. */
  readonly capabilities?: SystemCapabilities | null;
}

/** What was learned about an end point since it was entered; no part of how the system is reached. */
export type LearnedOfEndpoint = 'identity' | 'lastTest' | 'capabilities';

/**
 * Where and as whom a system is reached, as one text: two end points with the same text lead to the same system with the
 * same rights. Holds the sealed secret: for comparing, never for showing.
 */
export const reachedThrough = (endpoint: SystemEndpoint): string =>
  JSON.stringify([
    endpoint.kind,
    endpoint.baseUrl,
    endpoint.company,
    endpoint.authentication,
    endpoint.userName,
    endpoint.tenantId,
    endpoint.clientId,
    endpoint.sealedSecret,
  ]);

/** Two systems that are kept in step. */
export interface ConnectionSetup {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly business: SystemEndpoint;
  readonly sales: SystemEndpoint;
  /** Counts edits by people. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The end point on a side. */
export const endpointOn = (
  { business, sales }: Pick<ConnectionSetup, 'business' | 'sales'>,
  side: Side,
): SystemEndpoint => (side === 'BUSINESS' ? business : sales);

/** Name of the part of a connection that holds the end point of a side. */
export const endpointPart = { BUSINESS: 'business', SALES: 'sales' } as const satisfies Record<Side, string>;

/** The business system knows a record by a key that people can change. */
export const keysCanBeRenamed = ({ business }: Pick<ConnectionSetup, 'business'>): boolean => !keepsIds[business.kind];
