import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { Provider } from 'urql';
import { createApiClient } from '../graphql/client';
import { LiveContext } from '../live/live-context';
import { LiveFeed } from '../live/live-feed';
import { createLiveSocket } from '../live/live-socket';
import { openChanges } from '../live/live-stream';
import { mayAct, type Session, ViewerQuery } from './session';
import { SessionContext } from './session-context';

export interface OpenSessionProps {
  readonly session: Session;
  readonly onEnd: (reason: string | null) => void;
  readonly children: ReactNode;
}

/** Everything that belongs to one person signed in: client, cache and live stream. It is gone with the session. */
export function OpenSession({ session, onEnd, children }: OpenSessionProps) {
  const [{ client, feed, socket }] = useState(() => connect(session, onEnd));
  useEffect(() => {
    feed.start();
    return () => {
      feed.stop();
      void socket.dispose();
    };
  }, [feed, socket]);
  const open = useMemo(() => ({ ...session, signOut: () => onEnd(null) }), [session, onEnd]);
  return (
    <SessionContext value={open}>
      <Provider value={client}>
        <LiveContext value={feed}>{children}</LiveContext>
      </Provider>
    </SessionContext>
  );
}

function connect(session: Session, onEnd: (reason: string | null) => void) {
  let feed: LiveFeed | null = null;
  const socket = createLiveSocket(session.token, () => feed?.connected());
  const client = createApiClient({
    token: session.token,
    socket,
    onRefused: () => onEnd('The token is no longer valid. Sign in with another one.'),
  });
  const currentCursor = async (): Promise<string> => {
    const { data, error } = await client.query(ViewerQuery, {}, { requestPolicy: 'network-only' }).toPromise();
    if (!data) throw error ?? new Error('no answer');
    return data.liveCursor;
  };
  feed = new LiveFeed({
    cursor: session.cursor,
    open: openChanges(client, mayAct(session.viewer.role, 'VIEWER')),
    currentCursor,
  });
  return { client, feed, socket };
}
