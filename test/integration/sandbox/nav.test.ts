import { afterEach, describe, expect, test } from 'vitest';
import { errorOf, type Reply, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
const company = "Company('CRONUS%20International%20Ltd.')";

const ask = (
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
    key = 'sandbox-key',
  }: { method?: string; headers?: Record<string, string>; body?: unknown; key?: string } = {},
): Promise<Reply> =>
  sandbox.plain(`${sandbox.url}/DynamicsNAV110/ODataV4/${path}`, {
    method,
    body,
    headers: { authorization: `Basic ${Buffer.from(`sandbox:${key}`).toString('base64')}`, ...headers },
  });

const settings = (NAV: object) => sandbox.control('POST', '/settings', { NAV });

/** Numbers are those of the list of what the sandbox imitates of Business Central and NAV. */
describe('the web services', () => {
  afterEach(() => sandbox.control('DELETE', '/settings'));

  test('NAV 1: shows the same data as the API of Business Central', async () => {
    const [row] = rowsOf((await ask(`${company}/Customer?$top=1`)).body);
    const { body } = await sandbox.business(
      `${await sandbox.company()}/customers?$filter=number eq '${String(row?.['No'])}'`,
    );
    expect(rowsOf(body)[0]).toMatchObject({ city: row?.['City'], email: row?.['E_Mail'] });
  });

  test('NAV 2: takes a web service access key, and answers 401 to another one and 405 while services are off', async () => {
    const refused = await ask('Company', { key: 'wrong' });
    expect([refused.status, errorOf(refused).code]).toEqual([401, 'Authentication_InvalidCredentials']);
    expect(refused.headers.get('www-authenticate')).toContain('Basic');
    await settings({ servicesEnabled: false });
    expect((await ask('Company')).status).toBe(405);
  });

  test('NAV 3: routes by the name of the company', async () => {
    expect(rowsOf((await ask('Company')).body)).toContainEqual({ Name: 'CRONUS International Ltd.' });
    expect(errorOf(await ask("Company('Nobody')/Customer")).code).toBe('Internal_CompanyNotFound');
  });

  test('NAV 5: changes nothing without If-Match or with a stale one', async () => {
    const address = await firstAddress();
    const missing = await ask(address, { method: 'PATCH', body: { Phone_No: '1' } });
    expect(errorOf(missing).code).toBe('BadRequest_InvalidToken');
    const stale = await ask(address, { method: 'PATCH', body: { Phone_No: '1' }, headers: { 'if-match': 'W/"old"' } });
    expect([stale.status, errorOf(stale).code]).toEqual([409, 'Request_EntityChanged']);
  });

  test('NAV 6: a record with another number is at another address, and no longer at the old one', async () => {
    const made = await ask(`${company}/Customer`, { method: 'POST', body: { Name: 'Renamed' } });
    const address = `${company}/Customer('${String(made.body['No'])}')`;
    const renamed = await ask(address, { method: 'PATCH', body: { No: "R/1 'A'" }, headers: { 'if-match': '*' } });
    expect(renamed.body['No']).toBe("R/1 'A'");
    expect((await ask(address)).status).toBe(404);
    expect((await ask(`${company}/Customer('R%2F1%20''A''')`)).body['Name']).toBe('Renamed');
  });

  test('NAV 7: gives pages of the server’s own size, whatever is asked where the build does not care', async () => {
    await settings({ maxPageSize: 7, respectsMaxPageSize: false });
    const page = await ask(`${company}/Customer`, { headers: { prefer: 'odata.maxpagesize=3' } });
    expect(rowsOf(page.body)).toHaveLength(7);
    expect(page.body['@odata.nextLink']).toContain('$skiptoken=');
  });

  test('NAV 11: tells the day of a change, the moment where the page has it, and deletions by Integration Record', async () => {
    const [row] = rowsOf((await ask(`${company}/Customer?$top=1`)).body);
    expect(row?.['Last_Date_Modified']).toMatch(/^\d{4}-\d\d-\d\d$/);
    await settings({ dateTimeColumns: true, integrationRecords: true });
    const made = await ask(`${company}/Customer`, { method: 'POST', body: { Name: 'Short-lived' } });
    expect(made.body['Last_Modified_Date_Time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    const number = String(made.body['No']);
    await ask(`${company}/Customer('${number}')`, { method: 'DELETE', headers: { 'if-match': '*' } });
    const records = await ask(
      `${company}/IntegrationRecords?$filter=Table_ID eq 18 and Deleted_On ge 2000-01-01T00:00:00Z`,
    );
    expect(rowsOf(records.body).map((record) => record['Record_ID'])).toContain(`Customer: ${number}`);
  });

  test('NAV 14: cuts nothing silently: a name longer than the 50 characters of NAV 2018 is refused', async () => {
    const refused = await ask(`${company}/Customer`, { method: 'POST', body: { Name: 'x'.repeat(51) } });
    expect(errorOf(refused).code).toBe('Application_StringExceededLength');
  });

  test('NAV 24: names fields as pages do, addresses composite keys, and can show ETag, _blank_ and a page that asks', async () => {
    const [price] = rowsOf((await ask(`${company}/SalesPrices?$top=1`)).body);
    const key = `Item_No='${String(price?.['Item_No'])}',Sales_Type='${String(price?.['Sales_Type'])}',Sales_Code='${String(price?.['Sales_Code'])}',Starting_Date=${String(price?.['Starting_Date'])},Currency_Code='${String(price?.['Currency_Code'])}',Variant_Code='',Unit_of_Measure_Code='${String(price?.['Unit_of_Measure_Code'])}',Minimum_Quantity=${String(price?.['Minimum_Quantity'])}`;
    expect((await ask(`${company}/SalesPrices(${encodeURIComponent(key)})`)).body['Unit_Price']).toBe(
      price?.['Unit_Price'],
    );
    expect((await ask(`${company}/SalesPrices(Item_No='1000')`)).status).toBe(400);
    await settings({ etagProperty: true, blankOption: '_blank_', asksAbout: ['Customer.Credit_Limit_LCY'] });
    const rows = rowsOf((await ask(`${company}/Customer?$top=20`)).body);
    expect(rows.map((row) => row['Blocked'])).toContain('_blank_');
    expect(rows[0]?.['ETag']).toMatch(/^\d+;.+;\d+;$/);
    const asked = await ask(await firstAddress(), {
      method: 'PATCH',
      body: { Credit_Limit_LCY: 1 },
      headers: { 'if-match': '*' },
    });
    expect(errorOf(asked).code).toBe('Application_CallbackNotAllowed');
  });

  test('NAV 25: a page that is not published answers 404 BadRequest_ResourceNotFound', async () => {
    await settings({ unpublished: ['Resource'] });
    const missing = await ask(`${company}/Resource`);
    expect([missing.status, errorOf(missing).code]).toEqual([404, 'BadRequest_ResourceNotFound']);
  });

  test('NAV 17: takes no batch, or one in multipart where the settings say so', async () => {
    const body = `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET ${company}/Customer?$top=1 HTTP/1.1\r\n\r\n\r\n--b--\r\n`;
    const send = () =>
      ask('$batch', { method: 'POST', body, headers: { 'content-type': 'multipart/mixed; boundary=b' } });
    expect((await send()).status).toBe(404);
    await settings({ multipartBatch: true });
    const reply = await send();
    expect([reply.status, reply.text.includes('HTTP/1.1 200 OK')]).toEqual([200, true]);
    expect(reply.text).toContain('"Credit_Limit_LCY"');
  });

  async function firstAddress(): Promise<string> {
    const [row] = rowsOf((await ask(`${company}/Customer?$top=1`)).body);
    return `${company}/Customer('${String(row?.['No'])}')`;
  }
});
