import { once } from 'node:events';
import { createClient } from 'graphql-ws';
import pino from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { globalId } from '../../../src/api/global-id.js';
import type { ConnectionSetup } from '../../../src/connection-setup/connection-setup.js';
import { gateNameOf } from '../../../src/connection-setup/endpoint-access.js';
import { CouplingCountsStore } from '../../../src/coupling/coupling-counts-store.js';
import { CouplingStore } from '../../../src/coupling/coupling-store.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { openChangeFeed } from '../../../src/status-stream/change-feed.js';
import { changeSource } from '../../../src/status-stream/change-source-store.js';
import { CursorExpiredError, changeCursorOf } from '../../../src/status-stream/stream-cursor.js';
import { transitionSource } from '../../../src/status-stream/transition-source-store.js';
import { openTransitionStream } from '../../../src/status-stream/transition-stream.js';
import { AuditStore } from '../../../src/synch/audit-store.js';
import { connectionSetup, coupling, mapping, synchJob } from './records.js';
import { type Answered, runningApi, tokens } from './running-api.js';

const running = runningApi();
const silent = pino({ level: 'silent' });
let setup: ConnectionSetup;
let customers: IntegrationTableMapping;

beforeAll(async () => {
  setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  customers = mapping(setup.id, 'CUSTOMER');
  await running.services.mappings.insert(customers);
});

const FIELDS =
  'cursor subject change nodeId connectionSetup { id name } jobQueueEntry { code status } synchJob { status inserted }';

const follow = (variables: object, token = tokens.VIEWER, fields = FIELDS): AsyncIterator<Answered> => {
  const answers = running.client(token).iterate({
    query: `subscription ($after: String, $filter: LiveChangeFilter) { liveChanges(after: $after, filter: $filter) { ${fields} } }`,
    variables: { ...variables },
  });
  return {
    async next() {
      const { value, done } = await answers.next();
      if (done === true) return { done, value };
      if (value.errors) throw new Error(JSON.stringify(value.errors));
      return { done: false, value: value.data?.liveChanges };
    },
  };
};

const cursor = async (): Promise<string> => (await running.data('{ liveCursor }')).liveCursor;

const createEntry = async (code: string) => {
  const [entry] = await running.services.jobQueue.createEntries(
    [
      {
        connectionSetupId: setup.id,
        code,
        task: 'INTEGRATION_SYNCH',
        mappingId: customers.id,
        mappingName: customers.name,
        timeZone: 'UTC',
        status: 'ON_HOLD',
      },
    ],
    'test',
  );
  if (entry === undefined) throw new Error('no entry was made');
  return entry;
};

