import { describe, expect, test } from 'vitest';
import { allPages, errorOf, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();

const firstAccount = async (query = '') => rowsOf((await sandbox.sales(`accounts?$top=1${query}`)).body)[0] ?? {};

describe('a list', () => {
  test('Dataverse 3: shows the selected columns, the primary key and the etag, under an address of the own host', async () => {
    const { body } = await sandbox.sales('accounts?$select=name&$top=3');
    expect(body['@odata.context']).toBe(`${sandbox.dataverse}$metadata#accounts(name)`);
    expect(rowsOf(body)).toHaveLength(3);
    for (const row of rowsOf(body)) {
      expect(Object.keys(row).sort()).toEqual(['@odata.etag', 'accountid', 'name']);
      expect(row['@odata.etag']).toMatch(/^W\/"\d+"$/);
    }
  });

  test('shows lookups as ids and blank columns as null when nothing is selected', async () => {
    const row = await firstAccount();
    expect(row['_ownerid_value']).toMatch(/^[\da-f-]{36}$/);
    expect(row['description']).toBeNull();
    expect(row).not.toHaveProperty('ownerid');
    expect(row['modifiedon']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test.each([
    { query: 'Accounts', status: 404, code: '0x8006088a' },
    { query: 'accounts?$select=nosuch', status: 400, code: '0x0' },
    { query: 'accounts?$filter=nosuch eq 1', status: 400, code: '0x0' },
    { query: 'accounts?$filter=name eq', status: 400, code: '0x0' },
    { query: 'accounts?$skip=3', status: 400, code: '0x80060888' },
    { query: 'accounts?$orderby=nosuch', status: 400, code: '0x0' },
  ])('Dataverse 4: refuses $query with $status $code', async ({ query, status, code }) => {
    const reply = await sandbox.sales(query);
    expect([reply.status, errorOf(reply).code]).toEqual([status, code]);
  });

  test('Dataverse 4: names the unknown property', async () => {
    const reply = await sandbox.sales('accounts?$select=nosuch');
    expect(errorOf(reply).message).toBe(
      "Could not find a property named 'nosuch' on type 'Microsoft.Dynamics.CRM.account'.",
    );
  });

  test('Dataverse 5: counts, and tells totals when asked for annotations', async () => {
    const plain = await sandbox.sales('accounts?$select=name&$top=1&$count=true');
    expect(plain.body['@odata.count']).toBe(150);
    const annotated = await sandbox.sales('accounts?$top=1&$count=true', {
      headers: { prefer: 'odata.include-annotations="*"' },
    });
    expect(annotated.body).toMatchObject({ '@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded': false });
    expect((await sandbox.sales('accounts/$count')).text).toBe('150');
  });
});

describe('Dataverse 5: a filter', () => {
  const made = async (values: Record<string, unknown>) => {
    const reply = await sandbox.sales('accounts?$select=name', {
      method: 'POST',
      body: values,
      headers: { prefer: 'return=representation' },
    });
    return String(reply.body['accountid']);
  };
  const found = async (filter: string) => {
    const { body } = await sandbox.sales(`accounts?$select=name&$filter=${encodeURIComponent(filter)}`);
    return rowsOf(body).map((row) => row['accountid']);
  };

  test('compares text without regard to case, accents and trailing blanks', async () => {
    const id = await made({ name: "Zürcher & Fils d'Été 17" });
    for (const text of ["zurcher & fils d''ete 17", "ZÜRCHER & FILS D''ÉTÉ 17  "])
      expect(await found(`name eq '${text}'`)).toEqual([id]);
    expect(await found("contains(name,'FILS D''ÉTÉ 17')")).toEqual([id]);
    expect(await found("startswith(name,'zürcher') and endswith(name,'17')")).toEqual([id]);
  });

  test('knows numbers, null, instants, or, not, parentheses, In and parameters', async () => {
    const id = await made({ name: 'Filter case 18', numberofemployees: 77_001, accountnumber: 'FILTER-18' });
    expect(await found('numberofemployees gt 77000 and numberofemployees le 77001')).toEqual([id]);
    expect(await found("(name eq 'Filter case 18' or name eq 'nobody') and not (telephone1 ne null)")).toEqual([id]);
    expect(
      await found("Microsoft.Dynamics.CRM.In(PropertyName='accountnumber',PropertyValues=['FILTER-18','x'])"),
    ).toEqual([id]);
    expect(
      await found('Microsoft.Dynamics.CRM.In(PropertyName=\'numberofemployees\',PropertyValues=["77001"])'),
    ).toEqual([id]);
    expect(await found(`accountid eq ${id.toUpperCase()}`)).toEqual([id]);
    const since = new Date(Date.now() - 60_000).toISOString();
    expect(await found(`modifiedon ge ${since} and accountnumber eq 'FILTER-18'`)).toEqual([id]);
    const { body } = await sandbox.sales("accounts?$select=name&$filter=name eq @p1&@p1='Filter case 18'");
    expect(rowsOf(body)).toHaveLength(1);
  });

  test('follows a lookup to the other row', async () => {
    const { body } = await sandbox.sales(
      "accounts?$select=name&$filter=transactioncurrencyid/isocurrencycode eq 'usd'&$expand=transactioncurrencyid($select=isocurrencycode)",
    );
    expect(rowsOf(body).length).toBeGreaterThan(0);
    for (const row of rowsOf(body)) expect(row['transactioncurrencyid']).toMatchObject({ isocurrencycode: 'USD' });
  });
});

describe('Dataverse 6: paging', () => {
  test('gives every row once in pages of the asked size and echoes the preference', async () => {
    const headers = { prefer: 'odata.maxpagesize=40' };
    const pages = await allPages(
      (address) => sandbox.sales(address, { headers }),
      'accounts?$select=name&$orderby=name desc&$filter=statecode eq 0',
    );
    const ids = pages.flatMap(({ body }) => rowsOf(body).map((row) => row['accountid']));
    expect(pages[0]?.headers.get('preference-applied')).toBe('odata.maxpagesize=40');
    expect(rowsOf(pages[0]?.body ?? {})).toHaveLength(40);
    expect(new Set(ids).size).toBe(ids.length);
    const whole = await sandbox.sales('accounts?$select=name&$orderby=name desc&$filter=statecode eq 0');
    expect(ids).toEqual(rowsOf(whole.body).map((row) => row['accountid']));
  });

  test('ignores $top together with a page size', async () => {
    const { body } = await sandbox.sales('accounts?$select=name&$top=2', {
      headers: { prefer: 'odata.maxpagesize=5' },
    });
    expect(rowsOf(body)).toHaveLength(5);
  });

  test('refuses a next link that was altered or extended', async () => {
    const { body } = await sandbox.sales('accounts?$select=name', { headers: { prefer: 'odata.maxpagesize=5' } });
    const next = String(body['@odata.nextLink']);
    expect(next.startsWith(`${sandbox.dataverse}accounts?`)).toBe(true);
    expect((await sandbox.sales(next)).status).toBe(200);
    for (const altered of [
      next.replace('$select=name', '$select=fax'),
      `${next}&$filter=statecode eq 0`,
      next.replace('pagenumber%3D%222', 'pagenumber%3D%223'),
    ])
      expect((await sandbox.sales(altered)).status).toBe(400);
  });
});

describe('one row', () => {
  test('Dataverse 11: answers 304 to the etag that it has, but not with annotations or expansions', async () => {
    const row = await firstAccount('&$select=name');
    const address = `accounts(${String(row['accountid'])})`;
    const etag = String(row['@odata.etag']);
    const ask = (query: string, headers: Record<string, string>) => sandbox.sales(`${address}${query}`, { headers });
    expect((await ask('?$select=name', { 'if-none-match': etag })).status).toBe(304);
    expect((await ask('?$select=name', { 'if-none-match': 'null' })).status).toBe(200);
    expect(
      (await ask('?$select=name', { 'if-none-match': etag, prefer: 'odata.include-annotations="*"' })).status,
    ).toBe(200);
    expect((await ask('?$select=name&$expand=transactioncurrencyid', { 'if-none-match': etag })).status).toBe(200);
  });

  test('that is missing is 404 with the table and id in the text', async () => {
    const id = '00000000-0000-4000-8000-000000000001';
    const reply = await sandbox.sales(`accounts(${id})`);
    expect(reply.status).toBe(404);
    expect(errorOf(reply)).toEqual({ code: '0x80040217', message: `account With Id = ${id} Does Not Exist` });
  });

  test('Dataverse 13: by an alternate key that is not defined is 400', async () => {
    const reply = await sandbox.sales("accounts(accountnumber='1')");
    expect([reply.status, errorOf(reply).code]).toEqual([400, '0x80060890']);
  });

  test('Dataverse 16: shows formatted values and lookup annotations only when they are asked for', async () => {
    const row = await firstAccount('&$select=_ownerid_value,customertypecode&$filter=customertypecode eq 3');
    expect(Object.keys(row).filter((name) => name.includes('@') && name !== '@odata.etag')).toEqual([]);
    const { body } = await sandbox.sales(
      `accounts(${String(row['accountid'])})?$select=_ownerid_value,customertypecode`,
      {
        headers: {
          prefer:
            'odata.include-annotations="OData.Community.Display.V1.FormattedValue,Microsoft.Dynamics.CRM.lookuplogicalname"',
        },
      },
    );
    expect(body).toMatchObject({
      'customertypecode@OData.Community.Display.V1.FormattedValue': 'Customer',
      '_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname': expect.stringMatching(/^(systemuser|team)$/),
    });
    expect(body).not.toHaveProperty('_ownerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty');
    const all = await sandbox.sales(`accounts(${String(row['accountid'])})`, {
      headers: { prefer: 'odata.include-annotations="*"' },
    });
    expect(all.body['_ownerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty']).toBe('ownerid');
  });
});

describe('functions', () => {
  test('Dataverse 27: tell who asks, which version answers and how many rows there are', async () => {
    const who = await sandbox.sales('WhoAmI');
    const user = await sandbox.sales(`systemusers(${String(who.body['UserId'])})?$select=isintegrationuser`);
    expect(user.body['isintegrationuser']).toBe(true);
    const somebody = await sandbox.sales('WhoAmI', { client: 'somebody-else' });
    expect(somebody.body['UserId']).not.toBe(who.body['UserId']);
    expect(who.headers.get('x-ms-dop-hint')).toBe('4');
    expect((await sandbox.sales('RetrieveVersion')).body['Version']).toMatch(/^9\.2\./);
    const totals = await sandbox.sales("RetrieveTotalRecordCount(EntityNames=['transactioncurrency'])");
    expect(totals.body['EntityRecordCountCollection']).toMatchObject({ Keys: ['transactioncurrency'], Values: [4] });
  });

  test('of another API version are refused', async () => {
    const reply = await sandbox.sales(`${sandbox.url}/api/data/WhoAmI`);
    expect([reply.status, errorOf(reply).code]).toEqual([400, '0x80060888']);
  });
});
