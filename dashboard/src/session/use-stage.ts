import { useCallback, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { type Credentials, ExchangeableCredentials, keepOpenIdTokens, storedCredentials } from './credentials';
import { RETURN_PATH, requireOpenIdOptions } from './openid-options';
import { SignInFailedError } from './openid-tokens';
import { isSamePerson, NO_ANSWER, type Session, signIn, TokenRefusedError } from './session';
import { answerOf, handOver, WINDOW_PATH } from './sign-in-window';

/** How far a person has come: from the sign-in page, perhaps by way of an OpenID provider, to the pages. */
export type Stage =
  | { readonly kind: 'OUT'; readonly reason: string | null }
  | { readonly kind: 'RETURNING' }
  | { readonly kind: 'REFUSED'; readonly why: string }
  | { readonly kind: 'ASKING'; readonly credentials: Credentials; readonly refused: Stage }
  | SignedIn
  // In the window beside the pages, in which somebody signs in again.
  | { readonly kind: 'GOING' }
  | { readonly kind: 'HANDED_OVER' };

/** The pages stay when a sign-in ends, out of sight, for the person to go on with them after signing in again. */
export interface SignedIn {
  readonly kind: 'IN';
  readonly session: Session & { readonly credentials: ExchangeableCredentials };
  /** Another number stands for another person: nothing of the pages before is kept. */
  readonly number: number;
  /** Why the sign-in ended; null while it holds. */
  readonly ended: string | null;
}

export interface StageOfPerson {
  readonly stage: Stage;
  readonly enter: (session: Session) => void;
  /** The sign-in has ended: with a reason the pages are kept for whoever signs in again, without one the person left. */
  readonly leave: (reason: string | null) => void;
  /** In the window beside the pages: why the provider cannot be reached. */
  readonly refuse: (why: string) => void;
}

export function useStage(): StageOfPerson {
  const [stage, setStage] = useState(firstStage);
  const [, go] = useLocation();
  const enter = useCallback((session: Session) => setStage((before) => signedIn(before, session)), []);
  const leave = useCallback((reason: string | null) => {
    storedCredentials()?.forget();
    setStage((before) =>
      before.kind === 'IN' && reason !== null ? { ...before, ended: reason } : { kind: 'OUT', reason },
    );
  }, []);
  const refuse = useCallback((why: string) => setStage({ kind: 'REFUSED', why }), []);

  useEffect(() => {
    if (stage.kind !== 'RETURNING') return;
    const comeBack = async (): Promise<void> => {
      answer ??= takeAnswer();
      const { returnTo, next } = await answer;
      go(returnTo, { replace: true });
      setStage(next);
    };
    void comeBack();
  }, [stage, go]);

  useEffect(() => {
    if (stage.kind !== 'ASKING') return undefined;
    return tryUntilAnswered(stage.credentials, enter, () => {
      stage.credentials.forget();
      setStage(stage.refused);
    });
  }, [stage, enter]);
  return { stage, enter, leave, refuse };
}

function firstStage(): Stage {
  if (location.pathname === WINDOW_PATH) return { kind: 'GOING' };
  if (location.pathname === RETURN_PATH) {
    if (/[?&](code|error)=/.test(location.search)) return { kind: 'RETURNING' };
    // The provider sends people back here after sign-out, too.
    history.replaceState(null, '', '/');
  }
  const credentials = storedCredentials();
  if (credentials === null) return { kind: 'OUT', reason: null };
  return { kind: 'ASKING', credentials, refused: { kind: 'OUT', reason: credentials.endedBecause } };
}

let people = 0;

function signedIn(before: Stage, session: Session): SignedIn {
  if (before.kind === 'IN' && isSamePerson(before.session.viewer, session.viewer)) {
    const { credentials } = before.session;
    credentials.exchangeFor(session.credentials);
    return { ...before, session: { ...session, credentials }, ended: null };
  }
  people += 1;
  const credentials = new ExchangeableCredentials(session.credentials);
  return { kind: 'IN', session: { ...session, credentials }, number: people, ended: null };
}

interface Answered {
  readonly returnTo: string;
  readonly next: Stage;
}

// Taken once: the code in it is good for one exchange.
let answer: Promise<Answered> | null = null;

async function takeAnswer(): Promise<Answered> {
  try {
    const options = await requireOpenIdOptions();
    const { finishSignIn } = await import('./openid-provider');
    const { tokens, returnTo } = await finishSignIn(options, new URL(location.href));
    const awaited = answerOf(returnTo);
    if (awaited !== null) {
      handOver(awaited, tokens);
      return { returnTo, next: { kind: 'HANDED_OVER' } };
    }
    const credentials = keepOpenIdTokens(tokens);
    return { returnTo, next: { kind: 'ASKING', credentials, refused: { kind: 'REFUSED', why: noRole(tokens.name) } } };
  } catch (error) {
    if (error instanceof SignInFailedError)
      return { returnTo: error.returnTo, next: { kind: 'REFUSED', why: error.message } };
    return { returnTo: '/', next: { kind: 'REFUSED', why: NO_ANSWER } };
  }
}

/** To whom the provider knows and the service does not. */
export const noRole = (name: string | null): string =>
  `The provider knows you${name === null ? '' : ` as ${name}`}, but that account has no role here. Ask an administrator for one of MONITOR, VIEWER, OPERATOR or ADMIN.`;

const RETRY_MS = 1_000;

/** A tab that was open when the service was restarted goes on by itself; only a refusal asks for another sign-in. */
function tryUntilAnswered(
  credentials: Credentials,
  onSession: (session: Session) => void,
  onRefused: () => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const attempt = async (): Promise<void> => {
    try {
      const session = await signIn(credentials);
      if (!stopped) onSession(session);
    } catch (error) {
      if (stopped) return;
      if (error instanceof TokenRefusedError) onRefused();
      else timer = setTimeout(() => void attempt(), RETRY_MS);
    }
  };
  void attempt();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
