import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { machine, percentile, print, startBenchedService } from './api-service.ts';

/**
 * 5,000 subscribers of one process, each with a socket of its own: how soon the last of them has a transition after it was
 * made, and whether every one has all of them, in order.
 *
 * `npm run bench:api-subscribers`; with `-- --subscribers=500 --transitions=100` others.
 */
const option = (name: string, standard: number): number =>
  Number(process.argv.find((given) => given.startsWith(`--${name}=`))?.slice(name.length + 3) ?? standard);
const SUBSCRIBERS = option('subscribers', 5_000);
const TRANSITIONS = option('transitions', 50);
const OPENED_AT_ONCE = 100;

await using service = await startBenchedService(async () => undefined);
print(`${SUBSCRIBERS} subscribers, ${TRANSITIONS} transitions; ${machine()}`);
const memoryBefore = service.memoryMb();

const { createJobQueueEntry } = await service.ask(
  'mutation { createJobQueueEntry(input: { code: "RETENTION", task: RETENTION, runOn: [MONDAY], startingTime: "03:00" }) { jobQueueEntry { id } userErrors { message } } }',
);
const { id } = createJobQueueEntry.jobQueueEntry;

const received: string[][] = [];
const arrivals: number[][] = [];
let wake: () => void = () => undefined;
const sockets: WebSocket[] = [];
const openedAt = performance.now();
for (let opened = 0; opened < SUBSCRIBERS; opened += OPENED_AT_ONCE) {
  const some = Math.min(OPENED_AT_ONCE, SUBSCRIBERS - opened);
  await Promise.all(Array.from({ length: some }, () => subscribe()));
}
print(`All subscribed after ${((performance.now() - openedAt) / 1_000).toFixed(1)} s`);
// A subscription has begun once its first event has come: the entry was made before all of them.
await everyoneHas(1);

const lateMs: number[] = [];
for (let number = 1; number < TRANSITIONS; number += 1) {
  const sentAt = performance.now();
  await setStatus(number % 2 === 0 ? 'ON_HOLD' : 'READY');
  await everyoneHas(number + 1);
  lateMs.push(...(arrivals[number] ?? []).map((arrival) => arrival - sentAt));
}
const complete = received.filter((cursors) => cursors.length === TRANSITIONS && isSame(cursors, received[0]!)).length;
print(
  `| subscribers | complete and in order | p50 ms from the mutation to a subscriber | p99 ms | memory before, MB | after, MB |`,
);
print('|---|---|---|---|---|---|');
print(
  `| ${SUBSCRIBERS} | ${complete} | ${percentile(lateMs, 0.5).toFixed(0)} | ${percentile(lateMs, 0.99).toFixed(0)} | ${memoryBefore} | ${service.memoryMb()} |`,
);
for (const socket of sockets) socket.terminate();
process.exitCode = complete === SUBSCRIBERS ? 0 : 1;

async function subscribe(): Promise<void> {
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  sockets.push(socket);
  const cursors: string[] = [];
  received.push(cursors);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${service.token}` } }));
  await once(socket, 'message');
  socket.on('message', (text: Buffer) => {
    const { type, payload } = JSON.parse(text.toString()) as { type: string; payload?: any };
    if (type === 'ping') return socket.send('{"type":"pong"}');
    if (type !== 'next') return;
    const place = cursors.push(payload.data.jobStatusTransitions.cursor) - 1;
    (arrivals[place] ??= []).push(performance.now());
    wake();
  });
  const query = `subscription { jobStatusTransitions(after: "${Buffer.from('t1:0').toString('base64url')}") { cursor code to } }`;
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
}

async function everyoneHas(count: number): Promise<void> {
  while ((arrivals[count - 1]?.length ?? 0) < SUBSCRIBERS) {
    await Promise.race([new Promise<void>((resolve) => (wake = resolve)), delay(60_000, undefined, { ref: false })]);
  }
}

async function setStatus(status: string): Promise<void> {
  const { setJobQueueEntryStatus } = await service.ask(
    `mutation ($id: ID!) { setJobQueueEntryStatus(input: { id: $id, status: ${status} }) { userErrors { message } } }`,
    { id },
  );
  if (setJobQueueEntryStatus.userErrors.length > 0) throw new Error(JSON.stringify(setJobQueueEntryStatus.userErrors));
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.every((value, place) => value === other[place]);
}
