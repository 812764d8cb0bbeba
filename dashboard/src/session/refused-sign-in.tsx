import { useState } from 'react';
import { useTitle } from '../design/use-title';
import { ProviderButton } from './provider-button';
import { SignInCard } from './sign-in-card';
import { useOpenIdOptions } from './use-openid-options';

export interface RefusedSignInProps {
  readonly why: string;
  readonly onBack: () => void;
}

/** After the provider, or the service after it, did not let somebody in: why, and what can be done. */
export function RefusedSignIn({ why, onBack }: RefusedSignInProps) {
  const options = useOpenIdOptions();
  const [problem, setProblem] = useState<string | null>(null);
  useTitle('Not signed in');
  return (
    <SignInCard heading="You are not signed in">
      <p role="alert">{problem ?? why}</p>
      {options && (
        <ProviderButton options={options} choose onProblem={setProblem}>
          Sign in as somebody else
        </ProviderButton>
      )}
      <button type="button" onClick={onBack}>
        Back to the sign-in page
      </button>
    </SignInCard>
  );
}
