import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/api/global-id.js';
import { coupling, fieldPair, mapping } from '../api/records.js';
import { type Answered, tokens } from '../api/running-api.js';
import { sandboxApi } from '../connection-setup/sandbox-api.js';

const running = sandboxApi();
let connectionSetupId: string;
const uuid = (): string => parseGlobalId(connectionSetupId)?.id ?? '';

beforeAll(async () => {
  connectionSetupId = await running.connection('Preview');
});

const PREVIEW = `query ($input: PreviewMappingInput!) { previewMapping(input: $input) {
  problems { severity code path position } businessMatches { count precision } salesMatches { count precision } } }`;
const TRY_OUT = `query ($input: PreviewMappingInput!, $direction: SynchDirection!, $recordId: String) { previewMapping(input: $input) {
  tryOut(direction: $direction, recordId: $recordId) { record { side recordId title coupling { state } } fields {
    field integrationField sourceValue steps { code value } value error { class code side field } } } } }`;

const customers = (parts: object = {}): object => ({
  connectionSetupId,
  table: 'customers',
  integrationTable: 'accounts',
  fields: [{ field: 'displayName', integrationField: 'name' }],
  ...parts,
});

const preview = async (input: object): Promise<Answered> =>
  (await running.api.data(PREVIEW, { input }, tokens.OPERATOR)).previewMapping;

async function tryOut(input: object, asked: object = { direction: 'TO_INTEGRATION_TABLE' }): Promise<Answered> {
  return (await running.api.data(TRY_OUT, { input, ...asked }, tokens.OPERATOR)).previewMapping.tryOut;
}

const requests = async () => JSON.stringify(await running.control.send('GET', 'requests'));

