import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/api/global-id.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { errorGroupIndexes } from '../../../src/synch/error-groups-queries.js';
import { recordChangeIndexes } from '../../../src/synch/record-change-queries.js';
import type { SynchJob } from '../../../src/synch/synch-job.js';
import { connectionSetup, coupling, mapping, recordChange, synchJob, synchJobError } from './records.js';
import { runningApi, tokens } from './running-api.js';

const running = runningApi();
const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
let job: SynchJob;
let pairId: string;
let waitingId: string;

beforeAll(async () => {
  const { db } = running.store;
  await ensureIndexes(db, [...recordChangeIndexes, ...errorGroupIndexes]);
  const setup = connectionSetup();
  await running.services.connectionSetups.insert({
    ...setup,
    business: { ...setup.business, webUrl: 'https://businesscentral.dynamics.com/tenant/production' },
    sales: { ...setup.sales, webUrl: 'https://contoso.crm.dynamics.com' },
  });
  const customers = mapping(setup.id, 'CUSTOMER');
  const contacts = mapping(setup.id, 'CONTACT', { table: 'contacts', integrationTable: 'contacts' });
  await running.services.mappings.insert(customers);
  await running.services.mappings.insert(contacts);
  job = synchJob(customers, randomUUID());
  const pair = coupling(customers, 'Adatum', {
    businessId: 'b-1',
    salesId: 's-1',
    state: 'FAILED',
    error: { class: 'VALIDATION', code: 'TOO_LONG', message: 'x', side: 'SALES', field: 'name', retryable: false },
  });
  const waiting = coupling(contacts, 'Kim', {
    state: 'WAITING',
    waitingFor: [{ field: 'customer', mappingName: 'CUSTOMER', side: 'BUSINESS', recordId: 'b-1' }],
  });
  pairId = pair._id;
  waitingId = waiting._id;
  const changes = [
    recordChange(job, pair._id, { at: day(1), reason: 'the record had no counterpart', action: 'INSERT' }),
    recordChange(job, pair._id, { at: day(2) }),
    recordChange(job, pair._id, { at: day(3), side: 'BUSINESS', outcome: 'REFUSED' }),
    recordChange(job, randomUUID(), { at: day(4), title: 'Zenith', titleWords: ['zenith'] }),
  ];
  const now = new Date();
  const error = (code: string, at: Date) =>
    synchJobError(job, pair._id, {
      at,
      error: { class: 'VALIDATION', code, message: code, side: 'SALES', field: 'name', retryable: false },
    });
  await db.collection('synchJobs').insertOne(job as never);
  await db.collection('couplings').insertMany([pair, waiting] as never[]);
  await db.collection('recordChanges').insertMany(changes as never[]);
  await db
    .collection('synchJobErrors')
    .insertMany([error('TOO_LONG', now), error('TOO_LONG', now), error('OTHER', now), error('OLD', day(1))] as never[]);
});

const pair = async (selection: string, id = pairId, token?: string) =>
  (
    await running.data(
      `query ($id: ID!) { node(id: $id) { ... on Coupling { ${selection} } } }`,
      { id: globalId('Coupling', id) },
      token,
    )
  )['node'];

describe('the history of a pair', () => {
  test('is told newest first, page by page, with the values before and after', async () => {
    const { history } = await pair(
      'history(first: 2) { totalCount pageInfo { hasNextPage } edges { node { action outcome side reason causedBy title fields { field integrationField before after } synchJob { mappingName } coupling { title } } } }',
    );
    expect(history.totalCount).toBe(3);
    expect(history.pageInfo.hasNextPage).toBe(true);
    expect(history.edges.map(({ node }: { node: { outcome: string } }) => node.outcome)).toEqual([
      'REFUSED',
      'APPLIED',
    ]);
    expect(history.edges[1].node).toEqual({
      action: 'MODIFY',
      outcome: 'APPLIED',
      side: 'SALES',
      reason: 'changed in the business system',
      causedBy: 'schedule',
      title: '10000 Adatum Corporation',
      fields: [{ field: 'phoneNumber', integrationField: 'telephone1', before: '1', after: '2' }],
      synchJob: { mappingName: 'CUSTOMER' },
      coupling: { title: 'Adatum' },
    });
  });

  test('is hidden from those who may not read records', async () => {
    const query = 'query ($id: ID!) { node(id: $id) { ... on SynchJob { changes { totalCount } } } }';
    const { errors } = await running.ask(query, { id: globalId('SynchJob', job._id) }, tokens.MONITOR);
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  });
});

test.each([
  ['action: [INSERT]', 1],
  ['side: BUSINESS', 1],
  ['outcome: [APPLIED]', 3],
  ['search: "zen"', 1],
  ['search: "adatum", side: SALES', 2],
  ['action: []', 0],
])('the changes of a job are found by %s', async (filter, count) => {
  const { node } = await running.data(
    `query ($id: ID!) { node(id: $id) { ... on SynchJob { changes(filter: { ${filter} }) { totalCount } } } }`,
    { id: globalId('SynchJob', job._id) },
  );
  expect(node.changes.totalCount).toBe(count);
});

test('errors are grouped by their cause, with the couplings that stand with it now', async () => {
  const selection = 'mappingName class code side field count openCouplings example { title }';
  const { synchErrorGroups } = await running.data(`{ synchErrorGroups { ${selection} } }`);
  expect(synchErrorGroups).toEqual([
    {
      mappingName: 'CUSTOMER',
      class: 'VALIDATION',
      code: 'TOO_LONG',
      side: 'SALES',
      field: 'name',
      count: 2,
      openCouplings: 1,
      example: { title: '10000 Adatum Corporation' },
    },
    expect.objectContaining({ code: 'OTHER', count: 1, openCouplings: 0 }),
  ]);
  const ofJob = await running.data(
    'query ($id: ID!) { node(id: $id) { ... on SynchJob { errorGroups { code count } } } }',
    { id: globalId('SynchJob', job._id) },
  );
  expect(ofJob['node'].errorGroups.map(({ code }: { code: string }) => code).toSorted()).toEqual([
    'OLD',
    'OTHER',
    'TOO_LONG',
  ]);
});

test('a waiting pair names what it waits for, and where that is listed', async () => {
  expect(await pair('waitingFor { field mappingName side recordId coupling { title } }', waitingId)).toEqual({
    waitingFor: [
      { field: 'customer', mappingName: 'CUSTOMER', side: 'BUSINESS', recordId: 'b-1', coupling: { title: 'Adatum' } },
    ],
  });
});

test('a pair has links that open its records', async () => {
  const { businessUrl, salesUrl } = await pair('businessUrl salesUrl');
  expect(salesUrl).toBe('https://contoso.crm.dynamics.com/main.aspx?pagetype=entityrecord&etn=account&id=s-1');
  expect(decodeURIComponent(businessUrl)).toBe(
    "https://businesscentral.dynamics.com/tenant/production/?company=CRONUS&page=22&filter='Customer'.'SystemId' IS 'b-1'",
  );
});

test('a comparison is null with SYSTEM_UNAVAILABLE when a system does not answer', async () => {
  const query = 'query ($id: ID!) { node(id: $id) { ... on Coupling { comparison { field } } } }';
  const { data, errors } = await running.ask(query, { id: globalId('Coupling', pairId) });
  expect(data?.['node'].comparison).toBeNull();
  expect(errors?.[0]?.extensions['code']).toBe('SYSTEM_UNAVAILABLE');
});
