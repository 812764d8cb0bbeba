import { useTitle } from '../design/use-title';
import { SignInCard } from './sign-in-card';

/** In the window beside the pages, where a browser does not close it by itself. */
export function HandedOver() {
  useTitle('Signed in');
  return (
    <SignInCard heading="You are signed in">
      <p>Go on in the window that you came from. This one can be closed.</p>
      <button type="button" onClick={() => window.close()}>
        Close
      </button>
    </SignInCard>
  );
}
