import { type ReactNode, useState } from 'react';
import { type OpenIdOptions, RETURN_PATH } from './openid-options';
import { SignInFailedError } from './openid-tokens';

export interface ProviderButtonProps {
  readonly options: OpenIdOptions;
  /** The provider is to ask who somebody is, also where it knows already. */
  readonly choose?: boolean;
  readonly onProblem: (problem: string) => void;
  readonly children: ReactNode;
}

/** Leads to the OpenID provider, and from there back to the page that was asked for. */
export function ProviderButton({ options, choose = false, onProblem, children }: ProviderButtonProps) {
  const [leaving, setLeaving] = useState(false);
  const go = async (): Promise<void> => {
    setLeaving(true);
    try {
      const { beginSignIn } = await import('./openid-provider');
      await beginSignIn(options, pageAskedFor(), choose);
    } catch (error) {
      onProblem(
        error instanceof SignInFailedError
          ? error.message
          : 'The page for that cannot be loaded. Is the service running?',
      );
      setLeaving(false);
    }
  };
  return (
    <button type="button" className="primary" disabled={leaving} onClick={() => void go()}>
      {leaving ? 'Opening the provider …' : children}
    </button>
  );
}

const pageAskedFor = (): string =>
  location.pathname === RETURN_PATH ? '/' : location.pathname + location.search + location.hash;