describe('liveChanges', () => {
  test('tells what was made, changed and deleted after the cursor, with the present state', async () => {
    const after = await cursor();
    const entry = await createEntry('FOLLOWED');
    const changes = follow({ after, filter: { nodeId: [globalId('JobQueueEntry', entry._id)] } });
    expect((await changes.next()).value).toMatchObject({
      subject: 'JOB_QUEUE_ENTRY',
      change: 'CREATED',
      nodeId: globalId('JobQueueEntry', entry._id),
      jobQueueEntry: { code: 'FOLLOWED', status: 'ON_HOLD' },
      connectionSetup: null,
    });
    await running.services.jobQueue.setStatus(entry._id, 'READY', { actor: 'test' });
    expect((await changes.next()).value).toMatchObject({ change: 'CHANGED', jobQueueEntry: { status: 'READY' } });
    await running.store.db.collection('jobQueueEntries').deleteOne({ _id: entry._id as never });
    expect((await changes.next()).value).toMatchObject({ change: 'DELETED', jobQueueEntry: null });
  });

  test('tells changes in quick succession as one, and each object once after a resume', async () => {
    const after = await cursor();
    const entry = await createEntry('BUSY');
    for (const status of ['READY', 'ON_HOLD', 'READY', 'ON_HOLD'] as const) {
      await running.services.jobQueue.setStatus(entry._id, status, { actor: 'test' });
    }
    const other = await createEntry('QUIET');
    const changes = follow({ after, filter: { subject: ['JOB_QUEUE_ENTRY'] } });
    const told = [(await changes.next()).value, (await changes.next()).value];
    expect(told.map(({ nodeId, change }) => [nodeId, change])).toEqual([
      [globalId('JobQueueEntry', entry._id), 'CREATED'],
      [globalId('JobQueueEntry', other._id), 'CREATED'],
    ]);
  });

  test('tells of a mapping and its connection when their drift changes, and of a connection when its budget does', async () => {
    const { db } = running.store;
    const counts = new CouplingCountsStore(db);
    const failing = mapping(setup.id, 'DRIFTING');
    await running.services.mappings.insert(failing);
    const pair = coupling(failing, 'Drifting');
    await db.collection('couplings').insertOne(pair as never);
    await counts.recount([failing]);
    const after = await cursor();
    await db.collection('couplings').updateOne({ _id: pair._id as never }, { $set: { state: 'FAILED' } });
    await counts.recount([failing]);
    const filter = { subject: ['CONNECTION_SETUP', 'INTEGRATION_TABLE_MAPPING'] };
    const fields = 'subject change integrationTableMapping { name drift { failed } } connectionSetup { name }';
    const changes = follow({ after, filter }, tokens.MONITOR, fields);
    const told = [(await changes.next()).value, (await changes.next()).value];
    expect(told).toEqual([
      {
        subject: 'INTEGRATION_TABLE_MAPPING',
        change: 'CHANGED',
        integrationTableMapping: { name: 'DRIFTING', drift: { failed: 1 } },
        connectionSetup: null,
      },
      {
        subject: 'CONNECTION_SETUP',
        change: 'CHANGED',
        integrationTableMapping: null,
        connectionSetup: { name: setup.name },
      },
    ]);
    // Counting again what has not changed changes nothing, and is not told.
    await counts.recount([failing]);
    const limits = { requests: 4, windowRequests: 6_000, windowSeconds: 300 };
    await db
      .collection<{ _id: string }>('systemUses')
      .updateOne({ _id: gateNameOf(setup.sales) }, { $set: { at: new Date(), limits } }, { upsert: true });
    expect((await changes.next()).value).toMatchObject({
      subject: 'CONNECTION_SETUP',
      connectionSetup: { name: setup.name },
    });
  });

  test('tells of a mapping and its connection that they were audited', async () => {
    const audited = mapping(setup.id, 'AUDITED');
    await running.services.mappings.insert(audited);
    const audits = new AuditStore(running.store.db);
    const filter = { subject: ['CONNECTION_SETUP', 'INTEGRATION_TABLE_MAPPING'] };
    const fields = 'integrationTableMapping { name drift { auditedAt } } connectionSetup { name drift { auditedAt } }';
    for (const auditedAt of [new Date('2099-01-05T10:30:00.000Z'), new Date('2099-01-06T10:30:00.000Z')]) {
      const after = await cursor();
      await audits.save(audited, auditedAt);
      const changes = follow({ after, filter }, tokens.MONITOR, fields);
      const drift = { auditedAt: auditedAt.toISOString() };
      expect([(await changes.next()).value, (await changes.next()).value]).toEqual([
        { integrationTableMapping: { name: 'AUDITED', drift }, connectionSetup: null },
        { integrationTableMapping: null, connectionSetup: { name: setup.name, drift } },
      ]);
    }
  });

  test('tells once that a worker is no longer alive', async () => {
    const after = await cursor();
    const worker = { _id: 'worker-that-dies', name: 'host:7', host: 'host', processId: 7, version: '1.0.0' };
    const longAgo = new Date(Date.now() - 60_000);
    await running.store.db
      .collection('workers')
      .insertOne({ ...worker, startedAt: longAgo, heartbeatAt: longAgo } as never);
    const changes = follow({ after, filter: { subject: ['WORKER'] } }, tokens.MONITOR, 'change worker { host alive }');
    expect((await changes.next()).value).toEqual({ change: 'CREATED', worker: { host: 'host', alive: false } });
    await running.services.jobQueue.noteLostWorkers();
    expect((await changes.next()).value).toEqual({ change: 'CHANGED', worker: { host: 'host', alive: false } });
    await running.services.jobQueue.noteLostWorkers();
    await running.store.db.collection('workers').deleteOne({ _id: worker._id as never });
    expect((await changes.next()).value).toEqual({ change: 'DELETED', worker: null });
  });

  test('limits to connection, mapping and state, and leaves out what only counts', async () => {
    const strangers = connectionSetup();
    await running.services.connectionSetups.insert(strangers);
    const after = await cursor();
    const couplings = running.store.db.collection('couplings');
    const quiet = coupling(customers, 'Quiet');
    const failed = coupling(customers, 'Failed');
    await couplings.insertMany([quiet as never, failed as never]);
    await couplings.updateOne({ _id: quiet._id as never }, { $set: { lastSynchedAt: new Date() } });
    const error = { class: 'VALIDATION', code: 'TOO_LONG', message: 'm', side: null, field: null, retryable: false };
    await couplings.updateOne({ _id: failed._id as never }, { $set: { state: 'FAILED', error } });
    await running.store.db
      .collection('connectionSetups')
      .updateOne({ _id: strangers.id as never }, { $set: { name: 'Strangers' } });
    const filter = {
      subject: ['COUPLING', 'CONNECTION_SETUP'],
      connectionSetupId: globalId('ConnectionSetup', setup.id),
      mapping: ['CUSTOMER'],
      couplingState: ['FAILED'],
    };
    const changes = follow({ after, filter }, tokens.VIEWER, 'subject nodeId coupling { state title }');
    const seen: Answered[] = [];
    while (!seen.some((change) => change.coupling?.state === 'FAILED')) seen.push((await changes.next()).value);
    expect(seen.every(({ subject }) => subject === 'COUPLING')).toBe(true);
    // Left the state: told too, as the page that lists failed pairs has to drop it.
    await couplings.updateOne({ _id: failed._id as never }, { $set: { state: 'COUPLED', error: null } });
    expect((await changes.next()).value).toMatchObject({ coupling: { title: 'Failed', state: 'COUPLED' } });
  });

  test('tells those who follow a state of each pair that enters or leaves it, also with an equal error', async () => {
    const pairs = new CouplingStore(running.store.db);
    const pair = coupling(customers, 'Restless');
    await pairs.insert([pair]);
    const error = { class: 'VALIDATION', code: 'TOO_LONG', message: 'm', side: null, field: null, retryable: false };
    let revision = pair.revision;
    const enter = async (state: string, set: object = {}): Promise<void> => {
      const changed = await pairs.change([{ _id: pair._id, revision, set: { state, ...set } as never }]);
      expect(changed.size).toBe(1);
      revision += 1;
    };
    const nodeId = [globalId('Coupling', pair._id)];
    const filters = [
      { nodeId },
      ...['FAILED', 'SKIPPED', 'CONFLICT'].map((state) => ({ nodeId, couplingState: [state] })),
    ];
    // What each of them is told of the pair after these changes.
    const told = async (change: () => Promise<void>): Promise<readonly (string | null)[]> => {
      const after = await cursor();
      await change();
      const closing = await createEntry(`AFTER-${revision}`);
      const end = globalId('JobQueueEntry', closing._id);
      return Promise.all(
        filters.map(async (filter) => {
          const changes = follow(
            { after, filter: { ...filter, nodeId: [...nodeId, end] } },
            tokens.VIEWER,
            'nodeId coupling { state }',
          );
          const { value } = await changes.next();
          return value.nodeId === end ? null : value.coupling.state;
        }),
      );
    };
    expect(await told(() => enter('FAILED', { error }))).toEqual(['FAILED', 'FAILED', null, null]);
    expect(await told(() => enter('SKIPPED'))).toEqual(['SKIPPED', 'SKIPPED', 'SKIPPED', null]);
    expect(await told(() => enter('PENDING', { error: null }))).toEqual(['PENDING', null, 'PENDING', null]);
    expect(await told(() => enter('COUPLED'))).toEqual([null, null, null, null]);
    expect(
      await told(async () => {
        await enter('FAILED', { error });
        await enter('COUPLED', { error: null });
      }),
    ).toEqual(['COUPLED', 'COUPLED', null, null]);
  });

  test('tells of a deletion only those who follow its connection, its mapping, or its last state', async () => {
    const strangers = connectionSetup();
    await running.services.connectionSetups.insert(strangers);
    const pairs = new CouplingStore(running.store.db);
    const after = await cursor();
    const gone = coupling(customers, 'Gone', { state: 'FAILED' });
    const inStep = coupling(customers, 'Gone in step');
    await pairs.insert([gone, inStep]);
    await pairs.remove([gone, inStep]);
    const entry = await createEntry('GONE');
    await running.services.jobQueue.deleteEntry(entry._id, {});
    const end = 'worker-after-what-is-gone';
    await running.store.db
      .collection('workers')
      .insertOne({ _id: end, name: end, startedAt: new Date(), heartbeatAt: new Date() } as never);
    const names = new Map([
      [globalId('Coupling', gone._id), 'failed pair'],
      [globalId('Coupling', inStep._id), 'pair in step'],
      [globalId('JobQueueEntry', entry._id), 'entry'],
    ]);
    // Workers belong to all connections: this one is told to everybody, last.
    const nodeId = [...names.keys(), globalId('Worker', end)];
    const told = async (filter: object): Promise<readonly string[]> => {
      const changes = follow({ after, filter: { ...filter, nodeId } }, tokens.VIEWER, 'change nodeId');
      const seen: string[] = [];
      for (;;) {
        const { value } = await changes.next();
        const name = names.get(value.nodeId);
        if (name === undefined) return seen;
        seen.push(`${name} ${value.change}`);
      }
    };
    const all = ['failed pair DELETED', 'pair in step DELETED', 'entry DELETED'];
    expect(await told({})).toEqual(all);
    expect(await told({ connectionSetupId: globalId('ConnectionSetup', setup.id) })).toEqual(all);
    expect(await told({ connectionSetupId: globalId('ConnectionSetup', strangers.id) })).toEqual([]);
    expect(await told({ mapping: ['VENDOR'] })).toEqual(['entry DELETED']);
    expect(await told({ couplingState: ['FAILED'] })).toEqual(['failed pair DELETED', 'entry DELETED']);
    expect(await told({ couplingState: ['CONFLICT'] })).toEqual(['entry DELETED']);
  });

  test('tells a monitor nothing of couplings', async () => {
    await expect(follow({ filter: { subject: ['COUPLING'] } }, tokens.MONITOR).next()).rejects.toThrow('FORBIDDEN');
    const after = await cursor();
    await running.store.db.collection('couplings').insertOne(coupling(customers, 'Unseen') as never);
    const entry = await createEntry('SEEN');
    const { value } = await follow({ after }, tokens.MONITOR).next();
    expect(value.nodeId).toBe(globalId('JobQueueEntry', entry._id));
  });

  test('refuses what is no cursor, and one of another database', async () => {
    await expect(follow({ after: 'nonsense' }).next()).rejects.toThrow('BAD_USER_INPUT');
    await expect(follow({ after: '' }).next()).rejects.toThrow('BAD_USER_INPUT');
    await expect(follow({ filter: { connectionSetupId: '' } }).next()).rejects.toThrow('BAD_USER_INPUT');
    await expect(follow({ after: changeCursorOf(2n ** 63n) }).next()).rejects.toThrow('CURSOR_EXPIRED');
  });

  test('tells a subscriber that was away every one of 12,000 changed objects, and then what comes', async () => {
    const after = await cursor();
    const pairs = Array.from({ length: 12_000 }, (_, number) => coupling(customers, `Away ${number}`));
    await running.store.db.collection('couplings').insertMany(pairs as never);
    const changes = follow({ after, filter: { subject: ['COUPLING'] } }, tokens.VIEWER, 'cursor nodeId change');
    const seen = new Set<string>();
    while (seen.size < pairs.length) seen.add((await changes.next()).value.nodeId);
    expect(pairs.every(({ _id }) => seen.has(globalId('Coupling', _id)))).toBe(true);
    await running.store.db.collection('couplings').deleteOne({ _id: pairs[0]?._id as never });
    expect((await changes.next()).value).toMatchObject({ change: 'DELETED' });
  }, 180_000);

  test('catches up with many that resume at once, as after the restart of a process', async () => {
    const after = await cursor();
    const made: string[] = [];
    for (let number = 0; number < 5; number += 1) made.push((await createEntry(`RESTART-${number}`))._id);
    const interest = {
      intervalMs: 1,
      subjectOf: ({ id }: { id: string }) => (made.includes(id) ? ('JOB_QUEUE_ENTRY' as const) : null),
    };
    const resume = async (): Promise<readonly (string | undefined)[]> => {
      const changes = await running.services.changes.follow(interest, after);
      const seen: (string | undefined)[] = [];
      while (seen.length < made.length) seen.push((await changes.next()).value?.id);
      await changes.return?.();
      return seen;
    };
    for (const seen of await Promise.all(Array.from({ length: 100 }, resume))) expect(seen).toEqual(made);
  });

  test('misses no object over many reconnects at two processes', async () => {
    const otherFeed = await openChangeFeed(changeSource(running.store.db), silent);
    const feeds = [running.services.changes, otherFeed];
    const interest = {
      intervalMs: 1,
      subjectOf: ({ collection }: { collection: string }) =>
        collection === 'jobQueueEntries' ? ('JOB_QUEUE_ENTRY' as const) : null,
    };
    let after = await running.services.changes.currentCursor();
    // Written until enough was read, so that a reader never waits for a change that nobody makes.
    const enough = 150;
    const made: string[] = [];
    const seen = new Set<string>();
    const writing = (async () => {
      while (seen.size < enough) made.push((await createEntry(`RECONNECT-${made.length}`))._id);
    })();
    let reconnects = 0;
    while (seen.size < enough) {
      const changes = await feeds[reconnects % 2]?.follow(interest, after);
      reconnects += 1;
      const takes = 1 + (reconnects % 4);
      for (let taken = 0; taken < takes && seen.size < enough; taken += 1) {
        const { value } = (await changes?.next()) ?? {};
        if (!value) break;
        seen.add(value.id);
        after = changeCursorOf(value.told);
      }
      await changes?.return?.();
    }
    await writing;
    expect(made.slice(0, enough).filter((id) => !seen.has(id))).toEqual([]);
    expect(reconnects).toBeGreaterThan(20);
    await otherFeed.close();
  });
});

