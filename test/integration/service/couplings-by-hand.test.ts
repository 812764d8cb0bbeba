import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../../support/person.js';
import { type Row, Tandem } from '../../support/tandem.js';

let tandem: Tandem;

beforeAll(async () => {
  tandem = await Tandem.open();
  await tandem.start();
  await tandem.firstSynchronization();
});
afterAll(() => tandem[Symbol.asyncDispose]());

const CODE = 'CUSTOMER';

/** The payload of a mutation. */
async function mutate(name: string, input: Row, selection: string): Promise<Record<string, any>> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const inputType = name === 'uncoupleRecords' || name === 'restoreCouplings' ? 'CouplingSelection' : type;
  const query = `mutation($input: ${inputType}Input!) { ${name}(input: $input) { ${selection} userErrors { code field message targetId } } }`;
  return (await tandem.ask(query, { input }))[name];
}

const coupledCustomers = (): Promise<Record<string, any>[]> =>
  tandem.all('couplings', 'id title businessId salesId revision', `filter: { mapping: ["${CODE}"], state: [COUPLED] }`);

async function coupling(id: string, selection: string): Promise<Record<string, any>> {
  return (await tandem.ask(`query($id: ID!) { node(id: $id) { ... on Coupling { ${selection} } } }`, { id }))['node'];
}

async function mappingId(): Promise<string> {
  return (await tandem.ask(`{ integrationTableMapping(name: "${CODE}") { id } }`))['integrationTableMapping'].id;
}

let next = 0;

/** A pair in step that no other test uses. */
async function pair(): Promise<Record<string, any>> {
  const pairs = await coupledCustomers();
  next += 1;
  const chosen = pairs[next * 3];
  if (chosen === undefined) throw new Error('there are too few pairs');
  return chosen;
}

/** A pair in conflict about its phone number. */
async function conflict(): Promise<{ pair: Record<string, any>; business: string; sales: string }> {
  const chosen = await pair();
  const [business, sales] = [`111-${next}`, `222-${next}`];
  await tandem.editAsPerson('BUSINESS', 'customers', chosen['businessId'], { phoneNumber: business });
  await tandem.editAsPerson('SALES', 'accounts', chosen['salesId'], { telephone1: sales });
  await tandem.runOnce(CODE);
  const now = await coupling(chosen['id'], 'state revision conflicts { field businessValue salesValue }');
  expect(now).toMatchObject({ state: 'CONFLICT', conflicts: [{ field: 'phoneNumber' }] });
  return { pair: { ...chosen, revision: now['revision'] }, business, sales };
}

const phoneOf = async (id: string): Promise<unknown> =>
  (await tandem.businessRows('customers')).find((row) => row['id'] === id)?.['phoneNumber'];

