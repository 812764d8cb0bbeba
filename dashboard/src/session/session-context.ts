import { createContext, useContext } from 'react';
import { mayAct, type Role, type Session } from './session';

export interface OpenSession extends Session {
  readonly signOut: () => void;
}

export const SessionContext = createContext<OpenSession | null>(null);

export function useSession(): OpenSession {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('a page was shown before sign-in');
  return session;
}

/** Whether the person signed in may do what this role may. What they may not do is not offered. */
export const useMay = (role: Role): boolean => mayAct(useSession().viewer.role, role);