test('over a socket: who follows at a process that lost its place is told so, and may follow again', async () => {
  const real = changeSource(running.store.db);
  let isLost = false;
  const changes = await openChangeFeed(
    {
      ...real,
      open: (after, options) => {
        const reading = real.open(after, options);
        const next = (): ReturnType<typeof reading.next> => {
          if (!isLost) return reading.next();
          isLost = false;
          return Promise.reject(new CursorExpiredError('changes after it are no longer kept'));
        };
        return { ...reading, next };
      },
    },
    silent,
  );
  const other = await running.startOther({ services: { ...running.services, changes } });
  const client = createClient({
    url: `${other.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${tokens.MONITOR}` },
    retryAttempts: 0,
  });
  const listen = (after: string | null): AsyncIterator<Answered> =>
    client.iterate({
      query:
        'subscription ($after: String) { liveChanges(after: $after, filter: { subject: [JOB_QUEUE_ENTRY] }) { nodeId } }',
      variables: { after },
    });
  const open = listen(await cursor());
  const first = await createEntry('BEFORE-LOSS');
  const nodeOf = async (events: AsyncIterator<Answered>): Promise<string> =>
    (await events.next()).value.data.liveChanges.nodeId;
  expect(await nodeOf(open)).toBe(globalId('JobQueueEntry', first._id));
  const following = open.next();
  isLost = true;
  const { value } = await following;
  expect(value.errors).toMatchObject([{ extensions: { code: 'CURSOR_EXPIRED' } }]);
  const again = listen(await cursor());
  const second = await createEntry('AFTER-LOSS');
  expect(await nodeOf(again)).toBe(globalId('JobQueueEntry', second._id));
  await client.dispose();
  await changes.close();
});

