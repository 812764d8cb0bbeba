import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, type Reply, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
const REPRESENTATION = { prefer: 'return=representation' };

const post = (body: object, headers: Record<string, string> = {}, set = 'accounts') =>
  sandbox.sales(set, { method: 'POST', body, headers });
const patch = (id: string, body: object, headers: Record<string, string> = {}) =>
  sandbox.sales(`accounts(${id})`, { method: 'PATCH', body, headers });
const read = async (id: string) => (await sandbox.sales(`accounts(${id})`)).body;
const outcome = (reply: Reply) => [reply.status, errorOf(reply).code];

async function created(values: object): Promise<Record<string, unknown> & { accountid: string }> {
  return (await post(values, REPRESENTATION)).body as Record<string, unknown> & { accountid: string };
}

beforeEach(() => sandbox.control('DELETE', '/settings'));

describe('creating', () => {
  test('Dataverse 9: answers 204 with the address of the row in two headers', async () => {
    const reply = await post({ name: 'Plain create' });
    expect(reply.status).toBe(204);
    expect(reply.text).toBe('');
    expect(reply.headers.get('odata-entityid')).toMatch(
      new RegExp(`^${sandbox.dataverse}accounts\\([\\da-f-]{36}\\)$`),
    );
    expect(reply.headers.get('location')).toBe(reply.headers.get('odata-entityid'));
  });

  test('Dataverse 9: answers 201 with the selected columns and the etag when the representation is asked for', async () => {
    const reply = await sandbox.sales('accounts?$select=name', {
      method: 'POST',
      body: { name: 'Shown' },
      headers: REPRESENTATION,
    });
    expect(reply.status).toBe(201);
    expect(Object.keys(reply.body).sort()).toEqual(['@odata.context', '@odata.etag', 'accountid', 'name']);
    expect(reply.headers.get('preference-applied')).toBe('return=representation');
  });

  test('Dataverse 14: takes an own id, once', async () => {
    const accountid = randomUUID();
    expect((await post({ name: 'Own id', accountid })).status).toBe(204);
    expect(outcome(await post({ name: 'Own id', accountid }))).toEqual([412, '0x80040237']);
    expect((await read(accountid))['name']).toBe('Own id');
  });

  test('gives owner, state and stamps', async () => {
    const row = await created({ name: 'Defaults' });
    const who = await sandbox.sales('WhoAmI');
    expect(row).toMatchObject({
      statecode: 0,
      statuscode: 1,
      _ownerid_value: who.body['UserId'],
      _createdby_value: who.body['UserId'],
    });
    expect(row['createdon']).toBe(row['modifiedon']);
  });
});

describe('PATCH', () => {
  test('Dataverse 9: updates with 204, or with 200 and the row', async () => {
    const { accountid } = await created({ name: 'Before' });
    expect((await patch(accountid, { name: 'After' })).status).toBe(204);
    const shown = await patch(accountid, { fax: '12' }, REPRESENTATION);
    expect([shown.status, shown.body['name'], shown.body['fax']]).toEqual([200, 'After', '12']);
  });

  test('Dataverse 10: creates a missing row unless If-Match says that it must be there', async () => {
    const id = randomUUID();
    expect(outcome(await patch(id, { name: 'Upsert' }, { 'if-match': '*' }))).toEqual([404, '0x80040217']);
    expect((await patch(id, { name: 'Upsert' }, REPRESENTATION)).status).toBe(201);
    expect((await read(id))['name']).toBe('Upsert');
  });

  test('Dataverse 10, 14: with If-None-Match: * creates only', async () => {
    const id = randomUUID();
    const only = { 'if-none-match': '*' };
    expect((await patch(id, { name: 'Once' }, only)).status).toBe(204);
    expect(outcome(await patch(id, { name: 'Twice' }, only))).toEqual([412, '0x80040237']);
    expect((await read(id))['name']).toBe('Once');
  });

  test('Dataverse 10: with a stale etag changes nothing', async () => {
    const row = await created({ name: 'Etag' });
    const stale = String(row['@odata.etag']);
    const fresh = await patch(row.accountid, { name: 'Etag 2' }, { ...REPRESENTATION, 'if-match': stale });
    expect(fresh.status).toBe(200);
    const refused = await patch(row.accountid, { name: 'Etag 3' }, { 'if-match': stale });
    expect(outcome(refused)).toEqual([412, '0x80060882']);
    expect(errorOf(refused).message).toBe(
      "The version of the existing record doesn't match the RowVersion property provided.",
    );
    expect((await read(row.accountid))['name']).toBe('Etag 2');
  });

  test('Dataverse 10: of equal values moves the etag all the same', async () => {
    const row = await created({ name: 'Same' });
    const again = await patch(row.accountid, { name: 'Same' }, REPRESENTATION);
    expect(again.body['@odata.etag']).not.toBe(row['@odata.etag']);
  });
});