describe('a conflict', () => {
  test('is resolved for a side: both systems have the value when the answer comes, and the loser is in the history', async () => {
    const { pair: chosen, business, sales } = await conflict();
    const {
      coupling: resolved,
      run,
      userErrors,
    } = await mutate(
      'resolveConflict',
      { couplingId: chosen['id'], expectedRevision: chosen['revision'], keep: 'SALES' },
      'coupling { state history(first: 1) { edges { node { reason fields { field before after } } } } } run { status }',
    );
    expect(userErrors).toEqual([]);
    expect(run.status).toBe('SUCCESS');
    expect(await phoneOf(chosen['businessId'])).toBe(sales);
    expect(resolved.state).toBe('COUPLED');
    expect(resolved.history.edges[0].node).toMatchObject({
      reason: 'a person decided to keep the value of Dataverse',
      fields: [{ field: 'phoneNumber', before: business, after: sales }],
    });
  });

  test('is not resolved when the record changed since, or the revision is another', async () => {
    const { pair: chosen } = await conflict();
    const stale = await mutate(
      'resolveConflict',
      { couplingId: chosen['id'], expectedRevision: 1, keep: 'SALES' },
      'run { id }',
    );
    expect(stale['userErrors']).toMatchObject([{ code: 'STALE_REVISION', field: ['expectedRevision'] }]);
    await tandem.editAsPerson('SALES', 'accounts', chosen['salesId'], { telephone1: '999' });
    const moved = await mutate('resolveConflict', { couplingId: chosen['id'], keep: 'BUSINESS' }, 'run { id }');
    expect(moved['userErrors']).toMatchObject([{ code: 'STALE_REVISION' }]);
  });

  test('is refused without a decision for each field, and for a pair that is in step', async () => {
    const { pair: chosen } = await conflict();
    const undecided = await mutate('resolveConflict', { couplingId: chosen['id'], fields: [] }, 'run { id }');
    expect(undecided['userErrors']).toMatchObject([{ code: 'INVALID', field: ['keep'] }]);
    const unknown = await mutate(
      'resolveConflict',
      { couplingId: chosen['id'], fields: [{ field: 'city', keep: 'SALES' }] },
      'run { id }',
    );
    expect(unknown['userErrors']).toMatchObject([{ code: 'INVALID', field: ['fields', '0', 'field'] }]);
    const inStep = await mutate('resolveConflict', { couplingId: (await pair())['id'], keep: 'SALES' }, 'run { id }');
    expect(inStep['userErrors']).toMatchObject([{ code: 'ILLEGAL_TRANSITION', field: ['couplingId'] }]);
  });

  test('is decided by synchronizing the pair in one direction', async () => {
    const { pair: chosen, business } = await conflict();
    const { run, userErrors } = await mutate(
      'synchronizeCouplings',
      { ids: [chosen['id']], expectedCount: 1, direction: 'TO_INTEGRATION_TABLE' },
      'run { code }',
    );
    expect(userErrors).toEqual([]);
    expect(await tandem.endOf(run.code)).toBe('FINISHED');
    const account = (await tandem.salesRows('accounts')).find((row) => row['accountid'] === chosen['salesId']);
    expect(account?.['telephone1']).toBe(business);
    expect(await coupling(chosen['id'], 'state')).toEqual({ state: 'COUPLED' });
  });
});

test('where a record was deleted and the other one changed, a person decides which of them counts', async () => {
  const { integrationTableMapping: before } = await tandem.ask(
    `{ integrationTableMapping(name: "${CODE}") { id deletionConflictResolution } }`,
  );
  const strategy = (deletionConflictResolution: string) =>
    tandem.ask(
      'mutation($input: UpdateIntegrationTableMappingInput!) { updateIntegrationTableMapping(input: $input) { userErrors { message } } }',
      { input: { id: before.id, deletionConflictResolution } },
    );
  await strategy('DELETE_COUNTERPART');
  // Without contacts, which Dataverse deletes with their account.
  const person = new Person(tandem.sandboxUrl);
  const customer = await person.create('BUSINESS', 'customers', { displayName: 'Comes Back', city: 'Oslo' });
  const { coupling: made, run } = await mutate(
    'coupleRecords',
    { mappingId: before.id, businessId: customer['id'], createMissing: true },
    'coupling { id } run { code }',
  );
  await tandem.endOf(run.code);
  const chosen = await coupling(made.id, 'id businessId salesId');
  await person.remove('SALES', 'accounts', chosen['salesId']);
  await tandem.editAsPerson('BUSINESS', 'customers', chosen['businessId'], { phoneNumber: '88-1' });
  await tandem.runOnce(CODE);
  const asked = await coupling(chosen['id'], 'state error { code side } conflicts { field }');
  expect(asked).toEqual({ state: 'CONFLICT', error: { code: 'DELETED_AND_CHANGED', side: 'SALES' }, conflicts: [] });

  const undecided = await mutate('resolveConflict', { couplingId: chosen['id'] }, 'run { id }');
  expect(undecided['userErrors']).toMatchObject([{ code: 'INVALID', field: ['keep'] }]);
  const { coupling: kept, userErrors } = await mutate(
    'resolveConflict',
    { couplingId: chosen['id'], keep: 'BUSINESS' },
    'coupling { state salesId } run { status }',
  );
  expect(userErrors).toEqual([]);
  expect(kept.state).toBe('COUPLED');
  expect(kept.salesId).not.toBe(chosen['salesId']);
  const account = (await tandem.salesRows('accounts')).find(({ accountid }) => accountid === kept.salesId);
  expect(account).toMatchObject({ telephone1: '88-1' });
  await strategy(before.deletionConflictResolution);
});