test('a page stays true over disconnects at random points, at two processes', async () => {
  const reconnects = process.env.TEST_LONG ? 1_000 : 40;
  const changes = await openChangeFeed(changeSource(running.store.db), silent);
  const other = await running.startOther({ services: { ...running.services, changes } });
  const urls = [running.url, other.url];
  const entries = await Promise.all(['A', 'B', 'C', 'D'].map((code) => createEntry(`PAGE-${code}`)));
  const ids = entries.map(({ _id }) => globalId('JobQueueEntry', _id));
  const page = await running.data(
    'query ($ids: [ID!]!) { liveCursor nodes(ids: $ids) { id ... on JobQueueEntry { status } } }',
    { ids },
  );
  const shown = new Map<string, string>(page.nodes.map((node: Answered) => [node.id, node.status]));
  let after: string = page.liveCursor;
  const stopping = new AbortController();
  const toggling = (async () => {
    for (let made = 0; !stopping.signal.aborted; made += 1) {
      const { _id } = entries[made % entries.length]!;
      await running.services.jobQueue.setStatus(_id, made % 8 < 4 ? 'READY' : 'ON_HOLD', { actor: 'test' });
    }
  })();
  for (let count = 0; count < reconnects; count += 1) {
    // The last one is not cut before the page is true.
    const isLast = count === reconnects - 1;
    if (isLast) {
      stopping.abort();
      await toggling;
    }
    const present = isLast ? await statusesOf(ids) : null;
    const isTrue = (): boolean => present !== null && ids.every((id) => shown.get(id) === present.get(id));
    const socket = new WebSocket(`${urls[count % 2]?.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${tokens.MONITOR}` } }));
    let left = isLast ? Number.POSITIVE_INFINITY : count % 4;
    await new Promise<void>((resolve) => {
      socket.on('message', (text: Buffer) => {
        const { type, payload }: Answered = JSON.parse(text.toString());
        if (type === 'connection_ack') {
          const query = `subscription ($ids: [ID!]) { liveChanges(after: "${after}", filter: { nodeId: $ids }) { cursor jobQueueEntry { id status } } }`;
          socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { ids } } }));
          if (left === 0) setTimeout(resolve, count % 5);
          if (isTrue()) resolve();
        } else if (type === 'next' && left > 0) {
          const { cursor: told, jobQueueEntry } = payload.data.liveChanges;
          after = told;
          shown.set(jobQueueEntry.id, jobQueueEntry.status);
          left -= 1;
          if (left === 0 || isTrue()) resolve();
        }
      });
    });
    socket.removeAllListeners('message');
    socket.terminate();
  }
  expect(shown).toEqual(await statusesOf(ids));
  await changes.close();
}, 3_600_000);

