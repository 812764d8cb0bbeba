import { Moment } from '../design/moment';
import { useLiveFeed, useLiveStatus } from '../live/live-context';

/** Whether the page is kept true right now; pressed, it holds the lists still. */
export function LiveMark() {
  const feed = useLiveFeed();
  const { status, paused } = useLiveStatus();
  const words = paused ? 'Held still' : { LIVE: 'Live', CONNECTING: 'Connecting', STALE: 'Not live' }[status];
  return (
    <button
      type="button"
      className={`live-mark live-${paused ? 'paused' : status.toLowerCase()}`}
      data-key="p"
      aria-pressed={paused}
      title={paused ? 'Lists are held still. Press to go on (p)' : 'Press to hold lists still (p)'}
      onClick={() => feed.setPaused(!paused)}
    >
      <span className="dot" aria-hidden="true" />
      {words}
    </button>
  );
}

/** Above everything while disconnected: what is shown may be old. */
export function StaleBar() {
  const { status, staleSince } = useLiveStatus();
  return (
    <div role="status" className="stale-space">
      {status === 'STALE' && (
        <p className="stale-bar">
          No connection to the service since <Moment at={staleSince?.toISOString()} />. What you see may be old; it goes
          on where it stopped.
        </p>
      )}
    </div>
  );
}