describe('deleting', () => {
  test('Dataverse 9: answers 204 and then 404', async () => {
    const { accountid } = await created({ name: 'Gone' });
    const remove = () => sandbox.sales(`accounts(${accountid})`, { method: 'DELETE' });
    expect((await remove()).status).toBe(204);
    expect(outcome(await remove())).toEqual([404, '0x80040217']);
  });

  test('respects If-Match', async () => {
    const row = await created({ name: 'Kept' });
    const reply = await sandbox.sales(`accounts(${row.accountid})`, {
      method: 'DELETE',
      headers: { 'if-match': 'W/"1"' },
    });
    expect(outcome(reply)).toEqual([412, '0x80060882']);
  });

  test('clears lookups to the row, and is refused for a currency in use', async () => {
    const parent = await created({ name: 'Parent' });
    const child = await created({ name: 'Child', 'parentaccountid@odata.bind': `/accounts(${parent.accountid})` });
    await sandbox.sales(`accounts(${parent.accountid})`, { method: 'DELETE' });
    expect((await read(child.accountid))['_parentaccountid_value']).toBeNull();
    const euro = rowsOf((await sandbox.sales("transactioncurrencies?$filter=isocurrencycode eq 'EUR'")).body)[0];
    const reply = await sandbox.sales(`transactioncurrencies(${String(euro?.['transactioncurrencyid'])})`, {
      method: 'DELETE',
    });
    expect(outcome(reply)).toEqual([400, '0x80040227']);
  });

  test('of a property clears it', async () => {
    const { accountid } = await created({ name: 'Property', fax: '7' });
    expect((await sandbox.sales(`accounts(${accountid})/fax`, { method: 'DELETE' })).status).toBe(204);
    expect((await read(accountid))['fax']).toBeNull();
    await sandbox.sales(`accounts(${accountid})/fax`, { method: 'PUT', body: { value: '8' } });
    expect((await read(accountid))['fax']).toBe('8');
  });
});

