import { useEffect, useState } from 'react';
import { ProviderButton } from './provider-button';
import { useOpenIdOptions } from './use-openid-options';

export interface RefusedSignInProps {
  readonly why: string;
  readonly onBack: () => void;
}

/** After the provider, or the service after it, did not let somebody in: why, and what can be done. */
export function RefusedSignIn({ why, onBack }: RefusedSignInProps) {
  const options = useOpenIdOptions();
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    document.title = 'Not signed in · Tandem';
  }, []);
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <img src="/icon.svg" alt="" width="40" height="40" />
        <h1>You are not signed in</h1>
        <p role="alert">{problem ?? why}</p>
        {options && (
          <ProviderButton options={options} choose onProblem={setProblem}>
            Sign in as somebody else
          </ProviderButton>
        )}
        <button type="button" onClick={onBack}>
          Back to the sign-in page
        </button>
      </div>
    </main>
  );
}
