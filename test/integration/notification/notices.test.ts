import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { RunEnding } from '../../../src/job-queue/run-ending.js';
import { NoticeStore, noticeIndexes } from '../../../src/notification/notice-store.js';
import { type Notifier, type NotifierTiming, startNotifier } from '../../../src/notification/notifier.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { makeError, RunFailedError } from '../../../src/synch/describe-error.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { definition, logger, testQueue } from '../job-queue/queue.js';

const world = testQueue();
const notices = new NoticeStore(world.database.db);
const stored = () => world.database.db.collection('notices');
const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cyBhbmQgbm8gb3RoZXI=';
const SECRET_TEXT = 'Fabrikam, Inc.';
const timing: NotifierTiming = { timeoutMs: 300, lookMs: 25, pausesMs: [20, 20, 20] };

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server that keeps what it is sent, and answers as the test says. */
class Receiver {
  readonly received: Received[] = [];
  answer = (_: Received, response: ServerResponse): void => void response.writeHead(204).end();
  readonly #server: Server = createServer((request, response) => void this.#take(request, response));

  async listen(port = 0): Promise<string> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const received = { headers: request.headers, body };
    this.received.push(received);
    this.answer(received, response);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const opened: { notifiers: Notifier[]; receivers: Receiver[] } = { notifiers: [], receivers: [] };

beforeAll(() => ensureIndexes(world.database.db, noticeIndexes));
afterEach(async () => {
  await Promise.all(opened.notifiers.splice(0).map((notifier) => notifier.stop()));
  for (const open of opened.receivers.splice(0)) open.close();
  await stored().deleteMany({});
});

async function receiver(port?: number): Promise<Receiver & { readonly url: string }> {
  const made = new Receiver();
  opened.receivers.push(made);
  return Object.assign(made, { url: await made.listen(port) });
}

function notify(url: string, changes: Partial<NotifierTiming> = {}): void {
  const options = { store: notices, url, secret: SECRET, logger, timing: { ...timing, ...changes } };
  opened.notifiers.push(startNotifier(options));
}

const unreachable = makeError('TRANSIENT', 'UNREACHABLE', `no answer for ${SECRET_TEXT}`, { side: 'SALES' });

/** An entry whose runs end so, one after the other; resolves when all of them have ended. */
async function runs(errors: readonly (RunFailedError | null)[], changes: Parameters<typeof definition>[0] = {}) {
  const [entry] = await world.queue.createEntries(
    [definition({ maximumRetries: errors.length - 1, ...changes })],
    'test',
  );
  const left = [...errors];
  const dispatcher = await world.dispatch({
    executors: {
      INTEGRATION_SYNCH: async () => {
        const error = left.shift();
        if (error) throw error;
        return { idle: false };
      },
    },
    describeError: (error) => (error as RunFailedError).error,
    onRunEnd: (end, session) => notices.note(end, session),
  });
  await eventually('its runs have ended', async () => {
    const { count } = await world.queue.countRuns({ entryId: entry!._id, status: ['SUCCESS', 'ERROR'] });
    return count === errors.length;
  });
  await dispatcher.stop();
  return entry!;
}

const kindsOf = ({ received }: Receiver): string[] =>
  received.map(({ body }) => String(JSON.parse(body).kind)).toSorted();
const pending = () => stored().countDocuments({ nextAttemptAt: { $exists: true } });
const allSent = () => eventually('everything was sent', async () => (await pending()) === 0);

test('an entry that ends in Error is posted once, signed, and without what stands in a record', async () => {
  const to = await receiver();
  notify(to.url);
  const refused = makeError('VALIDATION', 'BAD_FIELD', `name "${SECRET_TEXT}" is too long`, { side: 'SALES' });
  const entry = await runs([new RunFailedError(refused)], { connectionSetupId: 'c' });
  await allSent();

  expect(to.received).toHaveLength(1);
  const { headers, body } = to.received[0]!;
  expect(JSON.parse(body)).toMatchObject({
    kind: 'ENTRY_IN_ERROR',
    code: entry.code,
    task: 'INTEGRATION_SYNCH',
    mappingName: entry.mappingName,
    text: `${entry.code} ended in Error and runs no more: VALIDATION BAD_FIELD`,
    error: { class: 'VALIDATION', code: 'BAD_FIELD', side: 'SALES' },
    jobQueueEntryId: Buffer.from(`JobQueueEntry:${entry._id}`).toString('base64url'),
  });
  expect(body).not.toContain(SECRET_TEXT);
  const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  expect(Math.abs(Date.now() / 1_000 - Number(headers['webhook-timestamp']))).toBeLessThan(60);
});

test('a connection that fails is told once, however many runs and entries meet it, and again when it fails anew', async () => {
  const to = await receiver();
  notify(to.url);
  const failure = new RunFailedError(unreachable);
  await runs([failure, failure, failure], { whenRetriesExhausted: 'NEXT_SLOT' });
  await runs([failure], { whenRetriesExhausted: 'NEXT_SLOT' });
  await allSent();
  expect(kindsOf(to)).toEqual(['CONNECTION_FAILED']);

  await runs([null], { minutesBetweenRuns: 600 });
  await runs([failure], { whenRetriesExhausted: 'NEXT_SLOT' });
  await allSent();
  expect(kindsOf(to)).toEqual(['CONNECTION_FAILED', 'CONNECTION_FAILED']);
  expect(to.received.map(({ body }) => body).join()).not.toContain(SECRET_TEXT);
});

test('deletions that are held back are told once while they are', async () => {
  const to = await receiver();
  notify(to.url);
  const held = new RunFailedError(makeError('NOT_FOUND', 'MASS_DELETION', 'Customer: 30 records are gone'));
  await runs([held, held], { mappingId: 'm', whenRetriesExhausted: 'NEXT_SLOT' });
  await allSent();
  expect(kindsOf(to)).toEqual(['DELETIONS_HELD']);
});

test('a run that fails and has retries left, or that a person cancelled, is told to nobody', async () => {
  const record = new RunFailedError(makeError('DEPENDENCY', 'LINES_STOPPED', 'later'));
  await runs([record, null], { minutesBetweenRuns: 600 });
  expect(await stored().countDocuments()).toBe(0);
});

test('a notice that a receiver does not accept is posted again with the same id, then given up', async () => {
  const to = await receiver();
  to.answer = (_, response) => void response.writeHead(500).end('x'.repeat(100_000));
  notify(to.url);
  await runs([new RunFailedError(makeError('INTERNAL', 'UNEXPECTED', 'no'))]);
  await allSent();

  expect(to.received).toHaveLength(1 + timing.pausesMs.length);
  expect(new Set(to.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(await stored().findOne()).toMatchObject({ attempts: 4, givenUpAt: expect.any(Date) });
});

test('a receiver that is down gets its notice when it is back, and one that never answers holds nothing up', async () => {
  const port = await freePort();
  notify(`http://127.0.0.1:${port}/hook`, { pausesMs: Array.from({ length: 200 }, () => 30) });
  await runs([new RunFailedError(makeError('INTERNAL', 'UNEXPECTED', 'no'))]);
  await eventually('it was tried in vain', () => stored().findOne({ attempts: { $gte: 2 } }));
  const slow = await receiver(port);
  // The first one is never answered.
  slow.answer = (received, response) => {
    if (slow.received.indexOf(received) > 0) response.writeHead(200).end();
  };
  await allSent();
  expect(slow.received.length).toBeGreaterThanOrEqual(2);
  expect(await stored().findOne()).toMatchObject({ deliveredAt: expect.any(Date) });
});

test('a redirect is not followed', async () => {
  const elsewhere = await receiver();
  const to = await receiver();
  to.answer = (_, response) => void response.writeHead(307, { location: elsewhere.url }).end();
  notify(to.url);
  await runs([new RunFailedError(makeError('INTERNAL', 'UNEXPECTED', 'no'))]);
  await allSent();
  expect(to.received.length).toBeGreaterThan(1);
  expect(elsewhere.received).toEqual([]);
});

test('of several processes one sends a notice', async () => {
  const to = await receiver();
  for (let process = 0; process < 4; process += 1) notify(to.url);
  const internal = new RunFailedError(makeError('INTERNAL', 'UNEXPECTED', 'no'));
  for (let entry = 0; entry < 5; entry += 1) await runs([internal]);
  await allSent();
  expect(new Set(to.received.map(({ headers }) => headers['webhook-id'])).size).toBe(5);
  expect(to.received).toHaveLength(5);
});

test('a run that is interrupted once too often ends its entry in Error, and that is told', async () => {
  const ending: RunEnding = { kind: 'interrupted', error: makeError('TRANSIENT', 'INTERRUPTED', 'its worker died') };
  const [entry] = await world.queue.createEntries([definition()], 'test');
  const session = world.database.client.startSession();
  await session.withTransaction(() =>
    notices.note({ entry: entry!, runId: 'r', ending, entryInError: true, at: new Date() }, session),
  );
  await session.endSession();
  expect(await stored().find().toArray()).toMatchObject([{ kind: 'ENTRY_IN_ERROR', error: { code: 'INTERRUPTED' } }]);
});

test("the time stamp is the database's time, whatever the clock of the worker that sends it says", async () => {
  const to = await receiver();
  await runs([new RunFailedError(makeError('VALIDATION', 'BAD_FIELD', 'no', { side: 'SALES' }))]);
  for (const minutesOff of [10, -10]) {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutesOff * 60_000 });
    try {
      await stored().updateMany({}, { $set: { nextAttemptAt: new Date(0) } });
      notify(to.url);
      await allSent();
    } finally {
      vi.useRealTimers();
    }
    await Promise.all(opened.notifiers.splice(0).map((notifier) => notifier.stop()));
    const sentAt = Number(to.received.at(-1)!.headers['webhook-timestamp']) * 1_000;
    expect(Math.abs(sentAt - (await world.database.now()).getTime())).toBeLessThan(60_000);
  }
  expect(to.received).toHaveLength(2);
});
