import { expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/api/global-id.js';
import type { IntegrationTableMapping } from '../../../src/mapping/integration-table-mapping.js';
import { coupling, fieldPair, mapping } from '../api/records.js';
import { type Answered, tokens } from '../api/running-api.js';
import { sandboxApi } from '../connection-setup/sandbox-api.js';

const running = sandboxApi();

const FIND = `query ($id: ID!, $side: Side!, $search: String, $filter: [FieldFilterInput!], $uncoupledOnly: Boolean! = false, $first: Int! = 20) {
  node(id: $id) { ... on IntegrationTableMapping {
    findRecords(side: $side, search: $search, filter: $filter, uncoupledOnly: $uncoupledOnly, first: $first) {
      side recordId title url coupling { state businessId salesId } } } } }`;

async function customers(name: string, parts: Partial<IntegrationTableMapping> = {}, connection: object = {}) {
  const connectionId = await running.connection(name, connection);
  const made = mapping(parseGlobalId(connectionId)?.id ?? '', 'CUSTOMER', {
    tableFilter: [],
    templates: [],
    fields: [fieldPair('displayName', 'name')],
    ...parts,
  });
  await running.api.services.mappings.insert(made);
  const id = globalId('IntegrationTableMapping', made.id);
  const ask = (variables: object, token = tokens.OPERATOR) => running.api.ask(FIND, { id, ...variables }, token);
  const find = async (variables: object): Promise<Answered> => (await ask(variables)).data?.node.findRecords;
  return { made, ask, find };
}

const titles = (records: readonly { title: string }[]): string[] => records.map(({ title }) => title);

test('records of both systems are found by words of key and title, in whatever case', async () => {
  const { find } = await customers('Words');
  const [first] = await find({ side: 'BUSINESS', first: 1 });
  expect(first).toMatchObject({ side: 'BUSINESS', coupling: null });
  const [number, name] = first.title.split(' ');
  expect(titles(await find({ side: 'BUSINESS', search: `${name.toUpperCase()} ${number}` }))).toContain(first.title);
  expect(await find({ side: 'BUSINESS', search: first.recordId })).toMatchObject([{ title: first.title }]);
  expect(await find({ side: 'BUSINESS', search: 'no such customer' })).toEqual([]);
  const [account] = await find({ side: 'SALES', first: 1 });
  expect(titles(await find({ side: 'SALES', search: account.title.toLowerCase() }))).toContain(account.title);
});

test('only records that the filter of the mapping and the given one match are offered', async () => {
  const { find } = await customers('Filter', { tableFilter: [{ field: 'number', expression: '20000..' }] });
  const offered = await find({ side: 'BUSINESS', first: 50 });
  expect(offered.length).toBeGreaterThan(1);
  expect(titles(offered).every((title) => title >= '20000')).toBe(true);
  const [one] = offered;
  const narrowed = await find({ side: 'BUSINESS', filter: [{ field: 'number', expression: one.title.split(' ')[0] }] });
  expect(titles(narrowed)).toEqual([one.title]);
});

test('records with a counterpart can be left out; one that is only listed stays', async () => {
  const { made, find } = await customers('Coupled');
  const [paired, listed] = await find({ side: 'BUSINESS', first: 2 });
  const { db } = running.api.store;
  await db
    .collection('couplings')
    .insertMany([
      coupling(made, paired.title, { businessId: paired.recordId, salesId: 'an-account' }),
      coupling(made, listed.title, { businessId: listed.recordId, salesId: null, state: 'FAILED' }),
    ] as never[]);
  const all = await find({ side: 'BUSINESS', first: 2 });
  expect(all).toMatchObject([
    { recordId: paired.recordId, coupling: { state: 'COUPLED', salesId: 'an-account' } },
    { recordId: listed.recordId, coupling: { state: 'FAILED', salesId: null } },
  ]);
  const free = await find({ side: 'BUSINESS', uncoupledOnly: true, first: 50 });
  expect(titles(free)).not.toContain(paired.title);
  expect(titles(free)).toContain(listed.title);
});

test('a record tells where it is opened', async () => {
  const business = { ...running.business, webUrl: 'https://bc.example/tenant/' };
  const { find } = await customers('Links', {}, { business });
  const [first] = await find({ side: 'BUSINESS', first: 1 });
  expect(first.url).toContain('https://bc.example/tenant/?company=');
  expect(decodeURIComponent(first.url)).toContain(first.recordId);
  expect(await find({ side: 'SALES', first: 1 })).toMatchObject([{ url: null }]);
});

test('what cannot be asked is refused with the reason', async () => {
  const { ask } = await customers('Refused');
  const refused = async (variables: object) => (await ask(variables)).errors;
  expect(await refused({ side: 'SALES', first: 51 })).toMatchObject([
    { message: expect.stringContaining('first'), extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  expect(await refused({ side: 'BUSINESS', filter: [{ field: 'number', expression: '1..2..3' }] })).toMatchObject([
    { message: expect.stringContaining('character'), extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  expect(await refused({ side: 'BUSINESS', filter: [{ field: 'nonsense', expression: '1' }] })).toMatchObject([
    { message: expect.stringContaining('nonsense'), extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  expect((await ask({ side: 'SALES' }, tokens.VIEWER)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});

test('a system that does not answer gives null with SYSTEM_UNAVAILABLE, and the other one still answers', async () => {
  const { ask, find } = await customers('Away', {}, { sales: { ...running.sales, baseUrl: 'http://127.0.0.1:1' } });
  const { data, errors } = await ask({ side: 'SALES' });
  expect(data).toEqual({ node: { findRecords: null } });
  expect(errors).toMatchObject([{ path: ['node', 'findRecords'], extensions: { code: 'SYSTEM_UNAVAILABLE' } }]);
  expect(await find({ side: 'BUSINESS', first: 1 })).toHaveLength(1);
});
