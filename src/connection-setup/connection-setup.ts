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
}

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
