import { type ReactNode, useEffect, useRef } from 'react';
import { keepOpenIdTokens } from './credentials';
import { NOT_SECURE } from './openid-options';
import type { OpenIdTokens } from './openid-tokens';
import { NO_ANSWER, type Session, signIn, TokenRefusedError } from './session';
import { openSignInWindow } from './sign-in-window';
import { noRole } from './use-stage';

export interface ProviderWindowButtonProps {
  readonly onSession: (session: Session) => void;
  readonly onProblem: (problem: string) => void;
  readonly children: ReactNode;
}

/** Leads to the OpenID provider in a window of its own: the pages behind stay as they are. */
export function ProviderWindowButton({ onSession, onProblem, children }: ProviderWindowButtonProps) {
  const stopWaiting = useRef<(() => void) | null>(null);
  useEffect(() => () => stopWaiting.current?.(), []);
  const take = async (tokens: OpenIdTokens): Promise<void> => {
    const credentials = keepOpenIdTokens(tokens);
    try {
      onSession(await signIn(credentials));
    } catch (error) {
      credentials.forget();
      onProblem(error instanceof TokenRefusedError ? noRole(tokens.name) : NO_ANSWER);
    }
  };
  const open = (): void => {
    if (!isSecureContext) return onProblem(NOT_SECURE);
    stopWaiting.current?.();
    stopWaiting.current = openSignInWindow((tokens) => void take(tokens));
    if (stopWaiting.current === null)
      onProblem('The browser did not open a window for the provider. Let this page open windows, and press again.');
  };
  return (
    <button type="button" className="primary" onClick={open}>
      {children}
    </button>
  );
}
