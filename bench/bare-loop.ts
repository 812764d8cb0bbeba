import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { Pool } from 'undici';
import { type BenchWorld, fieldPairs } from './synchronization-world.ts';

const PAGE = 1_000;
/** Rows of one call, and calls at once: what the sandbox takes fastest. */
const CALL = 250;

type Row = Readonly<Record<string, unknown>>;

/**
 * What a first synchronization costs at least: pages read, fifteen fields mapped, records written in the best batches, and
 * couplings inserted without order. No product code, no intents, no history, no second look at anything.
 */
export async function bareLoop(world: BenchWorld, db: Db): Promise<number> {
  const pool = new Pool(world.sandboxUrl, { connections: 8 });
  const tokens = { '/v2.0': await world.token('BUSINESS_CENTRAL'), '/api/': await world.token('DATAVERSE') };
  const ask = async (method: 'GET' | 'POST', path: string, body?: object, prefer?: string): Promise<Row> => {
    const answer = await pool.request({
      method,
      path,
      headers: {
        authorization: `Bearer ${tokens[path.slice(0, 5) as keyof typeof tokens]}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(prefer === undefined ? {} : { prefer }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Row);
  };
  const couplings = db.collection('bareCouplings');
  const api = '/v2.0/sandbox/production/api/v2.0';
  const [company] = (await ask('GET', `${api}/companies`))['value'] as readonly Row[];
  const columns = [...new Set(fieldPairs.map(([field]) => field)), 'id'].join(',');
  let next: string | undefined = `${api}/companies(${String(company?.['id'])})/customers?$select=${columns}`;
  let count = 0;
  let writing: Promise<unknown> = Promise.resolve();
  while (next !== undefined) {
    const page = await ask('GET', next, undefined, `odata.maxpagesize=${PAGE}`);
    await writing;
    const rows = page['value'] as readonly Row[];
    writing = write(rows);
    count += rows.length;
    const link = page['@odata.nextLink'];
    next = typeof link === 'string' ? link.slice(link.indexOf('/', 8)) : undefined;
  }
  await writing;
  await pool.close();
  return count;

  async function write(rows: readonly Row[]): Promise<void> {
    const pairs = rows.map((row) => ({ businessId: row['id'], accountid: randomUUID(), row }));
    const calls = Array.from({ length: Math.ceil(pairs.length / CALL) }, (_, at) =>
      pairs.slice(at * CALL, (at + 1) * CALL),
    );
    await Promise.all(
      calls.map((call) =>
        ask('POST', '/api/data/v9.2/accounts/Microsoft.Dynamics.CRM.CreateMultiple', {
          Targets: call.map(({ accountid, row }) => ({
            '@odata.type': 'Microsoft.Dynamics.CRM.account',
            accountid,
            ...mapped(row),
          })),
        }),
      ),
    );
    await couplings.insertMany(
      pairs.map(({ businessId, accountid, row }) => ({ businessId, salesId: accountid, bases: mapped(row) })),
      { ordered: false },
    );
  }
}

const mapped = (row: Row): Row =>
  Object.fromEntries(
    fieldPairs.map(([field, integrationField]) => [integrationField, row[field] === '' ? null : row[field]]),
  );
