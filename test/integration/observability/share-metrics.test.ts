import pino from 'pino';
import { expect, test } from 'vitest';
import { Metrics } from '../../../src/observability/metrics.js';
import { metricsPage } from '../../../src/observability/metrics-page.js';
import { ProcessMetricsStore } from '../../../src/observability/process-metrics-store.js';
import { shareMetrics } from '../../../src/observability/share-metrics.js';
import { testDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';

const { db } = testDatabase();
const logger = pino({ level: 'silent' });

test('the figures of a worker, which listens nowhere, are told by a process that does, until the worker stops', async () => {
  const store = new ProcessMetricsStore(db);
  const [worker, api] = [new Metrics(), new Metrics()];
  worker.recordsHandled('CUSTOMER', 'inserted', 3);
  worker.runEnded({ task: 'INTEGRATION_SYNCH', status: 'SUCCESS', ranMs: 2_000 });
  api.requestEnded('DATAVERSE', '200', 30);
  const page = () => metricsPage({ metrics: api, store, processName: 'host:1' });
  const shared = shareMetrics({ metrics: worker, store, processName: 'host:2', logger });
  const told = await eventually('the worker has told its figures', async () => {
    const text = await page();
    return text.includes('host:2') && text;
  });
  expect(told).toContain('tandem_records_total{mapping="CUSTOMER",action="inserted",process="host:2"} 3');
  expect(told).toContain('tandem_run_duration_seconds_bucket{le="3",task="INTEGRATION_SYNCH",process="host:2"} 1');
  expect(told).toContain('tandem_connector_requests_total{system="DATAVERSE",status="200",process="host:1"} 1');
  expect(told.match(/^# TYPE tandem_records_total /gm)).toHaveLength(1);
  await shared.stop();
  expect(await page()).not.toContain('host:2');
});

test('figures of a process that died are told no longer than half a minute', async () => {
  const store = new ProcessMetricsStore(db);
  await store.save('host:3', JSON.stringify(await new Metrics().registry.getMetricsAsJSON()));
  expect([...(await store.living()).keys()]).toEqual(['host:3']);
  const longAgo = [{ $set: { at: { $subtract: ['$$NOW', 31_000] } } }];
  await db.collection<{ _id: string }>('processMetrics').updateOne({ _id: 'host:3' }, longAgo);
  expect((await store.living()).size).toBe(0);
});
