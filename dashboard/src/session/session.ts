import { graphql, type ResultOf } from '../graphql/graphql';
import type { Credentials } from './credentials';

export const ViewerQuery = graphql(`
  query Viewer { viewer { name role expiresAt } liveCursor }
`);

export type Viewer = ResultOf<typeof ViewerQuery>['viewer'];
export type Role = Viewer['role'];

export interface Session {
  readonly credentials: Credentials;
  readonly viewer: Viewer;
  /** Where the live streams stood at sign-in: what happens afterwards is told by them. */
  readonly cursor: string;
}

/** The service answered that the token is not valid. */
export class TokenRefusedError extends Error {
  override readonly name = 'TokenRefusedError';
}

/** To whom the service does not answer at all. */
export const NO_ANSWER = 'The service does not answer. Is it running?';

/** Asks the service who somebody is. Throws {@link TokenRefusedError}, or what fetch throws when nobody answers. */
export async function signIn(credentials: Credentials): Promise<Session> {
  const token = await credentials.token();
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ viewer { name role expiresAt } liveCursor }' }),
  });
  if (response.status === 401 || response.status === 403) throw new TokenRefusedError('The token is not valid.');
  if (!response.ok) throw new Error(`The service answered ${response.status}.`);
  const { data } = (await response.json()) as { data: ResultOf<typeof ViewerQuery> };
  return { credentials, viewer: data.viewer, cursor: data.liveCursor };
}

/** Whether what one has typed is the other's to go on with. */
export const isSamePerson = (one: Viewer, other: Viewer): boolean => one.name === other.name && one.role === other.role;

const ranks: Readonly<Record<Role, number>> = { MONITOR: 0, VIEWER: 1, OPERATOR: 2, ADMIN: 3 };

/** True when the role may do what `needed` may. */
export const mayAct = (role: Role, needed: Role): boolean => ranks[role] >= ranks[needed];