describe('Dataverse 15: lookups', () => {
  const user = async () =>
    rowsOf((await sandbox.sales('systemusers?$filter=isdisabled eq false and islicensed eq true&$top=1')).body)[0]?.[
      'systemuserid'
    ];

  test('are bound by relative or absolute addresses, and cleared by null', async () => {
    const parent = await created({ name: 'Bind parent' });
    const { accountid } = await created({
      name: 'Bind',
      'ownerid@odata.bind': `/systemusers(${String(await user())})`,
    });
    expect((await read(accountid))['_ownerid_value']).toBe(await user());
    await patch(accountid, { 'parentaccountid@odata.bind': `${sandbox.dataverse}accounts(${parent.accountid})` });
    expect((await read(accountid))['_parentaccountid_value']).toBe(parent.accountid);
    await patch(accountid, { 'parentaccountid@odata.bind': null });
    expect((await read(accountid))['_parentaccountid_value']).toBeNull();
  });

  test('are bound by an alternate key', async () => {
    await sandbox.control('POST', '/settings', { SALES: { alternateKeys: ['account:accountnumber'] } });
    const parent = await created({ name: 'Key parent', accountnumber: 'KEY-BIND' });
    const child = await created({
      name: 'Key child',
      'parentaccountid@odata.bind': "/accounts(accountnumber='KEY-BIND')",
    });
    expect(child['_parentaccountid_value']).toBe(parent.accountid);
    const missing = await post({ name: 'x', 'parentaccountid@odata.bind': "/accounts(accountnumber='nobody')" });
    expect(outcome(missing)).toEqual([404, '0x80060891']);
  });

  test('to a team show the table of the target', async () => {
    const team = rowsOf((await sandbox.sales('teams')).body)[0]?.['teamid'];
    const { accountid } = await created({ name: 'Team', 'ownerid@odata.bind': `/teams(${String(team)})` });
    const { body } = await sandbox.sales(
      `accounts(${accountid})?$select=_ownerid_value,_owningteam_value,_owninguser_value`,
      { headers: { prefer: 'odata.include-annotations="*"' } },
    );
    expect(body).toMatchObject({
      '_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'team',
      _owningteam_value: team,
      _owninguser_value: null,
    });
  });

  test.each([
    {
      name: 'an unknown row',
      bind: { 'parentaccountid@odata.bind': `/accounts(${randomUUID()})` },
      status: 404,
      code: '0x80040217',
    },
    {
      name: 'a navigation property in the wrong case',
      bind: { 'ParentAccountId@odata.bind': null },
      status: 400,
      code: '0x80048d19',
    },
    { name: 'the plain column', bind: { parentaccountid: null }, status: 400, code: '0x80048d19' },
    { name: 'the read name', bind: { _parentaccountid_value: null }, status: 400, code: '0x80048d19' },
  ])('refuse $name', async ({ bind, status, code }) => {
    expect(outcome(await post({ name: 'Bad bind', ...bind }))).toEqual([status, code]);
  });

  test('refuse a disabled user as owner', async () => {
    const disabled = rowsOf((await sandbox.sales('systemusers?$filter=isdisabled eq true')).body)[0]?.['systemuserid'];
    expect(
      outcome(await post({ name: 'Disabled', 'ownerid@odata.bind': `/systemusers(${String(disabled)})` })),
    ).toEqual([403, '0x80040225']);
  });
});

