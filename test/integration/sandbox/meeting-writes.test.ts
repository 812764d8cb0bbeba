import { beforeEach, describe, expect, test, vi } from 'vitest';
import { errorOf, type Reply, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
beforeEach(async () => {
  await sandbox.control('DELETE', '/settings');
  await sandbox.control('POST', '/reset', {});
});

type Body = Record<string, unknown>;

const set = (settings: object) => sandbox.control('POST', '/settings', settings);
const slowOnce = (system: string, ms: number) =>
  sandbox.control('POST', '/faults', { system, operation: 'update', nth: 1, effect: { kind: 'delay', ms } });
const untilOneIsOpen = () =>
  vi.waitFor(async () => expect((await sandbox.control('GET', '/requests')).body['open']).toHaveLength(1));

describe('two writes of one row at the same time', () => {
  const write = (id: unknown, name: string): Promise<Reply> =>
    sandbox.sales(`accounts(${String(id)})`, { method: 'PATCH', body: { name }, headers: { 'if-match': '*' } });

  test('Dataverse 28: end in a deadlock for the second one in Dataverse, by setting; nothing of it is written', async () => {
    const [account, other] = rowsOf((await sandbox.sales('accounts?$top=2')).body);
    await set({ SALES: { deadlocks: true } });
    await slowOnce('SALES', 800);
    const first = write(account?.['accountid'], 'First');
    await untilOneIsOpen();
    expect((await write(other?.['accountid'], 'Elsewhere')).status).toBe(204);
    const second = await write(account?.['accountid'], 'Second');
    expect([second.status, errorOf(second).code]).toEqual([500, '0x80044150']);
    expect(errorOf(second).message).toContain('Sql Number: 1205');
    expect((await first).status).toBe(204);
    const after = await sandbox.sales(`accounts(${String(account?.['accountid'])})?$select=name`);
    expect(after.body['name']).toBe('First');
    expect((await write(account?.['accountid'], 'Third')).status).toBe(204);
  });

  test('strike single operations of a batch as well', async () => {
    const [account] = rowsOf((await sandbox.sales('accounts?$top=1')).body);
    await set({ SALES: { deadlocks: true } });
    await slowOnce('SALES', 800);
    const first = write(account?.['accountid'], 'First');
    await untilOneIsOpen();
    const lines = [
      '--b',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      `PATCH accounts(${String(account?.['accountid'])}) HTTP/1.1`,
      'Content-Type: application/json',
      '',
      '{"name":"Second"}',
      '--b--',
    ];
    const batch = await sandbox.sales('$batch', {
      method: 'POST',
      body: lines.join('\r\n'),
      headers: { 'content-type': 'multipart/mixed; boundary=b', prefer: 'odata.continue-on-error' },
    });
    expect(batch.text).toContain('0x80044150');
    await first;
  });

  const change = (id: unknown, city: string): Promise<Reply> =>
    sandbox.business(`customers(${String(id)})`, { method: 'PATCH', body: { city }, headers: { 'if-match': '*' } });

  test('Business Central 20: wait for each other in Business Central, by setting, and the second gets a lock error when that takes too long', async () => {
    const [customer] = rowsOf((await sandbox.business('customers?$top=1')).body);
    await set({ BUSINESS: { lockTimeoutMs: 20 } });
    await slowOnce('BUSINESS', 300);
    const first = change(customer?.['id'], 'First');
    await untilOneIsOpen();
    const second = await change(customer?.['id'], 'Second');
    expect(second.status).toBe(400);
    expect(errorOf(second).message).toContain('locked by another user');
    expect((await first).body['city']).toBe('First');
  });

  test('go on in Business Central when the first one ends in time', async () => {
    const [customer] = rowsOf((await sandbox.business('customers?$top=1')).body);
    await set({ BUSINESS: { lockTimeoutMs: 8_000 } });
    await slowOnce('BUSINESS', 100);
    const first = change(customer?.['id'], 'First');
    await untilOneIsOpen();
    expect((await change(customer?.['id'], 'Second')).body['city']).toBe('Second');
    expect((await first).status).toBe(200);
  });
});

describe('Dataverse 20: duplicate detection', () => {
  const make = (body: Body, headers: Record<string, string> = {}) =>
    sandbox.sales('accounts', { method: 'POST', body, headers });
  const wanted = { 'MSCRM.SuppressDuplicateDetection': 'false' };

  test('refuses a second row only when the client wants to be told', async () => {
    expect((await make({ name: 'Twin' })).status).toBe(204);
    expect((await make({ name: 'Twin' })).status).toBe(204);
    const refused = await make({ name: 'TWIN' }, wanted);
    expect([refused.status, errorOf(refused).code]).toEqual([412, '0x80040333']);
    expect(rowsOf((await sandbox.sales("accounts?$filter=name eq 'Twin'")).body)).toHaveLength(2);
    expect((await make({ name: 'Only one' }, wanted)).status).toBe(204);
  });

  test('strikes updates too, follows the published rules, and may answer 500', async () => {
    await set({ SALES: { duplicateRules: ['account:name+address1_city'], duplicateStatus: 500 } });
    await make({ name: 'Twin', address1_city: 'Altfurt' });
    expect((await make({ name: 'Twin', address1_city: 'Seewilen' }, wanted)).status).toBe(204);
    const [second] = rowsOf(
      (await sandbox.sales("accounts?$filter=name eq 'Twin' and address1_city eq 'Seewilen'")).body,
    );
    const moved = await sandbox.sales(`accounts(${String(second?.['accountid'])})`, {
      method: 'PATCH',
      body: { address1_city: 'Altfurt' },
      headers: { ...wanted, 'if-match': '*' },
    });
    expect([moved.status, errorOf(moved).code]).toEqual([500, '0x80040333']);
    expect((await make({ name: 'Nowhere' }, wanted)).status).toBe(204);
    expect((await make({ name: 'Nowhere' }, wanted)).status).toBe(204);
  });
});

describe('Business Central 15: company contacts', () => {
  const business = (address: string, asking = {}) => sandbox.business(`${sandbox.companion}${address}`, asking);
  const companyContacts = async (name: string): Promise<Body[]> =>
    rowsOf((await business(`contacts?$filter=type eq 'Company' and displayName eq '${name}'`)).body);

  test('are not made with a customer unless the company is set up so', async () => {
    await business('customers', { method: 'POST', body: { displayName: 'Plain' } });
    expect(await companyContacts('Plain')).toEqual([]);
  });

  test('come with a new customer, and edits go from either to the other, each a change of its own', async () => {
    await set({ BUSINESS: { companyContacts: true } });
    const customer = (await business('customers', { method: 'POST', body: { displayName: 'Both', city: 'Altfurt' } }))
      .body;
    const [contact] = await companyContacts('Both');
    expect(contact).toMatchObject({ city: 'Altfurt', customerId: customer['id'] });
    const [one, other] = [`customers(${String(customer['id'])})`, `contacts(${String(contact?.['id'])})`];
    const change = (address: string, body: Body) =>
      business(address, { method: 'PATCH', body, headers: { 'if-match': '*' } });
    await change(one, { city: 'Seewilen' });
    expect((await business(other)).body['city']).toBe('Seewilen');
    const before = (await business(one)).body;
    await change(other, { phoneNumber: '+49 555 1' });
    const after = (await business(one)).body;
    expect(after).toMatchObject({ phoneNumber: '+49 555 1', city: 'Seewilen' });
    expect(after['@odata.etag']).not.toBe(before['@odata.etag']);
  });
});
