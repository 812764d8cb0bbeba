import { useEffect } from 'react';
import { openIdOptions } from './openid-options';
import { SignInFailedError } from './openid-tokens';
import { Waiting } from './sign-in';

// Begun once: the provider's answer belongs to the last beginning.
let going: Promise<void> | null = null;

/** In the window beside the pages: on the way to the provider. */
export function GoingToProvider({ onProblem }: { readonly onProblem: (problem: string) => void }) {
  useEffect(() => {
    going ??= begin();
    going.catch((error: unknown) =>
      onProblem(error instanceof SignInFailedError ? error.message : 'The service does not answer. Is it running?'),
    );
  }, [onProblem]);
  return <Waiting />;
}

async function begin(): Promise<void> {
  const options = await openIdOptions();
  if (options === null) throw new SignInFailedError('This service no longer signs people in at a provider.');
  const { beginSignIn } = await import('./openid-provider');
  await beginSignIn(options, location.pathname + location.hash, false);
}
