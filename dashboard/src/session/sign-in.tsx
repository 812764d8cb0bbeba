import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { Outline } from '../design/page';
import { useTitle } from '../design/use-title';
import { apiToken, keepApiToken } from './credentials';
import { ProviderButton } from './provider-button';
import { ProviderWindowButton } from './provider-window-button';
import { NO_ANSWER, type Session, signIn, TokenRefusedError } from './session';
import { SignInCard } from './sign-in-card';
import { useOpenIdOptions } from './use-openid-options';

export interface SignInProps {
  /** Why a session ended, where one did. */
  readonly reason: string | null;
  /** Whose pages wait behind, with what was typed on them; absent where there are none. */
  readonly keptFor?: string;
  readonly onSession: (session: Session) => void;
}

export function SignIn({ reason, keptFor, onSession }: SignInProps) {
  const openId = useOpenIdOptions();
  const [problem, setProblem] = useState(reason);
  useTitle('Sign in');
  if (openId === undefined) return <Waiting />;
  return (
    <SignInCard heading="Tandem">
      <p className="subtitle">Dynamics NAV and Business Central in step with Dynamics 365 Sales</p>
      <p role="alert" className="problem">
        {problem}
      </p>
      {keptFor !== undefined && (
        <p className="kept">
          The page is kept as you left it, with what you had typed. As <b>{keptFor}</b> you go on there; as anybody else
          you begin anew.
        </p>
      )}
      {openId !== null && (
        <>
          {keptFor === undefined ? (
            <ProviderButton options={openId} onProblem={setProblem}>
              Sign in with {new URL(openId.issuer).host}
            </ProviderButton>
          ) : (
            <ProviderWindowButton onSession={onSession} onProblem={setProblem}>
              Sign in with {new URL(openId.issuer).host}
            </ProviderWindowButton>
          )}
          <p className="or">or with a token</p>
        </>
      )}
      <TokenForm isRefused={problem !== null && problem !== reason} onProblem={setProblem} onSession={onSession}>
        {openId === null && (
          <>
            The first one is made by the service when it starts: <code>cat .data/admin-token</code>.{' '}
          </>
        )}
        It is kept for this tab only.
      </TokenForm>
    </SignInCard>
  );
}

/** Before it is known who somebody is, or how they may sign in. */
export const Waiting = () => (
  <SignInCard heading="Tandem">
    <Outline lines={3} />
  </SignInCard>
);

interface TokenFormProps {
  readonly isRefused: boolean;
  readonly onProblem: (problem: string) => void;
  readonly onSession: (session: Session) => void;
  readonly children: ReactNode;
}

function TokenForm({ isRefused, onProblem, onSession, children }: TokenFormProps) {
  const id = useId();
  const [asking, setAsking] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const token = event.currentTarget.querySelector('input')?.value.trim() ?? '';
    if (token === '') return onProblem('Paste a token first.');
    setAsking(true);
    try {
      const session = await signIn(apiToken(token));
      keepApiToken(token);
      onSession(session);
    } catch (error) {
      onProblem(
        error instanceof TokenRefusedError
          ? 'The service does not know this token. Look for a missing character, or ask for a new one.'
          : NO_ANSWER,
      );
      setAsking(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <label htmlFor={`${id}-token`}>Token</label>
      <input
        id={`${id}-token`}
        name="token"
        type="password"
        autoComplete="off"
        spellCheck={false}
        aria-describedby={`${id}-help`}
        aria-invalid={isRefused}
      />
      <button type="submit" className="primary" disabled={asking}>
        {asking ? 'Signing in …' : 'Sign in'}
      </button>
      <p id={`${id}-help`} className="faint">
        {children}
      </p>
    </form>
  );
}
