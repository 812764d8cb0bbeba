import { createContext, useContext, useEffect, useSyncExternalStore } from 'react';
import type { LiveFeed, LiveStatus, Topic } from './live-feed';

export const LiveContext = createContext<LiveFeed | null>(null);

export function useLiveFeed(): LiveFeed {
  const feed = useContext(LiveContext);
  if (feed === null) throw new Error('a page was shown before sign-in');
  return feed;
}

export function useLiveStatus(): {
  readonly status: LiveStatus;
  readonly staleSince: Date | null;
  readonly paused: boolean;
} {
  const feed = useLiveFeed();
  const subscribe = (listener: () => void) => feed.onStatus(listener);
  const status = useSyncExternalStore(subscribe, () => feed.status);
  const paused = useSyncExternalStore(subscribe, () => feed.paused);
  return { status, staleSince: feed.staleSince, paused };
}

/** Calls back when one of the topics changed. */
export function useTopics(topics: readonly Topic[], onChange: () => void): void {
  const feed = useLiveFeed();
  useEffect(
    () => feed.onTopics((changed) => topics.some((topic) => changed.has(topic)) && onChange()),
    [feed, topics, onChange],
  );
}