test('a pair is uncoupled, and coupled again by hand with a direction', async () => {
  const chosen = await pair();
  const gone = await mutate('uncoupleRecords', { ids: [chosen['id']] }, 'changedCount changedIds couplings { id }');
  expect(gone).toMatchObject({ changedCount: 1, changedIds: [chosen['id']], couplings: [], userErrors: [] });
  await tandem.editAsPerson('SALES', 'accounts', chosen['salesId'], { telephone1: '345' });
  const input = { mappingId: await mappingId(), businessId: chosen['businessId'], salesId: chosen['salesId'] };
  const {
    coupling: made,
    run,
    userErrors,
  } = await mutate(
    'coupleRecords',
    { ...input, synchronize: 'FROM_INTEGRATION_TABLE' },
    'coupling { id state title } run { code }',
  );
  expect(userErrors).toEqual([]);
  expect(made).toMatchObject({ state: 'PENDING', title: chosen['title'] });
  await tandem.endOf(run.code);
  expect(await phoneOf(chosen['businessId'])).toBe('345');
  const again = await mutate('coupleRecords', input, 'coupling { id } run { id }');
  expect(again).toMatchObject({
    coupling: null,
    run: null,
    userErrors: [{ code: 'DUPLICATE', field: ['businessId'] }],
  });
});

test('a record without counterpart gets one by createMissing', async () => {
  const chosen = await pair();
  await mutate('uncoupleRecords', { ids: [chosen['id']] }, 'changedCount');
  const before = (await tandem.salesRows('accounts')).length;
  const { coupling: made, run } = await mutate(
    'coupleRecords',
    { mappingId: await mappingId(), businessId: chosen['businessId'], createMissing: true },
    'coupling { id } run { code }',
  );
  await tandem.endOf(run.code);
  const pairNow = await coupling(made.id, 'state salesId');
  expect(pairNow['salesId']).not.toBeNull();
  expect(pairNow['salesId']).not.toBe(chosen['salesId']);
  expect(await tandem.salesRows('accounts')).toHaveLength(before + 1);
});

test('bad choices are refused with the place and the reason', async () => {
  const chosen = await pair();
  const id = await mappingId();
  const missing = await mutate('coupleRecords', { mappingId: id, businessId: chosen['businessId'] }, 'run { id }');
  expect(missing['userErrors']).toMatchObject([{ code: 'INVALID', field: ['salesId'] }]);
  const unknown = await mutate(
    'coupleRecords',
    { mappingId: id, businessId: chosen['businessId'], salesId: '00000000-0000-0000-0000-000000000001' },
    'run { id }',
  );
  expect(unknown['userErrors']).toMatchObject([{ code: 'NOT_FOUND', field: ['salesId'] }]);
  for (const input of [
    {},
    { filter: {} },
    { filter: { search: ' ' } },
    { ids: [chosen['id']], filter: { mapping: [CODE] } },
  ])
    expect((await mutate('restoreCouplings', input, 'changedCount'))['userErrors']).toMatchObject([
      { code: 'INVALID' },
    ]);
  const other = await mutate('uncoupleRecords', { filter: { mapping: [CODE] }, expectedCount: 3 }, 'changedCount');
  expect(other).toMatchObject({ changedCount: 0, userErrors: [{ code: 'STALE_REVISION', field: ['expectedCount'] }] });
  const inStep = await mutate('restoreCouplings', { ids: [chosen['id']] }, 'changedCount');
  expect(inStep).toMatchObject({
    changedCount: 0,
    userErrors: [{ code: 'ILLEGAL_TRANSITION', targetId: chosen['id'] }],
  });
});