async function statusesOf(ids: readonly string[]): Promise<Map<string, string>> {
  const { nodes } = await running.data(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on JobQueueEntry { status } } }',
    {
      ids,
    },
  );
  return new Map(nodes.map((node: Answered) => [node.id, node.status]));
}

test('synchJobProgress tells how running jobs stand, samples their counters, and tells their end', async () => {
  const jobs = running.store.db.collection('synchJobs');
  const job = synchJob(customers, 'a-run', { status: 'IN_PROCESS', finishedAt: null, inserted: 1 });
  const finished = synchJob(customers, 'a-run', {});
  await jobs.insertMany([job as never, finished as never]);
  const progress = running.client(tokens.MONITOR).iterate<Answered>({
    query: 'subscription ($id: ID!) { synchJobProgress(synchJobId: $id) { id status inserted } }',
    variables: { id: globalId('SynchJob', job._id) },
  });
  const take = async (): Promise<Answered> => {
    const { value } = await progress.next();
    return value.data.synchJobProgress;
  };
  expect(await take()).toEqual({ id: globalId('SynchJob', job._id), status: 'IN_PROCESS', inserted: 1 });
  for (let inserted = 2; inserted <= 60; inserted += 1) {
    await jobs.updateOne({ _id: job._id as never }, { $set: { inserted } });
  }
  await jobs.updateOne({ _id: job._id as never }, { $set: { status: 'SUCCESS', finishedAt: new Date() } });
  const told: Answered[] = [];
  while (told.at(-1)?.status !== 'SUCCESS') told.push(await take());
  expect(told.at(-1)).toMatchObject({ inserted: 60 });
  expect(told.length).toBeLessThan(30);
});