describe('a preview of a mapping', () => {
  test('tells how many records of both systems its filters match', async () => {
    const all = await preview(customers());
    expect(all.businessMatches).toMatchObject({ precision: 'EXACT' });
    expect(all.salesMatches).toMatchObject({ precision: 'EXACT' });
    const some = await preview(customers({ tableFilter: [{ field: 'number', expression: '*1' }] }));
    expect(some.businessMatches.count).toBeGreaterThan(0);
    expect(some.businessMatches.count).toBeLessThan(all.businessMatches.count);
    expect(some.salesMatches).toEqual(all.salesMatches);
    const none = await preview(customers({ integrationTableFilter: [{ field: 'name', expression: "''" }] }));
    expect(none.salesMatches).toEqual({ count: 0, precision: 'EXACT' });
  });

  test('tells the problems that saving would tell, and counts nothing by a filter that has one', async () => {
    const { problems, businessMatches, salesMatches } = await preview(
      customers({
        tableFilter: [{ field: 'number', expression: '10000..20000..' }],
        fields: [
          { field: 'displayName', integrationField: 'nonsense' },
          { field: 'email', integrationField: 'emailaddress1', transformations: ['NO SUCH RULE'] },
        ],
      }),
    );
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'FILTER_SYNTAX', path: ['tableFilter', '0', 'expression'], position: 12 }),
        expect.objectContaining({ code: 'UNKNOWN_FIELD', path: ['fields', '0', 'integrationField'] }),
        expect.objectContaining({ code: 'UNKNOWN_RULE', path: ['fields', '1', 'transformations', '0'] }),
      ]),
    );
    expect(businessMatches).toBeNull();
    expect(salesMatches.count).toBeGreaterThan(0);
  });

  test('of a saved mapping takes what is not given from there, and saves nothing', async () => {
    const [number] = (await tryOut(customers())).record.title.split(' ');
    const made = mapping(uuid(), 'SAVED', {
      tableFilter: [{ field: 'number', expression: number }],
      templates: [],
      fields: [fieldPair('displayName', 'name')],
    });
    await running.api.services.mappings.insert(made);
    const mappingId = globalId('IntegrationTableMapping', made.id);
    const asSaved = await preview({ connectionSetupId, mappingId });
    expect(asSaved.businessMatches.count).toBe(1);
    expect(asSaved.problems.filter(({ severity }: { severity: string }) => severity === 'ERROR')).toEqual([]);
    const changed = await preview({ connectionSetupId, mappingId, tableFilter: [] });
    expect(changed.businessMatches.count).toBeGreaterThan(1);
    expect(await running.api.services.mappings.byId(made.id)).toEqual(made);
  });

  test('asks the systems only for what is wanted', async () => {
    await running.api.data(
      'query ($input: PreviewMappingInput!) { previewMapping(input: $input) { problems { code } } }',
      { input: customers() },
    );
    const before = await requests();
    await running.api.data(
      'query ($input: PreviewMappingInput!) { previewMapping(input: $input) { problems { code } } }',
      { input: customers() },
    );
    expect(await requests()).toBe(before);
  });

  test('is refused where it says nothing that could be tried', async () => {
    const refused = async (input: object, token = tokens.OPERATOR) =>
      (await running.api.ask(PREVIEW, { input }, token)).errors;
    expect(await refused(customers({ table: null }))).toMatchObject([
      { message: expect.stringContaining('input.table'), extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    const unknown = globalId('IntegrationTableMapping', randomUUID());
    expect(await refused({ connectionSetupId, mappingId: unknown })).toMatchObject([
      { message: expect.stringContaining('input.mappingId'), extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    expect(await refused(customers(), tokens.VIEWER)).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test('of an entity set that there is not tells so, and counts the other side', async () => {
    const { problems, businessMatches, salesMatches } = await preview(customers({ table: 'clients' }));
    expect(problems).toContainEqual(expect.objectContaining({ severity: 'ERROR', path: ['table'] }));
    expect(businessMatches).toBeNull();
    expect(salesMatches.precision).toBe('EXACT');
  });
});

describe('a try-out on a real record', () => {
  test('shows each value after each rule, those of a chain too, and what would be written', async () => {
    await running.api.services.transformationRules.insert(rule('SHORTEN', 'SUBSTRING', { length: 4, next: 'LARGE' }));
    await running.api.services.transformationRules.insert(rule('LARGE', 'UPPERCASE'));
    const { record, fields } = await tryOut(
      customers({
        direction: 'TO_INTEGRATION_TABLE',
        fields: [
          { field: 'displayName', integrationField: 'name', transformations: ['SHORTEN'] },
          { field: '', integrationField: 'description', constantValue: 'Made by hand' },
          { field: 'number', integrationField: 'accountnumber', enabled: false },
        ],
      }),
    );
    expect(record).toMatchObject({ side: 'BUSINESS', coupling: null });
    const name = fields[0].sourceValue;
    expect(fields).toEqual([
      {
        field: 'displayName',
        integrationField: 'name',
        sourceValue: name,
        steps: [
          { code: 'SHORTEN', value: name.slice(0, 4).trimEnd() },
          { code: 'LARGE', value: name.slice(0, 4).trimEnd().toUpperCase() },
        ],
        value: name.slice(0, 4).trimEnd().toUpperCase(),
        error: null,
      },
      expect.objectContaining({ sourceValue: 'Made by hand', value: 'Made by hand', error: null }),
    ]);
  });

  test('tells of each field that cannot be written why, as a run would, and shows the others', async () => {
    const currency = mapping(uuid(), 'CURRENCY', {
      table: 'currencies',
      integrationTable: 'transactioncurrencies',
      tableFilter: [],
      templates: [],
      fields: [fieldPair('code', 'isocurrencycode')],
    });
    const salespeople = mapping(uuid(), 'SALESPEOPLE', {
      table: 'salespeople',
      integrationTable: 'systemusers',
      tableFilter: [],
      templates: [],
      fields: [fieldPair('displayName', 'fullname')],
    });
    for (const made of [currency, salespeople]) await running.api.services.mappings.insert(made);
    const { fields } = await tryOut(
      customers({
        tableFilter: [{ field: 'salespersonCode', expression: "<>''" }],
        fields: [
          { field: 'displayName', integrationField: 'name' },
          { field: 'displayName', integrationField: 'numberofemployees' },
          { field: 'nonsense', integrationField: 'telephone1' },
          { field: 'currencyId', integrationField: 'transactioncurrencyid', lookup: 'CURRENCY' },
        ],
      }),
    );
    expect(fields).toMatchObject([
      { integrationField: 'name', error: null },
      { value: null, error: { class: 'VALIDATION', code: 'INCOMPATIBLE_VALUE', side: 'SALES' } },
      { value: null, error: { class: 'CONFIGURATION', code: 'UNKNOWN_FIELD', field: 'nonsense' } },
      { integrationField: 'transactioncurrencyid', error: null },
    ]);
    // Blank is the local currency, which Dataverse has: its id would be written.
    expect(fields[3]).toMatchObject({ sourceValue: null, value: expect.stringMatching(/^[\da-f-]{36}$/) });
  });

  test('translates a reference through its coupling, and tells that it would wait without one', async () => {
    const contact = {
      table: 'contacts',
      integrationTable: 'contacts',
      tableFilter: [{ field: 'customerId', expression: "<>''" }],
    };
    const parent = mapping(uuid(), 'PARENT', { tableFilter: [], templates: [] });
    await running.api.services.mappings.insert(parent);
    const fields = [{ field: 'customerId', integrationField: 'parentcustomerid', lookup: 'PARENT' }];
    const waiting = await tryOut({ connectionSetupId, ...contact, fields });
    const [{ sourceValue, error }] = waiting.fields;
    expect(error).toMatchObject({ class: 'DEPENDENCY', code: 'REFERENCE_NOT_COUPLED', field: 'customerId' });
    const salesId = randomUUID();
    const pair = coupling(parent, 'Parent', { businessId: sourceValue, salesId });
    await running.api.store.db.collection('couplings').insertOne(pair as never);
    const translated = await tryOut({ connectionSetupId, ...contact, fields });
    expect(translated.fields).toMatchObject([{ sourceValue, value: salesId, error: null }]);
  });

  test('takes the record that is named, in either direction, and gives null where there is none', async () => {
    const fromSales = { direction: 'FROM_INTEGRATION_TABLE' };
    const first = await tryOut(customers(), fromSales);
    expect(first.record.side).toBe('SALES');
    const named = await tryOut(customers(), { ...fromSales, recordId: first.record.recordId });
    expect(named).toEqual(first);
    expect(await tryOut(customers(), { ...fromSales, recordId: randomUUID() })).toBeNull();
    expect(await tryOut(customers(), { ...fromSales, recordId: 'nonsense' })).toBeNull();
    const none = customers({ tableFilter: [{ field: 'number', expression: 'NO SUCH' }] });
    expect(await tryOut(none)).toBeNull();
    expect(await tryOut(customers({ direction: 'TO_INTEGRATION_TABLE' }), fromSales)).toMatchObject({ fields: [] });
  });

  test('is null with SYSTEM_UNAVAILABLE while a system does not answer', async () => {
    const away = await running.connection('Away', { sales: { ...running.sales, baseUrl: 'http://127.0.0.1:1' } });
    const variables = { input: customers({ connectionSetupId: away }), direction: 'TO_INTEGRATION_TABLE' };
    const { data, errors } = await running.api.ask(TRY_OUT, variables);
    expect(data).toEqual({ previewMapping: { tryOut: null } });
    expect(errors).toMatchObject([{ extensions: { code: 'SYSTEM_UNAVAILABLE' } }]);
  });
});

const rule = (code: string, kind: 'SUBSTRING' | 'UPPERCASE', parts: object = {}) => ({
  id: randomUUID(),
  code,
  description: '',
  kind,
  findValue: null,
  replaceValue: null,
  startPosition: null,
  length: null,
  startingText: null,
  endingText: null,
  precision: null,
  roundDirection: null,
  datePart: null,
  dataFormat: null,
  culture: null,
  next: null,
  revision: 1,
  ...parts,
});