test('the same permanent error twice parks a record; restored and mended it is in step, without being touched', async () => {
  const chosen = await pair();
  const id = chosen['id'];
  const refusal = { kind: 'error', status: 400, code: '0x80040265', message: 'a rule of the organisation refuses it' };
  await tandem.control('POST', '/faults', { system: 'SALES', entitySet: 'accounts', method: 'PATCH', effect: refusal });
  await tandem.editAsPerson('BUSINESS', 'customers', chosen['businessId'], { phoneNumber: '77-1' });
  await tandem.runOnce(CODE);
  expect(await coupling(id, 'state attempts')).toEqual({ state: 'FAILED', attempts: 1 });
  await tandem.runOnce(CODE);
  expect(await coupling(id, 'state error { class }')).toMatchObject({
    state: 'SKIPPED',
    error: { class: 'VALIDATION' },
  });

  const restored = await mutate(
    'restoreCouplings',
    { filter: { mapping: [CODE], errorCode: ['0x80040265'] } },
    'changedIds',
  );
  expect(restored).toMatchObject({ changedIds: [id], userErrors: [] });
  // Restoring lets the schedule run sooner, so it is not known which of the runs parks it again.
  await tandem.runOnce(CODE);
  await tandem.runOnce(CODE);
  expect(await coupling(id, 'state attempts')).toEqual({ state: 'SKIPPED', attempts: 2 });

  await tandem.control('DELETE', '/faults');
  await mutate('restoreCouplings', { ids: [id] }, 'changedIds');
  await tandem.runOnce(CODE);
  const { state, comparison } = await coupling(
    id,
    'state comparison { field businessValue salesValue lastAgreedValue equal conflict winner direction }',
  );
  expect(state).toBe('COUPLED');
  expect((comparison as Row[]).find(({ field }) => field === 'phoneNumber')).toEqual({
    field: 'phoneNumber',
    businessValue: '77-1',
    salesValue: '77-1',
    lastAgreedValue: '77-1',
    equal: true,
    conflict: false,
    winner: null,
    direction: 'BIDIRECTIONAL',
  });
});

test('a record that matches several is listed with them, and coupled with the one that a person picks', async () => {
  const person = new Person(tandem.sandboxUrl);
  const mapping = await mappingId();
  const customer = await person.create('BUSINESS', 'customers', { displayName: 'Twice There', city: 'Oslo' });
  const account = { name: 'Twice There', address1_city: 'Oslo', customertypecode: 3 };
  const [first, second] = [
    await person.create('SALES', 'accounts', account),
    await person.create('SALES', 'accounts', account),
  ];
  const { run, userErrors } = await mutate('matchAndCouple', { mappingId: mapping }, 'run { id code }');
  expect(userErrors).toEqual([]);
  await tandem.endOf(run.code);

  const listed = `ambiguities(first: 10) { totalCount edges { node { id matchedOn candidateCount record { ${record} } candidates { ${record} } } } }`;
  const { node } = await tandem.ask(
    `query($id: ID!) { node(id: $id) { ... on JobQueueLogEntry { synchJobs { kind direction ${listed} } } } }`,
    { id: run.id },
  );
  const job = node.synchJobs.find(({ direction }: Row) => direction === 'TO_INTEGRATION_TABLE');
  const ambiguity = job.ambiguities.edges
    .map((edge: { node: Row }) => edge.node)
    .find((one: Record<string, any>) => one['record'].recordId === customer['id']);
  expect(ambiguity).toMatchObject({
    matchedOn: ['displayName', 'city'],
    candidateCount: 2,
    record: { side: 'BUSINESS', title: expect.stringContaining('Twice There'), coupling: { state: 'FAILED' } },
  });
  const candidates = ambiguity.candidates.map(({ recordId }: Row) => recordId);
  expect(new Set(candidates)).toEqual(new Set([first['accountid'], second['accountid']]));
  expect(await tandem.ask('query($id: ID!) { node(id: $id) { id __typename } }', { id: ambiguity.id })).toEqual({
    node: { id: ambiguity.id, __typename: 'MatchAmbiguity' },
  });

  const picked = { mappingId: mapping, businessId: customer['id'], salesId: second['accountid'] };
  const coupled = await mutate(
    'coupleRecords',
    { ...picked, synchronize: 'TO_INTEGRATION_TABLE' },
    'coupling { id salesId } run { code }',
  );
  expect(coupled).toMatchObject({ coupling: { salesId: second['accountid'] }, userErrors: [] });
  await tandem.endOf(coupled['run'].code);
  expect(await coupling(coupled['coupling'].id, 'state')).toEqual({ state: 'COUPLED' });
  const { node: after } = await tandem.ask(
    `query($id: ID!) { node(id: $id) { ... on MatchAmbiguity { record { coupling { salesId state } } } } }`,
    { id: ambiguity.id },
  );
  expect(after.record.coupling).toEqual({ salesId: second['accountid'], state: 'COUPLED' });
});

const record = 'side recordId title coupling { state }';
