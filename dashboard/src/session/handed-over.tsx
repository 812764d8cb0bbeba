import { useEffect } from 'react';

/** In the window beside the pages, where a browser does not close it by itself. */
export function HandedOver() {
  useEffect(() => {
    document.title = 'Signed in · Tandem';
  }, []);
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <img src="/icon.svg" alt="" width="40" height="40" />
        <h1>You are signed in</h1>
        <p>Go on in the window that you came from. This one can be closed.</p>
        <button type="button" onClick={() => window.close()}>
          Close
        </button>
      </div>
    </main>
  );
}
