/** Whether what is on screen is kept true. STALE: disconnected; it goes on where it stopped. */
export type LiveStatus = 'CONNECTING' | 'LIVE' | 'STALE';

/** What a page may depend on. A change of one of them makes the pages that show it ask again. */
export type Topic =
  | 'entries'
  | 'runs'
  | 'synchJobs'
  | 'couplings'
  | 'mappings'
  | 'connections'
  | 'fullSynchronizations'
  | 'workers';

export interface LiveEvent {
  readonly cursor: string;
  readonly topics: readonly Topic[];
}

/** Opens the stream after a cursor. Calls `onEnd` once, when it ends for whatever reason; the answer closes it. */
export type OpenStream = (after: string, handlers: StreamHandlers) => () => void;

export interface StreamHandlers {
  readonly onEvent: (event: LiveEvent) => void;
  readonly onEnd: (reason: 'LOST' | 'EXPIRED') => void;
}

export interface LiveFeedOptions {
  readonly cursor: string;
  readonly open: OpenStream;
  /** The stream's present position, for when the old one is too old to resume. */
  readonly currentCursor: () => Promise<string>;
}

const allTopics: readonly Topic[] = [
  'entries',
  'runs',
  'synchJobs',
  'couplings',
  'mappings',
  'connections',
  'fullSynchronizations',
  'workers',
];
const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 5_000;
// Many events in quick succession make one new request of a page.
const GATHER_MS = 400;

/**
 * Follows the service's stream of changes, and resumes after the last event it saw: nothing is missed while a laptop slept
 * or the service was restarted, and nothing is asked again on a timer.
 */
export class LiveFeed {
  #status: LiveStatus = 'CONNECTING';
  #staleSince: Date | null = null;
  #cursor: string;
  #retryMs = FIRST_RETRY_MS;
  #close: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #started = false;
  #paused = false;
  readonly #changed = new Set<Topic>();
  readonly #statusListeners = new Set<() => void>();
  readonly #topicListeners = new Set<(topics: ReadonlySet<Topic>) => void>();

  constructor(private readonly options: LiveFeedOptions) {
    this.#cursor = options.cursor;
  }

  get status(): LiveStatus {
    return this.#status;
  }

  /** Since when nothing was heard; null while live. */
  get staleSince(): Date | null {
    return this.#staleSince;
  }

  get paused(): boolean {
    return this.#paused;
  }

  start(): void {
    window.addEventListener('online', this.#retryNow);
    document.addEventListener('visibilitychange', this.#retryNow);
    this.#started = true;
    if (!this.#paused) this.#connect();
  }

  stop(): void {
    window.removeEventListener('online', this.#retryNow);
    document.removeEventListener('visibilitychange', this.#retryNow);
    this.#started = false;
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#leave();
  }

  /**
   * Holds everything still while somebody reads: the stream is left, so that nothing comes into the cache either, and on
   * resuming it tells what changed meanwhile.
   */
  setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#tellStatus();
    if (paused) this.#leave();
    else {
      this.#connect();
      this.#tellTopics();
    }
  }

  /** Goes on over another socket at once, with nothing missed; `closeSocket` ends the one that there is. */
  reconnect(closeSocket: () => void): void {
    if (this.#close === null) return;
    this.#leave();
    closeSocket();
    this.#connect();
  }

  connected(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#setStatus('LIVE');
  }

  onStatus(listener: () => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  onTopics(listener: (topics: ReadonlySet<Topic>) => void): () => void {
    this.#topicListeners.add(listener);
    return () => this.#topicListeners.delete(listener);
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#close?.();
    this.#close = null;
    this.#setStatus('CONNECTING');
  }

  #connect(): void {
    this.#close = this.options.open(this.#cursor, {
      onEvent: ({ cursor, topics }) => {
        this.#cursor = cursor;
        this.#gather(topics);
      },
      onEnd: (reason) => void this.#resume(reason),
    });
  }

  async #resume(reason: 'LOST' | 'EXPIRED'): Promise<void> {
    this.#close = null;
    this.#setStatus('STALE');
    if (reason === 'EXPIRED') await this.#startAnew();
    if (this.#paused || !this.#started || this.#close !== null) return;
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  // Too long away: what was missed cannot be told, so everything on screen is asked once.
  async #startAnew(): Promise<void> {
    try {
      this.#cursor = await this.options.currentCursor();
      this.#gather(allTopics);
    } catch {
      // Not reachable: the old cursor is refused again, and this is tried again then.
    }
  }

  readonly #retryNow = (): void => {
    if (this.#status !== 'STALE' || this.#close !== null || this.#paused || document.hidden) return;
    clearTimeout(this.#timer);
    this.#connect();
  };

  #gather(topics: readonly Topic[]): void {
    for (const topic of topics) this.#changed.add(topic);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      if (!this.#paused) this.#tellTopics();
    }, GATHER_MS);
  }

  #tellTopics(): void {
    if (this.#changed.size === 0) return;
    const topics = new Set(this.#changed);
    this.#changed.clear();
    for (const listener of this.#topicListeners) listener(topics);
  }

  #setStatus(status: LiveStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#staleSince = status === 'STALE' ? new Date() : null;
    this.#tellStatus();
  }

  #tellStatus(): void {
    for (const listener of this.#statusListeners) listener();
  }
}
