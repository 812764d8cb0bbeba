import { useEffect } from 'react';
import { requireOpenIdOptions } from './openid-options';
import { SignInFailedError } from './openid-tokens';
import { NO_ANSWER } from './session';
import { Waiting } from './sign-in';

// Begun once: the provider's answer belongs to the last beginning.
let going: Promise<void> | null = null;

/** In the window beside the pages: on the way to the provider. */
export function GoingToProvider({ onProblem }: { readonly onProblem: (problem: string) => void }) {
  useEffect(() => {
    going ??= begin();
    going.catch((error: unknown) => onProblem(error instanceof SignInFailedError ? error.message : NO_ANSWER));
  }, [onProblem]);
  return <Waiting />;
}

async function begin(): Promise<void> {
  const options = await requireOpenIdOptions();
  const { beginSignIn } = await import('./openid-provider');
  await beginSignIn(options, location.pathname + location.hash, false);
}
