// A worker of the job queue whose runs send two requests to the sandbox, each with the id of the run.
// Environment: MONGODB_URI, SANDBOX_URL, CLOCK_OFFSET_MS (how far its clock is ahead), LEASE_MS, CONCURRENCY.
const offsetMs = Number(process.env.CLOCK_OFFSET_MS ?? 0);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offsetMs);
    else super(...given);
  }
  static now() {
    return RealDate.now() + offsetMs;
  }
};

const { setTimeout: delay } = await import('node:timers/promises');
const { MongoClient } = await import('mongodb');
const { default: pino } = await import('pino');
const { startDispatcher } = await import('../../../dist/job-queue/dispatcher.js');

const client = await MongoClient.connect(process.env.MONGODB_URI, { retryWrites: true, w: 'majority' });
const db = client.db();
const now = async () => (await db.command({ hello: 1 })).localTime;
const leaseMs = Number(process.env.LEASE_MS);

async function send(runId, signal) {
  const response = await fetch(`${process.env.SANDBOX_URL}/api/data/v9.2/accounts?$top=1`, {
    headers: { 'x-tandem-run-id': runId },
    signal,
  });
  await response.arrayBuffer();
}

async function execute({ runId, signal, assertHeld }) {
  for (let request = 0; request < 2; request += 1) {
    assertHeld();
    await send(runId, signal);
    await delay(50, undefined, { signal });
  }
  return { idle: false };
}

const dispatcher = await startDispatcher({
  database: { client, db, now },
  executors: { AUDIT: execute },
  logger: pino({ level: 'silent' }),
  workerName: `worker-${process.pid}`,
  version: 'test',
  concurrency: Number(process.env.CONCURRENCY),
  timing: { leaseMs, heartbeatMs: leaseMs / 4, sweepMs: 500, drainMs: 5_000 },
});
process.stdout.write('running\n');
process.on('SIGTERM', () => void dispatcher.stop().then(() => process.exit(0)));
