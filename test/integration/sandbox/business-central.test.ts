import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { boundaryOf, parseMultipart } from '../../../src/sandbox/odata/multipart.js';
import { allPages, errorOf, type Reply, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
const ANY = { 'if-match': '*' };
const ZERO = '00000000-0000-0000-0000-000000000000';
let company = '';
let customers = '';

beforeAll(async () => {
  company = await sandbox.company();
  customers = `${company}/customers`;
});
beforeEach(() => sandbox.control('DELETE', '/settings'));

type Customer = Record<string, unknown> & { id: string; number: string };
const post = (body: object, address = customers) => sandbox.business(address, { method: 'POST', body });
const made = async (values: object = {}) => (await post({ displayName: 'Made', ...values })).body as Customer;
const patch = (id: string, body: object, headers: Record<string, string> = ANY) =>
  sandbox.business(`${customers}(${id})`, { method: 'PATCH', body, headers });
const outcome = (reply: Reply) => [reply.status, errorOf(reply).code];
const companionCustomers = () => `${sandbox.companion}${customers}`;

describe('Business Central 3: companies', () => {
  test('keep their data apart, and are named by id, by query, or not at all', async () => {
    const all = rowsOf((await sandbox.business('companies')).body);
    expect(all.map((row) => row['name'])).toEqual(['CRONUS International Ltd.', 'Kestrel Bay Trading']);
    const other = String(all[1]?.['id']);
    expect(rowsOf((await sandbox.business(`companies(${other})/customers`)).body)).toHaveLength(5);
    expect(rowsOf((await sandbox.business(`customers?company=${other}`)).body)).toHaveLength(5);
    expect(rowsOf((await sandbox.business('customers?company=Kestrel%20Bay%20Trading')).body)).toHaveLength(5);
    expect(rowsOf((await sandbox.business('customers')).body).length).toBeGreaterThanOrEqual(120);
  });

  test('that do not exist are told apart from entity sets and environments that do not', async () => {
    expect(outcome(await sandbox.business(`companies(${ZERO})/customers`))).toEqual([404, 'Internal_CompanyNotFound']);
    expect(outcome(await sandbox.business(`${company}/resources`))).toEqual([404, 'BadRequest_ResourceNotFound']);
    const elsewhere = await sandbox.business(`${sandbox.url}/v2.0/sandbox/elsewhere/api/v2.0/companies`);
    expect([elsewhere.status, elsewhere.headers.get('content-type')]).toEqual([404, 'text/plain']);
  });

  test('are in an environment whose case does not matter, with or without the tenant', async () => {
    for (const path of ['sandbox/PRODUCTION', 'production'])
      expect((await sandbox.business(`${sandbox.url}/v2.0/${path}/api/v2.0/companies`)).status).toBe(200);
  });

  test('Business Central 2: answer 405 when the services are off', async () => {
    await sandbox.control('POST', '/settings', { BUSINESS: { servicesEnabled: false } });
    expect((await sandbox.business('companies')).status).toBe(405);
  });
});

describe('reading', () => {
  test('Business Central 14: shows every property, blanks in the way of Business Central', async () => {
    const { number } = await made({ displayName: 'Blank ones' });
    const row = rowsOf((await sandbox.business(`${customers}?$filter=number eq '${number}'`)).body)[0];
    expect(row).toMatchObject({
      blocked: '_x0020_',
      type: 'Company',
      phoneNumber: '',
      paymentTermsId: ZERO,
      currencyId: ZERO,
      currencyCode: 'EUR',
      balanceDue: 0,
    });
    expect(row?.['@odata.etag']).toMatch(/^W\/"[A-Za-z0-9+/=]+"$/);
    expect(row?.['lastModifiedDateTime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,2}[1-9])?Z$/);
    expect(row).not.toHaveProperty('faxNumber');
  });

  test('Business Central 14: shows plain enum members when the settings say so', async () => {
    await sandbox.control('POST', '/settings', { BUSINESS: { escapeEnums: false } });
    const values = rowsOf((await sandbox.business(`${customers}?$select=blocked`)).body).map((row) => row['blocked']);
    expect(new Set(values)).toEqual(new Set([' ', 'All', 'Ship', 'Invoice']));
  });

  test('Business Central 7: pages by the asked size in the order of the number, and refuses a size above the limit', async () => {
    const headers = { prefer: 'odata.maxpagesize=50' };
    const pages = await allPages((address) => sandbox.business(address, { headers }), `${customers}?$select=number`);
    const numbers = pages.flatMap(({ body }) => rowsOf(body).map((row) => String(row['number'])));
    expect(rowsOf(pages[0]?.body ?? {})).toHaveLength(50);
    expect(numbers).toEqual([...new Set(numbers)].sort());
    await sandbox.control('POST', '/settings', { BUSINESS: { maxPageSize: 30 } });
    expect((await sandbox.business(customers, { headers })).status).toBe(413);
    expect(rowsOf((await sandbox.business(customers)).body)).toHaveLength(30);
  });

  test('Business Central 7: refuses an altered next link', async () => {
    const { body } = await sandbox.business(`${customers}?$select=number`, {
      headers: { prefer: 'odata.maxpagesize=5' },
    });
    expect(
      (await sandbox.business(String(body['@odata.nextLink']).replace('$select=number', '$select=city'))).status,
    ).toBe(400);
  });

  test('Business Central 8: knows $top, $skip, $orderby, $count and $expand', async () => {
    const all = rowsOf((await sandbox.business(`${customers}?$select=number&$orderby=number desc`)).body).map(
      (row) => row['number'],
    );
    const { body } = await sandbox.business(
      `${customers}?$select=number&$orderby=number desc&$top=3&$skip=2&$count=true`,
    );
    expect(rowsOf(body).map((row) => row['number'])).toEqual(all.slice(2, 5));
    expect(body['@odata.count']).toBe(all.length);
    const usd = await made({ currencyCode: 'usd' });
    const expanded = await sandbox.business(
      `${customers}(${usd.id})?$select=number&$expand=currency($select=code),paymentTerm`,
    );
    expect(expanded.body).toMatchObject({ currency: { code: 'USD' }, paymentTerm: null });
  });

  test.each([
    { filter: "number ge 'C00010' and number lt 'C00030'", count: 2 },
    { filter: "blocked eq 'All'", count: 3 },
    { filter: "blocked eq 'All' or blocked eq 'Ship'", count: 4 },
    { filter: "not (blocked eq '_x0020_')", count: 5 },
    { filter: "startswith(number,'KD-') and contains(tolower(number),'kd')", count: 1 },
    { filter: "currencyCode eq 'FUNDAX'", count: 1 },
  ])('Business Central 8: filters by $filter', async ({ filter, count }) => {
    expect(
      rowsOf((await sandbox.business(`${customers}?$select=number&$filter=${encodeURIComponent(filter)}`)).body),
    ).toHaveLength(count);
  });

  test('Business Central 8: refuses or over two fields, in without the newer schema, and ignores lambdas', async () => {
    const refused = await sandbox.business(`${customers}?$filter=number eq 'C00010' or city eq 'X'`);
    expect(refused.status).toBe(400);
    expect(errorOf(refused).message).toContain(
      "The 'OR' operator is not supported on distinct fields on an OData filter.",
    );
    const inList = `${customers}?$select=number&$filter=number in ('C00010','C00020')`;
    expect((await sandbox.business(inList)).status).toBe(400);
    expect(rowsOf((await sandbox.business(`${inList}&$schemaversion=2.1`)).body)).toHaveLength(2);
    const whole = Number((await sandbox.business(`${customers}/$count`)).text);
    expect(
      rowsOf((await sandbox.business(`${customers}?$select=number&$filter=lines/any(l:l/x eq 1)`)).body),
    ).toHaveLength(whole);
  });

  test('Business Central 9, 12: finds what changed since a moment, ignores a wish for delta links, and unknown names are refused', async () => {
    const before = await made({ displayName: 'Changed' });
    const { body } = await sandbox.business(
      `${customers}?$select=id&$filter=lastModifiedDateTime ge ${String(before['lastModifiedDateTime'])}`,
      { headers: { prefer: 'odata.track-changes' } },
    );
    expect(rowsOf(body).map((row) => row['id'])).toContain(before.id);
    expect(body).not.toHaveProperty('@odata.deltaLink');
    expect((await sandbox.business(`${customers}?$select=nosuch`)).status).toBe(400);
    expect((await sandbox.business(`${customers}?$filter=nosuch eq 1`)).status).toBe(400);
  });
});

describe('writing', () => {
  test('Business Central 4: creates with 201, the whole row, and the next number of the series', async () => {
    const [first, second] = [await post({ displayName: 'One' }), await post({ displayName: 'Two' })];
    expect(first.status).toBe(201);
    expect(first.headers.get('location')).toContain(String(first.body['id']));
    expect(Number(String(second.body['number']).slice(1)) - Number(String(first.body['number']).slice(1))).toBe(10);
    const small = await sandbox.business(`${customers}?$select=id,number`, {
      method: 'POST',
      body: { displayName: 'Small' },
    });
    expect(Object.keys(small.body).sort()).toEqual(['@odata.context', '@odata.etag', 'id', 'number']);
  });

  test('Business Central 4, 5: updates with 200 and a new etag; If-Match is needed and stale ones are refused', async () => {
    const { id, ...row } = await made();
    const etag = String(row['@odata.etag']);
    expect(outcome(await patch(id, { city: 'A' }, {}))).toEqual([400, 'BadRequest_InvalidToken']);
    const updated = await patch(id, { city: 'A' }, { 'if-match': etag });
    expect([updated.status, updated.body['city']]).toEqual([200, 'A']);
    expect(updated.body['@odata.etag']).not.toBe(etag);
    expect(outcome(await patch(id, { city: 'B' }, { 'if-match': etag }))).toEqual([409, 'Request_EntityChanged']);
    expect((await patch(id, { city: 'C' })).status).toBe(200);
    await sandbox.control('POST', '/settings', { BUSINESS: { staleEtagStatus: 412, missingEtagStatus: 412 } });
    expect((await patch(id, { city: 'D' }, { 'if-match': etag })).status).toBe(412);
    expect((await patch(id, { city: 'D' }, {})).status).toBe(412);
  });

  test('Business Central 6: never creates by PATCH', async () => {
    expect(outcome(await patch('11111111-1111-4111-8111-111111111111', { displayName: 'x' }))).toEqual([
      404,
      'Internal_RecordNotFound',
    ]);
  });

  test('Business Central 6: renames by another number and keeps the id', async () => {
    const { id, number } = await made();
    expect((await patch(id, { number: 'ren-1 ' })).body).toMatchObject({ id, number: 'REN-1' });
    expect(rowsOf((await sandbox.business(`${customers}?$filter=number eq '${number}'`)).body)).toEqual([]);
    expect(outcome(await patch((await made()).id, { number: 'REN-1' }))).toEqual([
      400,
      'Internal_EntityWithSameKeyExists',
    ]);
  });

  test('Business Central 16: deletes with 204, and keeps a customer with open entries', async () => {
    const { id } = await made();
    const remove = (key: string, headers: Record<string, string> = ANY) =>
      sandbox.business(`${customers}(${key})`, { method: 'DELETE', headers });
    expect((await remove(id, {})).status).toBe(400);
    expect((await remove(id)).status).toBe(204);
    expect((await remove(id)).status).toBe(404);
    const open = rowsOf((await sandbox.business(`${customers}?$filter=balanceDue gt 0&$top=1`)).body)[0];
    expect(outcome(await remove(String(open?.['id'])))).toEqual([400, 'Application_DialogException']);
  });

  test.each(['Ship', 'Invoice', 'All'])(
    'Business Central 16: keeps a customer that is blocked with type %s out of documents, while its own data stay editable',
    async (blocked) => {
      const { id, number } = await made({ city: 'Altfurt', blocked });
      const order = (body: object) => sandbox.business(`${company}/salesOrders`, { method: 'POST', body });
      const refused = await order({ customerNumber: number });
      expect(outcome(refused)).toEqual([400, 'Application_DialogException']);
      expect(errorOf(refused).message).toContain(
        `You cannot create this type of document when Customer ${number} is blocked with type ${blocked}`,
      );
      expect((await patch(id, { city: 'Seewilen' })).body).toMatchObject({ city: 'Seewilen', blocked });
      await patch(id, { blocked: '_x0020_' });
      const taken = await order({ customerId: id, shipToCity: 'Hafen' });
      expect([taken.status, taken.body]).toMatchObject([
        201,
        { customerNumber: number, sellToCity: 'Seewilen', shipToCity: 'Hafen' },
      ]);
      expect(String(taken.body['number'])).toMatch(/^SO-/);
      const kept = await sandbox.business(`${customers}(${id})`, { method: 'DELETE', headers: ANY });
      expect(errorOf(kept).message).toContain(
        `You cannot delete Customer ${number} because there is at least one outstanding Sales Order for this customer.`,
      );
      await sandbox.business(`${company}/salesOrders(${String(taken.body['id'])})`, { method: 'DELETE', headers: ANY });
      expect((await sandbox.business(`${customers}(${id})`, { method: 'DELETE', headers: ANY })).status).toBe(204);
      expect(outcome(await order({ shipToCity: 'Hafen' }))).toEqual([400, 'Application_FieldValidationException']);
    },
  );

  test('Business Central 16: an item that is blocked stays editable', async () => {
    const items = `${company}/items`;
    const [item] = rowsOf((await sandbox.business(`${items}?$top=1`)).body);
    const change = (body: object) =>
      sandbox.business(`${items}(${String(item?.['id'])})`, { method: 'PATCH', body, headers: ANY });
    await change({ blocked: true });
    expect((await change({ displayName2: 'Still sold' })).body).toMatchObject({
      blocked: true,
      displayName2: 'Still sold',
    });
    await change({ blocked: item?.['blocked'], displayName2: item?.['displayName2'] });
  });

  test('Business Central 5: has an etag in the form of Business Central, another one after each write', async () => {
    const { id, ...row } = await made();
    const tag = (one: Record<string, unknown>): string =>
      /^W\/"([\w+/=]+)"$/.exec(String(one['@odata.etag']))?.[1] ?? '';
    const seen = [row, (await patch(id, { city: 'A' })).body, (await patch(id, { city: 'A' })).body].map(tag);
    expect(new Set(seen).size).toBe(3);
    for (const one of seen) expect(Buffer.from(one, 'base64').toString('utf8')).toMatch(/^\d+;[^;]+;00;$/);
  });

  test('Business Central 9: tells times of change in milliseconds without trailing zeros, rounded as SQL Server does where the settings say so', async () => {
    const stamps = async (sqlRounding: boolean): Promise<string[]> => {
      await sandbox.control('POST', '/settings', { BUSINESS: { sqlRounding } });
      const found: string[] = [];
      for (let at = 0; at < 20; at++) {
        const { body } = await sandbox.control('POST', '/edit', {
          system: 'BUSINESS',
          entitySet: 'customers',
          values: { displayName: 'Stamped' },
          committedLateSeconds: at / 1_000,
        });
        found.push(String(body['lastModifiedDateTime']));
      }
      return found;
    };
    const rounded = /:\d\d(\.(\d\d[37]|\d[1-9]|[1-9]))?Z$/;
    for (const one of await stamps(true)) expect(one).toMatch(rounded);
    const exact = await stamps(false);
    for (const one of exact) expect(one).toMatch(/:\d\d(\.\d{0,2}[1-9])?Z$/);
    expect(exact.filter((one) => !rounded.test(one))).not.toEqual([]);
  });

  test.each([
    {
      name: 'no name',
      body: { city: 'X' },
      code: 'Application_DialogException',
      text: 'A "displayName" must be provided.',
    },
    {
      name: 'a name that is too long',
      body: { displayName: 'x'.repeat(101) },
      code: 'Application_StringExceededLength',
      text: 'The length of the string is 101, but it must be less than or equal to 100 characters.',
    },
    {
      name: 'an unknown country',
      body: { displayName: 'x', country: 'GERMANY' },
      code: 'Internal_InvalidTableRelation',
      text: 'The field Country/Region Code of table Customer contains a value (GERMANY) that cannot be found in the related table (Country/Region).',
    },
    {
      name: 'an unknown currency',
      body: { displayName: 'x', currencyCode: 'XXX' },
      code: 'Application_DialogException',
      text: 'The "currencyCode" does not match to a Currency.',
    },
    {
      name: 'an unknown id',
      body: { displayName: 'x', paymentTermsId: '11111111-1111-4111-8111-111111111111' },
      code: 'Application_DialogException',
      text: 'The "paymentTermsId" does not match to a Payment Terms.',
    },
    {
      name: 'an unknown option',
      body: { displayName: 'x', type: 'Other' },
      code: 'Unknown',
      text: "'Other' is not an option. The existing options are: Company,Person",
    },
    {
      name: 'a read-only property',
      body: { displayName: 'x', balanceDue: 1 },
      code: 'BadRequest_InvalidOperation',
      text: "Control 'balanceDue' is read-only.",
    },
    {
      name: 'an unknown property',
      body: { displayName: 'x', faxNumber: '1' },
      code: 'BadRequest',
      text: "The property 'faxNumber' does not exist",
    },
    {
      name: 'a wrong type',
      body: { displayName: 'x', creditLimit: '1' },
      code: 'BadRequest',
      text: "to the expected type 'Edm.Decimal'",
    },
  ])(
    'Business Central 14, 19: refuses $name with its code and text, and a correlation id',
    async ({ body, code, text }) => {
      const reply = await post(body);
      expect(outcome(reply)).toEqual([400, code]);
      expect(errorOf(reply).message).toContain(text);
      expect(errorOf(reply).message).toMatch(/ CorrelationId: {2}[\da-f-]{36}\.$/);
    },
  );

  test('refuses a currency id and code that disagree, and a blank name on update', async () => {
    const currencies = rowsOf((await sandbox.business(`${company}/currencies`)).body);
    const usd = currencies.find((row) => row['code'] === 'USD');
    const reply = await post({ displayName: 'x', currencyId: usd?.['id'], currencyCode: 'GBP' });
    expect(errorOf(reply).message).toContain('The currency values do not match to a specific Currency.');
    expect((await made({ currencyId: usd?.['id'] }))['currencyCode']).toBe('USD');
    expect(errorOf(await patch((await made()).id, { displayName: '' })).message).toContain(
      'The blank "displayName" is not allowed.',
    );
  });

  test('Business Central 14: puts codes into capitals, takes enums in both spellings, and stores the local currency as blank', async () => {
    const row = await made({ country: ' de ', blocked: '_x0020_', currencyCode: 'eur' });
    expect(row).toMatchObject({ country: 'DE', blocked: '_x0020_', currencyCode: 'EUR', currencyId: ZERO });
    expect((await patch(row.id, { blocked: 'Ship' })).body['blocked']).toBe('Ship');
    expect((await patch(row.id, { blocked: ' ' })).body['blocked']).toBe('_x0020_');
  });

  test('Business Central 19: answers in the language of the client, with the same code', async () => {
    const german = await sandbox.business(`${customers}(11111111-1111-4111-8111-111111111111)`, {
      headers: { 'accept-language': 'de-DE' },
    });
    expect(outcome(german)).toEqual([404, 'Internal_RecordNotFound']);
    expect(errorOf(german).message).toContain('nicht vorhanden');
  });
});

describe('Business Central 13: the number series', () => {
  test('refuses numbers by hand when the settings say so', async () => {
    await sandbox.control('POST', '/settings', { BUSINESS: { noManualNumbers: ['customers'] } });
    expect(errorOf(await post({ displayName: 'x', number: 'MINE' })).message).toContain(
      'You may not enter numbers manually.',
    );
    await sandbox.control('POST', '/settings', { BUSINESS: { noManualNumbers: [] } });
    expect((await made({ number: 'mine' })).number).toBe('MINE');
  });

  test('is missed when it is not set up', async () => {
    await sandbox.control('POST', '/settings', { BUSINESS: { noNumberSeries: ['customers'] } });
    expect(outcome(await post({ displayName: 'x' }))).toEqual([400, 'Application_FieldValidationException']);
  });

  test('passes over numbers that were given by hand, and has gaps after failures when the settings say so', async () => {
    const last = Number((await made()).number.slice(1));
    const numbered = (at: number) => `C${String(at).padStart(5, '0')}`;
    await made({ number: numbered(last + 10) });
    expect((await made()).number).toBe(numbered(last + 20));
    await sandbox.control('POST', '/settings', { BUSINESS: { gapsOnFailure: true } });
    const missing = '11111111-1111-4111-8111-111111111111';
    await sandbox.business(`${customers}?$select=nosuch`, {
      method: 'POST',
      body: { displayName: 'x', addressLine1: missing },
    });
    expect((await made()).number).toBe(numbered(last + 40));
  });
});

describe('the custom API', () => {
  test('Business Central 1: shows the same customers with the fields that the standard one lacks', async () => {
    const { id } = await made({ displayName: 'Both APIs' });
    const address = `${companionCustomers()}(${id})`;
    const agent = rowsOf((await sandbox.business(`${sandbox.companion}${company}/shippingAgents`)).body)[0];
    const reply = await sandbox.business(address, {
      method: 'PATCH',
      body: { faxNumber: '55', contact: 'Mara', shippingAgentCode: agent?.['code'], paymentTermsCode: 'net 30' },
      headers: ANY,
    });
    expect(reply.body).toMatchObject({
      displayName: 'Both APIs',
      faxNumber: '55',
      shippingAgentCode: agent?.['code'],
      paymentTermsCode: 'NET 30',
      mobilePhoneNumber: '',
      primaryContactNumber: '',
      customerPriceGroup: '',
    });
    const terms = rowsOf((await sandbox.business(`${company}/paymentTerms?$filter=code eq 'NET 30'`)).body)[0];
    expect((await sandbox.business(`${customers}(${id})`)).body).toMatchObject({
      paymentTermsId: terms?.['id'],
      '@odata.etag': reply.body['@odata.etag'],
    });
  });

  test('Business Central 25: can be hidden', async () => {
    expect((await sandbox.business(`${sandbox.companion}companies`)).status).toBe(200);
    await sandbox.control('POST', '/settings', { BUSINESS: { companionApi: false } });
    expect(outcome(await sandbox.business(`${sandbox.companion}companies`))).toEqual([
      404,
      'BadRequest_ResourceNotFound',
    ]);
  });
});

describe('metadata', () => {
  test('is EDMX with lengths, enum members and sets', async () => {
    const { text, headers } = await sandbox.business('$metadata');
    expect(headers.get('content-type')).toBe('application/xml');
    expect(text).toContain('<Property Name="displayName" Type="Edm.String" MaxLength="100" />');
    expect(text).toContain('<Property Name="blocked" Type="Microsoft.NAV.customerBlocked" />');
    expect(text).toContain(
      '<EnumType Name="customerBlocked"><Member Name="_x0020_" Value="0" /><Member Name="Ship" Value="1" />',
    );
    expect(text).toContain('<EntitySet Name="customers" EntityType="Microsoft.NAV.customer">');
    expect(text).not.toContain('shippingAgents');
    expect((await sandbox.business(`${sandbox.companion}$metadata`)).text).toContain(
      '<Property Name="faxNumber" Type="Edm.String" MaxLength="30" />',
    );
  });

  test('has a service document', async () => {
    const { body } = await sandbox.business('');
    expect(rowsOf(body).map((row) => row['name'])).toContain('currencyExchangeRates');
  });
});

describe('Business Central 17: a batch', () => {
  const JSON_HEADERS = { accept: 'application/json' };
  const request = (id: string, method: string, url: string, body?: object, headers: object = {}) => ({
    id,
    method,
    url,
    headers: { 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const send = (requests: readonly object[], headers: Record<string, string> = {}) =>
    sandbox.business('$batch', { method: 'POST', body: { requests }, headers: { ...JSON_HEADERS, ...headers } });
  const statuses = (reply: Reply) =>
    (reply.body['responses'] as { id: string; status: number }[]).map(({ id, status }) => [id, status]);
  const bad = request('bad', 'POST', 'customers', { city: 'x' });

  test('answers each operation by its id and stops at the first error', async () => {
    const { id } = await made();
    const reply = await send([
      request('1', 'POST', `${company}/customers`, { displayName: 'In batch' }),
      request('2', 'PATCH', `${customers}(${id})`, { city: 'Batchville' }, { 'If-Match': '*' }),
      bad,
      request('4', 'GET', customers),
    ]);
    expect(reply.status).toBe(200);
    expect(statuses(reply)).toEqual([
      ['1', 201],
      ['2', 200],
      ['bad', 400],
    ]);
    expect((await sandbox.business(`${customers}(${id})`)).body['city']).toBe('Batchville');
  });

  test('goes on after errors when asked to', async () => {
    const reply = await send([bad, request('2', 'GET', `${customers}?$top=1`)], { prefer: 'odata.continue-on-error' });
    expect(statuses(reply)).toEqual([
      ['bad', 400],
      ['2', 200],
    ]);
  });

  test('takes the company from a header of its part', async () => {
    const reply = await send([
      request('1', 'GET', 'customers?$select=number', undefined, { Company: 'Kestrel Bay Trading' }),
    ]);
    const [first] = reply.body['responses'] as { body: Record<string, unknown> }[];
    expect(rowsOf(first?.body ?? {})).toHaveLength(5);
  });

  test('in one transaction takes everything back after an error, but still reports what had succeeded', async () => {
    const { id } = await made();
    const reply = await send(
      [request('1', 'PATCH', `${customers}(${id})`, { city: 'Rolled' }, { 'If-Match': '*' }), bad],
      { isolation: 'snapshot' },
    );
    expect(statuses(reply)).toEqual([
      ['1', 200],
      ['bad', 400],
    ]);
    expect((await sandbox.business(`${customers}(${id})`)).body['city']).toBe('');
  });

  test('of too many operations is refused as a whole', async () => {
    const reply = await send(
      Array.from({ length: 101 }, (_unused, at) => request(String(at), 'GET', `${customers}?$top=1`)),
    );
    expect([reply.status, errorOf(reply).code]).toEqual([400, 'BadRequest']);
  });

  describe('in multipart', () => {
    const part = (method: string, url: string, body = '', headers = '') =>
      `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n${method} ${url} HTTP/1.1\r\nContent-Type: application/json\r\n${headers}\r\n${body}\r\n`;
    const multipart = (body: string, headers: Record<string, string> = {}) =>
      sandbox.business('$batch', {
        method: 'POST',
        body,
        headers: { 'content-type': 'multipart/mixed; boundary=b', ...headers },
      });
    const changeSet = (...parts: string[]) =>
      `--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n${parts.map((one) => `--c\r\n${one}`).join('')}--c--\r\n--b--\r\n`;
    const named = async (name: string) =>
      rowsOf((await sandbox.business(`${customers}?$filter=displayName eq '${name}'`)).body).length;

    test('is understood, unless the settings say otherwise', async () => {
      const body = `--b\r\n${part('POST', customers, '{"displayName":"Multipart"}')}--b--\r\n`;
      const reply = await multipart(body);
      expect([reply.status, /HTTP\/1\.1 (\d+)/.exec(reply.text)?.[1]]).toEqual([200, '201']);
      await sandbox.control('POST', '/settings', { BUSINESS: { multipartBatch: false } });
      expect((await multipart(body)).status).toBe(400);
      expect(await named('Multipart')).toBe(1);
    });

    test('does a change set as one where the settings allow it, and refuses it else', async () => {
      const good = part('POST', customers, '{"displayName":"Change set"}');
      const body = changeSet(good, part('POST', customers, '{"city":"x"}'));
      expect((await multipart(body)).status).toBe(400);
      await sandbox.control('POST', '/settings', { BUSINESS: { changeSets: true } });
      const failed = await multipart(body);
      expect([...failed.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['400']);
      expect(await named('Change set')).toBe(0);
      const done = await multipart(changeSet(good, good));
      expect(await named('Change set')).toBe(2);
      const [answer, ...others] = parseMultipart(done.text, boundaryOf(done.headers.get('content-type') ?? '') ?? '');
      expect(others).toEqual([]);
      const nested = boundaryOf(answer?.headers.get('content-type')) ?? '';
      expect(nested).toMatch(/^changesetresponse_/);
      const inside = parseMultipart(answer?.body ?? '', nested);
      expect(inside.map(({ body: message }) => message.split('\r\n', 1)[0])).toEqual([
        'HTTP/1.1 201 Created',
        'HTTP/1.1 201 Created',
      ]);
    });
  });

  test('is answered as multipart to a client that does not ask for JSON', async () => {
    const reply = await send([request('1', 'GET', `${customers}?$top=1`)], { accept: '*/*' });
    expect(reply.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=batchresponse_/);
    expect(reply.text).toContain('HTTP/1.1 200 OK');
  });
});

describe('Business Central 18: operational limits', () => {
  const enforce = (limits: object) =>
    sandbox.control('POST', '/settings', { BUSINESS: { limits: { enforced: true, ...limits } } });
  beforeEach(() => sandbox.control('DELETE', '/faults'));

  test('refuse requests above the rate, with or without Retry-After', async () => {
    await enforce({ requests: 0 });
    const without = await sandbox.business('companies');
    expect([without.status, without.headers.get('retry-after')]).toEqual([429, null]);
    await enforce({ requests: 0, retryAfterSeconds: 7 });
    expect((await sandbox.business('companies')).headers.get('retry-after')).toBe('7');
  });

  test('let requests wait for their turn, and refuse those that the queue does not hold', async () => {
    await enforce({ parallel: 1, queue: 1 });
    await sandbox.control('POST', '/faults', { system: 'BUSINESS', effect: { kind: 'delay', ms: 150 } });
    const replies = await Promise.all([1, 2, 3].map(() => sandbox.business('companies')));
    expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 429]);
  });

  test('answer 503 to a request that waited too long', async () => {
    await enforce({ parallel: 1, queue: 5, queueTimeoutMs: 30 });
    await sandbox.control('POST', '/faults', { system: 'BUSINESS', times: 1, effect: { kind: 'delay', ms: 400 } });
    const replies = await Promise.all([1, 2].map(() => sandbox.business('companies')));
    expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 503]);
  });
});

describe('what servers do differently', () => {
  test.each([
    ['ignored', 200],
    ['gone', 410],
    ['failed', 500],
  ])('Business Central 12: a wish for delta links is %s, and gives no tombstones', async (deltaRequests, status) => {
    await sandbox.control('POST', '/settings', { BUSINESS: { deltaRequests } });
    const reply = await sandbox.business(`${customers}?$top=1`, { headers: { prefer: 'odata.track-changes' } });
    expect(reply.status).toBe(status);
    expect(reply.body['@odata.deltaLink']).toBeUndefined();
    if (status === 410) expect(reply.headers.get('location')).toContain('/customers');
  });

  test('Business Central 4: an answer of a write holds the selected properties, or nothing where return=minimal counts', async () => {
    const created = await sandbox.business(`${customers}?$select=id,number`, {
      method: 'POST',
      body: { displayName: 'Selected' },
    });
    expect(Object.keys(created.body).toSorted()).toEqual(['@odata.context', '@odata.etag', 'id', 'number']);
    const minimal = { prefer: 'return=minimal' };
    const address = `${customers}(${String(created.body['id'])})`;
    const change = { method: 'PATCH', body: { city: 'A' }, headers: { ...ANY, ...minimal } };
    expect((await sandbox.business(address, change)).body['city']).toBe('A');
    await sandbox.control('POST', '/settings', { BUSINESS: { respectsReturnMinimal: true } });
    const reply = await sandbox.business(address, { ...change, body: { city: 'B' } });
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect((await sandbox.business(address)).body['city']).toBe('B');
  });

  test('Business Central 7: rows that are renamed while pages are read may repeat or be missed', async () => {
    const first = await sandbox.business(`${customers}?$select=id,number`, {
      headers: { prefer: 'odata.maxpagesize=5' },
    });
    const seen = rowsOf(first.body)[0];
    await patch(String(seen?.['id']), { number: 'ZZ-MOVED' });
    const rest = await allPages((address) => sandbox.business(address), String(first.body['@odata.nextLink']));
    const ids = rest.flatMap(({ body }) => rowsOf(body).map((row) => row['id']));
    expect(ids).toContain(seen?.['id']);
  });

  test('Business Central 18: what takes longer than the operation time-out is cancelled with 408, and never happens', async () => {
    await sandbox.control('POST', '/settings', { BUSINESS: { limits: { operationTimeoutMs: 30 } } });
    await sandbox.control('POST', '/faults', { operation: 'create', times: 1, effect: { kind: 'delay', ms: 60_000 } });
    const reply = await post({ displayName: 'Cancelled' });
    expect(reply.status).toBe(408);
    await sandbox.control('DELETE', '/faults');
    expect(rowsOf((await sandbox.business(`${customers}?$filter=displayName eq 'Cancelled'`)).body)).toEqual([]);
  });

  test('Business Central 18: the gateway gives up with 504, and the write behind it is done all the same', async () => {
    await sandbox.control('POST', '/settings', { BUSINESS: { limits: { gatewayTimeoutMs: 30 } } });
    await sandbox.control('POST', '/faults', { operation: 'create', times: 1, effect: { kind: 'delay', ms: 250 } });
    const reply = await post({ displayName: 'Behind the gateway' });
    expect([reply.status, reply.headers.get('content-type')]).toEqual([504, 'text/html']);
    await sandbox.control('DELETE', '/settings');
    await sandbox.control('DELETE', '/faults');
    await expect
      .poll(async () =>
        rowsOf((await sandbox.business(`${customers}?$filter=displayName eq 'Behind the gateway'`)).body),
      )
      .toHaveLength(1);
  });

  test('Business Central 18: a batch counts as one request, or as many as it holds', async () => {
    const limits = { enforced: true, requests: 3, windowSeconds: 300 };
    const requests = ['1', '2', '3', '4'].map((id) => ({ id, method: 'GET', url: `${customers}?$top=1` }));
    const send = () =>
      sandbox.business('$batch', {
        method: 'POST',
        body: { requests },
        client: 'somebody-else',
        headers: { accept: 'application/json' },
      });
    await sandbox.control('POST', '/settings', { BUSINESS: { limits } });
    expect((await send()).status).toBe(200);
    await sandbox.control('POST', '/settings', { BUSINESS: { limits: { countsOperations: true } } });
    expect((await send()).status).toBe(429);
  });

  test('Business Central 22: a replica shows what was there before, and only who asks for it reads from it', async () => {
    const { id } = await made({ city: 'Before' });
    await patch(id, { city: 'After' });
    const fresh = await made({ city: 'New' });
    const readOnly = { headers: { 'data-access-intent': 'ReadOnly' } };
    await sandbox.control('POST', '/settings', { BUSINESS: { replicaLagMs: 30_000 } });
    const asReplica = async (row: string) => sandbox.business(`${customers}(${row})`, readOnly);
    expect((await asReplica(fresh.id)).status).toBe(404);
    expect((await sandbox.business(`${customers}(${id})`)).body['city']).toBe('After');
    expect(
      (await sandbox.business(`${customers}(${id})`, { headers: { 'data-access-intent': 'ReadWrite' } })).body['city'],
    ).toBe('After');
    await sandbox.control('POST', '/settings', { BUSINESS: { replicaLagMs: 1 } });
    await expect.poll(async () => (await asReplica(id)).body['city']).toBe('After');
  });
});
