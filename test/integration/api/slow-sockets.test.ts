import { once } from 'node:events';
import pino from 'pino';
import { beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Api } from '../../../src/api/start-api.js';
import { jobQueueStore } from '../../../src/job-queue/job-queue-store.js';
import { recordTransitions } from '../../../src/job-queue/transition-log-store.js';
import { transitionSource } from '../../../src/status-stream/transition-source-store.js';
import { openTransitionStream } from '../../../src/status-stream/transition-stream.js';
import { type Answered, runningApi, tokens } from './running-api.js';

const running = runningApi();
/** Together far more than the buffers of both ends of a socket hold. */
const TRANSITIONS = 600;
const LONG_REASON = 'x'.repeat(60_000);
let api: Api;

beforeAll(async () => {
  const transitions = await openTransitionStream({
    source: transitionSource(running.store.db),
    logger: pino({ level: 'silent' }),
    bufferSize: 50,
  });
  api = await running.startOther({ services: { ...running.services, transitions } });
});

async function subscribe(after: string | null): Promise<WebSocket> {
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${tokens.MONITOR}` } }));
  await once(socket, 'message');
  const query = 'subscription ($after: String) { jobStatusTransitions(after: $after) { cursor code reason } }';
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { after } } }));
  return socket;
}

async function record(from: number, to: number): Promise<void> {
  const store = jobQueueStore(running.store);
  await store.inTransaction((session) =>
    recordTransitions(
      store,
      session,
      Array.from({ length: to - from }, (_, index) => ({
        entry: { _id: `entry-${from + index}`, connectionSetupId: 'c', code: `T-${from + index}`, mappingName: null },
        from: 'READY' as const,
        to: 'IN_PROCESS' as const,
        at: new Date(),
        reason: LONG_REASON,
        runId: null,
        causedBy: 'test',
      })),
    ),
  );
}

test('a socket that takes nothing any more is closed with a reason, and resumes without a gap', async () => {
  const { liveCursor } = await running.data('{ liveCursor }');
  const slow = await subscribe(liveCursor);
  const codes: string[] = [];
  let cursor: string = liveCursor;
  const take = (text: Buffer): void => {
    const { type, payload }: Answered = JSON.parse(text.toString());
    if (type !== 'next') return;
    codes.push(payload.data.jobStatusTransitions.code);
    cursor = payload.data.jobStatusTransitions.cursor;
  };
  slow.on('message', take);
  await record(0, 1);
  await once(slow, 'message');
  slow.pause();
  for (let from = 1; from < TRANSITIONS; from += 100) await record(from, Math.min(from + 100, TRANSITIONS));
  const closed = once(slow, 'close');
  // What the network still holds is taken now; behind it stands the end.
  slow.resume();
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([1013, expect.stringContaining('resume after the last cursor')]);
  expect(codes.length).toBeLessThan(TRANSITIONS);
  const again = await subscribe(cursor);
  const all = new Promise<void>((resolve) => {
    again.on('message', (text: Buffer) => {
      take(text);
      if (codes.length >= TRANSITIONS) resolve();
    });
  });
  await all;
  expect(codes).toEqual(Array.from({ length: TRANSITIONS }, (_, number) => `T-${number}`));
  again.terminate();
}, 60_000);