test('transitions survive disconnects at random points, on two processes: none lost, none repeated', async () => {
  const reconnects = process.env.TEST_LONG ? 10_000 : 300;
  const transitions = await openTransitionStream({ source: transitionSource(running.store.db), logger: silent });
  const other = await running.startOther({ services: { ...running.services, transitions } });
  const urls = [running.url, other.url];
  const entry = await createEntry('TOGGLED');
  const entryId = globalId('JobQueueEntry', entry._id);
  let after = await cursor();
  const stopping = new AbortController();
  let made = 0;
  const toggling = (async () => {
    while (!stopping.signal.aborted) {
      await running.services.jobQueue.setStatus(entry._id, made % 2 === 0 ? 'READY' : 'ON_HOLD', { actor: 'test' });
      made += 1;
    }
  })();
  const seen: string[] = [];
  for (let count = 0; count < reconnects; count += 1) {
    const socket = new WebSocket(`${urls[count % 2]?.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${tokens.MONITOR}` } }));
    let left = count % 7;
    await new Promise<void>((resolve) => {
      socket.on('message', (text: Buffer) => {
        const { type, payload }: Answered = JSON.parse(text.toString());
        if (type === 'connection_ack') {
          const query = `subscription { jobStatusTransitions(after: "${after}", filter: { entryId: ["${entryId}"] }) { cursor } }`;
          socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
          if (left === 0) return void setTimeout(resolve, count % 5);
        } else if (type === 'next' && left > 0) {
          after = payload.data.jobStatusTransitions.cursor;
          seen.push(after);
          left -= 1;
          if (left === 0) resolve();
        }
      });
    });
    socket.removeAllListeners('message');
    socket.terminate();
  }
  stopping.abort();
  await toggling;
  const kept = await running.store.db
    .collection('jobStatusTransitions')
    .find({ entryId: entry._id, from: { $ne: null } })
    .sort({ number: 1 })
    .toArray();
  expect(kept).toHaveLength(made);
  const expected = kept.slice(0, seen.length).map(({ number }) => Buffer.from(`t1:${number}`).toString('base64url'));
  expect(seen.length).toBeGreaterThan(reconnects);
  expect(seen).toEqual(expected);
  await transitions.close();
}, 3_600_000);
