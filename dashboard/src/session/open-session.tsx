import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { Provider } from 'urql';
import { createApiClient } from '../graphql/client';
import { LiveContext } from '../live/live-context';
import { LiveFeed } from '../live/live-feed';
import { createLiveSocket } from '../live/live-socket';
import { openChanges } from '../live/live-stream';
import type { Credentials } from './credentials';
import { mayAct, type Session, ViewerQuery } from './session';
import { SessionContext } from './session-context';

export interface OpenSessionProps {
  readonly session: Session;
  readonly onEnd: (reason: string | null) => void;
  readonly children: ReactNode;
}

/** Everything that belongs to one person signed in: client, cache and live stream. It is gone with the session. */
export function OpenSession({ session, onEnd, children }: OpenSessionProps) {
  const { credentials } = session;
  const [{ client, feed, socket }] = useState(() => connect(session, onEnd));
  useEffect(() => {
    feed.start();
    const stopListening = credentials.onRenewed(() => {
      // The service holds a socket to the token that opened it.
      feed.reconnect(() => socket.terminate());
    });
    return () => {
      stopListening();
      feed.stop();
      void socket.dispose();
    };
  }, [feed, socket, credentials]);
  const open = useMemo(
    () => ({ ...session, signOut: () => void signOut(credentials, onEnd) }),
    [session, credentials, onEnd],
  );
  return (
    <SessionContext value={open}>
      <Provider value={client}>
        <LiveContext value={feed}>{children}</LiveContext>
      </Provider>
    </SessionContext>
  );
}

async function signOut(credentials: Credentials, onEnd: (reason: string | null) => void): Promise<void> {
  credentials.forget();
  const stays = await credentials.signOut().catch(() => true);
  if (stays) onEnd(null);
}

function connect({ credentials, cursor, viewer }: Session, onEnd: (reason: string | null) => void) {
  let feed: LiveFeed | null = null;
  const { token } = credentials;
  const onRefused = (): void => onEnd(credentials.endedBecause);
  const socket = createLiveSocket({ token, onConnected: () => feed?.connected(), onRefused });
  const client = createApiClient({ token, socket, onRefused });
  const currentCursor = async (): Promise<string> => {
    const { data, error } = await client.query(ViewerQuery, {}, { requestPolicy: 'network-only' }).toPromise();
    if (!data) throw error ?? new Error('no answer');
    return data.liveCursor;
  };
  feed = new LiveFeed({
    cursor,
    open: openChanges(client, mayAct(viewer.role, 'VIEWER')),
    currentCursor,
  });
  return { client, feed, socket };
}