describe('Dataverse 17: values', () => {
  test.each([
    { name: 'a text that is too long', values: { fax: 'x'.repeat(51) }, code: '0x80044331' },
    { name: 'an option that does not exist', values: { customertypecode: 99 }, code: '0x8004431A' },
    { name: 'a number out of range', values: { numberofemployees: -1 }, code: '0x80044330' },
    { name: 'an unknown column', values: { nosuch: 1 }, code: '0x80048d19' },
    { name: 'a text for a number', values: { numberofemployees: '7' }, code: '0x80048d19' },
    { name: 'a status of another state', values: { statecode: 0, statuscode: 2 }, code: '0x80048408' },
  ])('of $name are refused', async ({ values, code }) => {
    const { accountid } = await created({ name: 'Values' });
    expect(outcome(await patch(accountid, values))).toEqual([400, code]);
  });

  test('too long are refused with the attribute, entity and length in the text', async () => {
    expect(errorOf(await post({ name: 'x'.repeat(161) })).message).toBe(
      "A validation error occurred.  The length of the 'name' attribute of the 'account' entity exceeded the maximum allowed length of '160'.",
    );
  });

  test('that are empty texts become null, and money is rounded and shown in base currency', async () => {
    const usd = rowsOf((await sandbox.sales("transactioncurrencies?$filter=isocurrencycode eq 'USD'")).body)[0];
    const row = await created({
      name: 'Money',
      fax: '',
      creditlimit: 1_234.567,
      'transactioncurrencyid@odata.bind': `/transactioncurrencies(${String(usd?.['transactioncurrencyid'])})`,
    });
    expect(row['fax']).toBeNull();
    expect(row['creditlimit']).toBe(1_234.57);
    expect(row['creditlimit_base']).toBeCloseTo(1_234.57 / 1.09, 4);
    expect(row['exchangerate']).toBe(1.09);
  });

  test('that are days have no time, and moments whole seconds in UTC', async () => {
    const reply = await sandbox.sales('contacts?$select=birthdate,createdon', {
      method: 'POST',
      body: { lastname: 'Dated', birthdate: '1985-03-31' },
      headers: REPRESENTATION,
    });
    expect(reply.body['birthdate']).toBe('1985-03-31');
    expect(reply.body['createdon']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const refused = await post({ lastname: 'Dated', birthdate: '1985-03-31T10:00:00Z' }, {}, 'contacts');
    expect(refused.status).toBe(400);
  });

  test('of money without a currency take the base currency', async () => {
    const organization = rowsOf((await sandbox.sales('organizations')).body)[0];
    const row = await created({ name: 'Base', creditlimit: 5 });
    expect(row['_transactioncurrencyid_value']).toBe(organization?.['_basecurrencyid_value']);
  });

  test('Dataverse 18: of read-only columns are left out, or refused when the settings say so', async () => {
    const row = await created({ name: 'Read only', createdon: '2001-01-01T00:00:00Z', creditlimit_base: 9 });
    expect(row['createdon']).not.toBe('2001-01-01T00:00:00Z');
    await sandbox.control('POST', '/settings', { SALES: { readOnlyColumns: 'refused' } });
    const refused = await post({ name: 'Read only', createdon: '2001-01-01T00:00:00Z' });
    expect(refused.status).toBe(400);
  });

  test('Dataverse 19: of state imply the status and the other way round; a new row is active', async () => {
    const { accountid } = await created({ name: 'State' });
    await patch(accountid, { statecode: 1 });
    expect(await read(accountid)).toMatchObject({ statecode: 1, statuscode: 2 });
    await patch(accountid, { statuscode: 1 });
    expect(await read(accountid)).toMatchObject({ statecode: 0, statuscode: 1 });
    expect(outcome(await post({ name: 'State', statecode: 1, statuscode: 2 }))).toEqual([400, '0x80048408']);
  });
});

describe('currencies', () => {
  const yen = {
    isocurrencycode: 'JPY',
    currencyname: 'Yen',
    currencysymbol: '¥',
    currencyprecision: 0,
    exchangerate: 160.123456789,
  };

  test('keep an ISO code once, and for ever', async () => {
    const first = await post(yen, REPRESENTATION, 'transactioncurrencies');
    expect(first.status).toBe(201);
    expect(errorOf(await post(yen, {}, 'transactioncurrencies')).code).toBe('0x80048cf3');
    const id = String(first.body['transactioncurrencyid']);
    await sandbox.sales(`transactioncurrencies(${id})`, {
      method: 'PATCH',
      body: { isocurrencycode: 'XXX', currencysymbol: 'Y' },
    });
    expect((await sandbox.sales(`transactioncurrencies(${id})`)).body).toMatchObject({
      isocurrencycode: 'JPY',
      currencysymbol: 'Y',
      exchangerate: 160.123456789,
    });
  });

  test('need all that the platform requires', async () => {
    expect(outcome(await post({ isocurrencycode: 'NOK' }, {}, 'transactioncurrencies'))).toEqual([400, '0x80040203']);
    expect(outcome(await post({ ...yen, isocurrencycode: 'FUNDAX' }, {}, 'transactioncurrencies'))).toEqual([
      400,
      '0x80044331',
    ]);
  });
});

describe('rules of the organisation', () => {
  test('Dataverse 24: users are not written through the role of the service', async () => {
    const user = rowsOf((await sandbox.sales('systemusers?$top=1')).body)[0];
    const reply = await sandbox.sales(`systemusers(${String(user?.['systemuserid'])})`, {
      method: 'PATCH',
      body: { jobtitle: 'x' },
    });
    expect(outcome(reply)).toEqual([403, '0x80040220']);
  });

  test('Dataverse 24: a privilege that the settings take away is missed by table and operation, with its text', async () => {
    const { accountid } = await created({ name: 'Privileged' });
    await sandbox.control('POST', '/settings', {
      SALES: { missingPrivileges: ['Create account', 'Write contact', 'Delete account', 'Read uom'] },
    });
    const refused = await post({ name: 'Not allowed' });
    expect(outcome(refused)).toEqual([403, '0x80040220']);
    expect(errorOf(refused).message).toMatch(
      /^Principal user \(Id=[\da-f-]{36}, type=8\) is missing prvCreateaccount privilege/,
    );
    expect((await patch(accountid, { fax: '1' })).status).toBe(204);
    expect(outcome(await sandbox.sales(`accounts(${accountid})`, { method: 'DELETE' }))).toEqual([403, '0x80040220']);
    expect(outcome(await sandbox.sales('uoms'))).toEqual([403, '0x80040220']);
    expect((await sandbox.sales('accounts?$top=1')).status).toBe(200);
  });

  test('Dataverse 24: a row that is not shared with the service is read, and neither changed nor deleted', async () => {
    const { accountid } = await created({ name: 'Not shared' });
    await sandbox.control('POST', '/settings', { SALES: { lockedRows: [accountid] } });
    const refused = await patch(accountid, { fax: '1' });
    expect(outcome(refused)).toEqual([403, '0x80048306']);
    expect(errorOf(refused).message).toContain(
      `does not have WriteAccess right(s) for record with id ${accountid} of entity account`,
    );
    expect(outcome(await sandbox.sales(`accounts(${accountid})`, { method: 'DELETE' }))).toEqual([403, '0x80048306']);
    expect((await read(accountid))['fax']).toBeNull();
  });

  test.each(['CallerObjectId', 'MSCRMCallerID'])(
    'Dataverse 29: %s names who a change is by; without it the service is recognised by its user',
    async (header) => {
      const own = String((await sandbox.sales('WhoAmI')).body['UserId']);
      const other = rowsOf((await sandbox.sales("systemusers?$filter=lastname eq 'Norden'")).body)[0]?.['systemuserid'];
      const { accountid } = await created({ name: 'By somebody' });
      expect((await read(accountid))['_modifiedby_value']).toBe(own);
      await sandbox.sales(`accounts(${accountid})`, {
        method: 'PATCH',
        body: { fax: '1' },
        headers: { [header]: String(other) },
      });
      expect(await read(accountid)).toMatchObject({ _modifiedby_value: other, _createdby_value: own });
      const unknown = await sandbox.sales('accounts?$top=1', {
        headers: { [header]: '00000000-0000-0000-0000-000000000001' },
      });
      expect(outcome(unknown)).toEqual([403, '0x80072560']);
    },
  );

  test('Dataverse 26: a plug-in refuses the values that the settings name', async () => {
    await sandbox.control('POST', '/settings', { SALES: { refusedByPlugin: ['account.fax=666'] } });
    expect(outcome(await post({ name: 'Plug-in', fax: '666' }))).toEqual([400, '0x80040265']);
    expect((await post({ name: 'Plug-in', fax: '667' })).status).toBe(204);
  });

  test('Dataverse 12, 13: an alternate key that the settings define is unique, addresses rows, and shows in the answer', async () => {
    await sandbox.control('POST', '/settings', { SALES: { alternateKeys: ['account:accountnumber'] } });
    const byKey = "accounts(accountnumber='KEY-1')";
    const made = await sandbox.sales(byKey, { method: 'PATCH', body: { name: 'By key' } });
    expect([made.status, made.headers.get('odata-entityid')]).toEqual([204, `${sandbox.dataverse}${byKey}`]);
    expect((await sandbox.sales(byKey)).body).toMatchObject({ name: 'By key', accountnumber: 'KEY-1' });
    expect(outcome(await post({ name: 'Second', accountnumber: 'key-1' }))).toEqual([412, '0x80060892']);
    expect((await post({ name: 'Blank key' })).status).toBe(204);
    expect((await post({ name: 'Blank key' })).status).toBe(204);
    await sandbox.sales(byKey, { method: 'PATCH', body: { name: 'Updated', accountnumber: 'OTHER' } });
    expect((await sandbox.sales(byKey)).body).toMatchObject({ name: 'Updated', accountnumber: 'KEY-1' });
    expect(outcome(await sandbox.sales("accounts(accountnumber='nobody')"))).toEqual([404, '0x80060891']);
  });
});
