import { type FormEvent, useId, useState } from 'react';
import { keepToken, type Session, signIn, TokenRefusedError } from './session';

export interface SignInProps {
  /** Why a session ended, where one did. */
  readonly reason: string | null;
  readonly onSession: (session: Session) => void;
}

export function SignIn({ reason, onSession }: SignInProps) {
  const id = useId();
  const [problem, setProblem] = useState(reason);
  const [asking, setAsking] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const token = event.currentTarget.querySelector('input')?.value.trim() ?? '';
    if (token === '') return setProblem('Paste a token first.');
    setAsking(true);
    try {
      const session = await signIn(token);
      keepToken(token);
      onSession(session);
    } catch (error) {
      setProblem(
        error instanceof TokenRefusedError
          ? 'The service does not know this token. Look for a missing character, or ask for a new one.'
          : 'The service does not answer. Is it running?',
      );
      setAsking(false);
    }
  };
  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <img src="/icon.svg" alt="" width="40" height="40" />
        <h1>Tandem</h1>
        <p className="subtitle">Dynamics NAV and Business Central in step with Dynamics 365 Sales</p>
        <label htmlFor={`${id}-token`}>Token</label>
        <input
          id={`${id}-token`}
          name="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          aria-describedby={`${id}-help`}
          aria-invalid={problem !== null && problem !== reason}
        />
        <p role="alert" className="problem">
          {problem}
        </p>
        <button type="submit" className="primary" disabled={asking}>
          {asking ? 'Signing in …' : 'Sign in'}
        </button>
        <p id={`${id}-help`} className="faint">
          The first one is made by the service when it starts: <code>cat .data/admin-token</code>. It is kept for this
          tab only.
        </p>
      </form>
    </main>
  );
}
