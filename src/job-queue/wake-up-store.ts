import { MongoBackend, MongoChangeStreamNotificationChannel } from '@agendajs/mongo-backend';
import { Agenda, type Job } from 'agenda';
import type { Db } from 'mongodb';
import type { Logger } from 'pino';
import type { JobQueueEntry } from './job-queue-entry.js';
import { collections } from './job-queue-store.js';

/**
 * Tells workers that an entry is about to be due. A wake-up is a hint, carried by Agenda: it may be lost, come twice or come
 * for an entry that has moved since. What runs is decided by the claim of the entry, and the sweep finds what no wake-up told.
 */
export interface WakeUps {
  /** Announces the next runs of entries that are due within the horizon. Never throws. */
  announce(entries: readonly Pick<JobQueueEntry, '_id' | 'nextRunAt'>[]): Promise<void>;
  /** Stops listening and announcing. */
  close(): Promise<void>;
}

export interface WakeUpOptions {
  readonly db: Db;
  readonly logger: Logger;
  /** How far ahead wake-ups are put into Agenda. */
  readonly horizonMs?: number;
  /** Called when an entry is to be looked at; absent: this process only announces. */
  readonly onWake?: (at: Date) => void;
}

/** Tells a time at which something is due. What it is, the claim finds: entries that are due together share one. */
interface WakeUp {
  readonly at: Date;
}

const WAKE = 'wake job queue entry';
// Agenda gets slower with each job that it holds (3 ms from due to start when empty, 50 ms with 20,000), so it only gets
// those of the next minutes; the sweep adds the rest in time.
const DEFAULT_HORIZON_MS = 5 * 60_000;
// Agenda's own look for due jobs. Its change stream tells of new ones at once; this finds those that were put in earlier.
const AGENDA_LOOKS_EVERY_MS = 2_000;
// A wake-up takes milliseconds. One that a dying process had taken is given to another after this time.
const WAKE_UP_LOCK_MS = 10_000;

/** Opens the wake-ups on a database; with `onWake` also listens to them. */
export async function openWakeUps({ db, logger, horizonMs, onWake }: WakeUpOptions): Promise<WakeUps> {
  const log = logger.child({ part: 'wake-ups' });
  const warn = (error: unknown): void =>
    log.warn(
      { reason: error instanceof Error ? error.name : 'unknown' },
      'a wake-up was lost; the sweep finds the entry',
    );
  const agenda = listeningAgenda(db, warn, onWake !== undefined);
  await agenda.ready;
  if (onWake !== undefined) {
    const onWakeUp = (job: Job<WakeUp>): void => onWake(job.attrs.data.at);
    agenda.define<WakeUp>(WAKE, onWakeUp, {
      lockLifetime: WAKE_UP_LOCK_MS,
      concurrency: 20,
    });
    await agenda.start();
  }
  const announced = new Announced();

  async function announceTime(at: Date): Promise<void> {
    if (!announced.add(at)) return;
    try {
      const job = agenda.create<WakeUp>(WAKE, { at });
      await job.unique({ 'data.at': at }, { insertOnly: true }).schedule(at).save();
    } catch (error) {
      announced.forget(at);
      warn(error);
    }
  }

  return {
    async announce(entries) {
      const until = Date.now() + (horizonMs ?? DEFAULT_HORIZON_MS);
      for (const { nextRunAt } of entries) {
        if (nextRunAt !== null && nextRunAt.getTime() <= until) await announceTime(nextRunAt);
      }
    },
    close: () => agenda.stop(false),
  };
}

function listeningAgenda(db: Db, warn: (error: unknown) => void, listens: boolean): Agenda {
  // What is only a hint need not be on the disk before it is acted upon: that would be four waits for the disk a wake-up.
  const hints = db.client.db(db.databaseName, { writeConcern: { w: 1, journal: false } });
  // The index that Agenda would make is declared with the others: its failure here would be nobody's to catch.
  const backend = new MongoBackend({ mongo: hints, collection: collections.wakeUps, ensureIndex: false });
  const options = { backend, processEvery: AGENDA_LOOKS_EVERY_MS, removeOnComplete: true };
  if (!listens) return new Agenda(options);
  const notificationChannel = new MongoChangeStreamNotificationChannel({
    db,
    collection: collections.wakeUps,
    // Then it tells of new wake-ups only. Agenda's own writes (locked, begun) would each make it look for jobs again, whose
    // locks would be told again: dozens of looks at once, in which a start waits for its turn.
    fullDocument: false,
    reconnect: { enabled: true, initialDelayMs: 1_000, maxDelayMs: 10_000 },
  });
  notificationChannel.on('error', warn);
  const agenda = new Agenda({ ...options, notificationChannel });
  agenda.on('error', warn);
  return agenda;
}

/** The times that this process announced already, so that each sweep does not put them into Agenda again. */
class Announced {
  // More than there are within the horizon in any real setup; beyond it the oldest are forgotten, and perhaps told twice.
  static readonly #LIMIT = 10_000;
  readonly #times = new Set<number>();

  /** False when it was announced before. */
  add(at: Date): boolean {
    if (this.#times.has(at.getTime())) return false;
    this.#times.add(at.getTime());
    const oldest = this.#times.size > Announced.#LIMIT ? this.#times.values().next().value : undefined;
    if (oldest !== undefined) this.#times.delete(oldest);
    return true;
  }

  forget(at: Date): void {
    this.#times.delete(at.getTime());
  }
}
