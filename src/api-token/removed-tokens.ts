import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ApiTokenStore } from './api-token-store.js';
import { tokenIdOf } from './authenticate-api-token.js';

/** Tells of tokens that ended before their time. */
export interface RemovedTokens {
  /** Calls `ended` once when the token that the viewer came with is revoked, by any process. Answers how to stop. */
  follow(viewerId: string, ended: () => void): () => void;
  close(): Promise<void>;
}

// How soon is looked again when nothing tells of removals.
const POLL_MS = 1_000;

/** Follows the tokens in use at this process: one change stream, and one query a removal, however many there are. */
export function removedTokens(tokens: ApiTokenStore, logger: Logger): RemovedTokens {
  const followers = new Map<string, Set<() => void>>();
  const closing = new AbortController();
  const watching = watchAndPoll();

  async function watchAndPoll(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        for await (const _ of tokens.watchRemovals(closing.signal)) await look();
      } catch (error) {
        if (closing.signal.aborted) return;
        logger.warn({ err: error }, 'removed tokens cannot be watched; polling until they can');
      }
      await delay(POLL_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      await look().catch(() => undefined);
    }
  }

  async function look(): Promise<void> {
    const followed = [...followers.keys()];
    if (followed.length === 0) return;
    const present = new Set((await tokens.byIds(followed)).map(({ _id }) => _id));
    for (const id of followed.filter((candidate) => !present.has(candidate))) {
      const ended = followers.get(id) ?? [];
      followers.delete(id);
      for (const end of ended) end();
    }
  }

  return {
    follow(viewerId, ended) {
      const id = tokenIdOf(viewerId);
      if (id === null) return () => undefined;
      const others = followers.get(id) ?? new Set();
      followers.set(id, others.add(ended));
      // It may have gone between the check of the token and now.
      void look().catch(() => undefined);
      return () => {
        others.delete(ended);
        if (others.size === 0) followers.delete(id);
      };
    },
    async close() {
      closing.abort();
      await watching;
    },
  };
}
