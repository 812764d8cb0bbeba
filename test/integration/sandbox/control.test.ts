import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { controls } from '../../../src/sandbox/control/page-controls.js';
import { examples } from '../../../src/sandbox/control/page-examples.js';
import { errorOf, type Reply, rowsOf, sandboxForTests } from './sandbox-client.js';

const sandbox = sandboxForTests();
beforeEach(async () => {
  await sandbox.control('DELETE', '/settings');
  await sandbox.control('DELETE', '/faults');
  await sandbox.control('DELETE', '/requests');
});

const plan = (fault: object) => sandbox.control('POST', '/faults', fault);
const createAccount = (name: string) => sandbox.sales('accounts', { method: 'POST', body: { name } });
const countNamed = async (name: string) =>
  rowsOf((await sandbox.sales(`accounts?$select=name&$filter=name eq '${name}'`)).body).length;

interface EventLine {
  readonly event: string;
  readonly id: number;
  readonly entitySet: string;
  readonly kind: string;
  readonly operations: readonly string[];
  readonly status?: number;
  readonly outcome: string;
}

/** Reads the stream of events until one holds, or until the test's time is up. */
async function listen() {
  const controller = new AbortController();
  const response = await fetch(`${sandbox.url}/control/events`, { signal: controller.signal });
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const lines: EventLine[] = [];
  return {
    lines,
    async until(holds: (line: EventLine) => boolean): Promise<EventLine> {
      for (;;) {
        const found = lines.find(holds);
        if (found !== undefined) return found;
        const { value, done } = await reader.read();
        if (done) throw new Error('the stream of events ended');
        text += decoder.decode(value, { stream: true });
        const parts = text.split('\n');
        text = parts.pop() ?? '';
        lines.push(...parts.map((part) => JSON.parse(part) as EventLine));
      }
    },
    stop: () => controller.abort(),
  };
}

describe('what the sandbox tells of itself', () => {
  test('has a page', async () => {
    const page = await sandbox.plain(`${sandbox.url}/`);
    expect(page.headers.get('content-type')).toContain('text/html');
  });

  test('the overview names the service, its data folder and its addresses', async () => {
    const { body } = await sandbox.control('GET', '');
    expect(body).toMatchObject({
      service: 'tandem-sandbox',
      dataDir: null,
      seed: 'tandem',
      addresses: { dataverse: sandbox.dataverse },
    });
  });

  test('an unknown control or address is told what there is', async () => {
    const reply = await sandbox.control('GET', '/nosuch');
    expect([reply.status, String(reply.body['error'])]).toEqual([
      404,
      expect.stringContaining('GET /control/requests'),
    ]);
    expect((await sandbox.plain(`${sandbox.url}/nosuch`)).status).toBe(404);
  });
});

describe('reset', () => {
  test('gives the same data for the same seed, and other data for another', async () => {
    const names = async () =>
      rowsOf((await sandbox.sales('accounts?$select=name')).body).map((row) => [row['accountid'], row['name']]);
    await sandbox.control('POST', '/reset', { seed: 'one' });
    const first = await names();
    await createAccount('Extra');
    await sandbox.control('POST', '/reset', { seed: 'one' });
    expect(await names()).toEqual(first);
    await sandbox.control('POST', '/reset', { seed: 'two' });
    expect(await names()).not.toEqual(first);
    await sandbox.control('POST', '/reset', { seed: 'tandem' });
  });

  test('makes worlds of the asked size; etags never come back', async () => {
    const etags = async () =>
      rowsOf((await sandbox.sales('accounts?$select=name')).body).map((row) => String(row['@odata.etag']));
    const before = await etags();
    await sandbox.control('POST', '/reset', { sizes: { customers: 10, accounts: 20 } });
    const after = await etags();
    expect(after).toHaveLength(20);
    expect(before.filter((etag) => after.includes(etag))).toEqual([]);
    await sandbox.control('POST', '/reset', {});
  });

  test('refuses what it does not know', async () => {
    const reply = await sandbox.control('POST', '/reset', { sizes: { customer: 3 } });
    expect([reply.status, reply.body['error']]).toEqual([
      400,
      'reset.sizes.customer: no such size; there are customers, accounts, people, contacts, items, products, invoices',
    ]);
  });
});

describe('settings', () => {
  test('are changed together or not at all, and wrong ones are named', async () => {
    const reply = await sandbox.control('POST', '/settings', {
      SALES: { latencyMs: 5, pageSize: 1 },
      BUSINESS: { staleEtagStatus: 500 },
    });
    expect(reply.status).toBe(400);
    expect(reply.body['error']).toContain('SALES.pageSize: no such setting');
    expect(reply.body['error']).toContain('BUSINESS.staleEtagStatus: expected one of 409, 412, got 500');
    expect((await sandbox.control('GET', '/settings')).body['SALES']).toMatchObject({ latencyMs: 0 });
  });

  test('move the clock of one side', async () => {
    await sandbox.control('POST', '/settings', { BUSINESS: { clockOffsetMs: -3_600_000 } });
    const reply = await sandbox.business('companies');
    const behind = Date.now() - Date.parse(reply.headers.get('date') ?? '');
    expect(behind).toBeGreaterThan(3_590_000);
    const sales = await sandbox.sales('WhoAmI');
    expect(Math.abs(Date.now() - Date.parse(sales.headers.get('date') ?? ''))).toBeLessThan(10_000);
  });
});

describe('an edit by somebody else', () => {
  test('creates, changes and deletes in Dataverse, under another user', async () => {
    const made = await sandbox.control('POST', '/edit', {
      system: 'SALES',
      entitySet: 'accounts',
      values: { name: 'By a person' },
    });
    const id = String(made.body['accountid']);
    const who = await sandbox.sales('WhoAmI');
    const row = (await sandbox.sales(`accounts(${id})`)).body;
    expect(row['name']).toBe('By a person');
    expect(row['_modifiedby_value']).not.toBe(who.body['UserId']);
    await sandbox.control('POST', '/edit', { system: 'SALES', entitySet: 'accounts', id, values: { fax: '9' } });
    expect((await sandbox.sales(`accounts(${id})`)).body['fax']).toBe('9');
    await sandbox.control('POST', '/edit', { system: 'SALES', entitySet: 'accounts', id, action: 'delete' });
    expect((await sandbox.sales(`accounts(${id})`)).status).toBe(404);
  });

  test('may change users, which the role of the service may not', async () => {
    const user = rowsOf((await sandbox.sales('systemusers?$top=1')).body)[0];
    const reply = await sandbox.control('POST', '/edit', {
      system: 'SALES',
      entitySet: 'systemusers',
      id: user?.['systemuserid'],
      values: { jobtitle: 'Chief' },
    });
    expect(reply.body['jobtitle']).toBe('Chief');
  });

  test('Business Central 9: in Business Central can be committed late, with an older time of change', async () => {
    const reply = await sandbox.control('POST', '/edit', {
      system: 'BUSINESS',
      entitySet: 'customers',
      values: { displayName: 'Late' },
      committedLateSeconds: 600,
    });
    const age = Date.now() - Date.parse(String(reply.body['lastModifiedDateTime']));
    expect(age).toBeGreaterThan(599_000);
    expect(age).toBeLessThan(660_000);
  });

  test('Business Central 10: of a calculated value moves neither etag nor time of change', async () => {
    const before = rowsOf((await sandbox.business('customers?$top=1')).body)[0];
    await sandbox.control('POST', '/edit', {
      system: 'BUSINESS',
      entitySet: 'customers',
      id: before?.['id'],
      values: { balanceDue: 123_456 },
    });
    const after = rowsOf((await sandbox.business('customers?$top=1')).body)[0];
    expect(after).toEqual({ ...before, balanceDue: 123_456 });
  });

  test('that the system refuses, or that is not understood, is told', async () => {
    const refused = await sandbox.control('POST', '/edit', {
      system: 'SALES',
      entitySet: 'accounts',
      values: { fax: 'x'.repeat(60) },
    });
    expect([refused.status, String(refused.body['error'])]).toEqual([400, expect.stringContaining('0x80044331')]);
    const wrong = await sandbox.control('POST', '/edit', { system: 'CRM', entitySet: 'accounts' });
    expect(wrong.body['error']).toBe('edit.system: expected BUSINESS or SALES, got "CRM"');
  });
});

describe('Dataverse 25, Business Central 23: a fault', () => {
  test('before the operation resets the connection and does nothing', async () => {
    await plan({ system: 'SALES', operation: 'create', times: 1, effect: 'resetBefore' });
    await expect(createAccount('Reset before')).rejects.toThrow('fetch failed');
    expect(await countNamed('Reset before')).toBe(0);
    expect((await createAccount('Reset before')).status).toBe(204);
  });

  test('after the operation resets the connection although it was done', async () => {
    await plan({ system: 'SALES', operation: 'create', nth: 1, effect: { kind: 'resetAfter' } });
    await expect(createAccount('Reset after')).rejects.toThrow('fetch failed');
    expect(await countNamed('Reset after')).toBe(1);
  });

  test.each([
    { status: 429, retryAfterSeconds: 3, type: 'application/json', retry: '3' },
    { status: 503, type: 'text/html', retry: null },
    { status: 500, type: 'application/json', retry: null },
  ])('answers $status in the form that the real system has', async ({ type, retry, ...effect }) => {
    await plan({ system: 'SALES', effect: { kind: 'status', ...effect } });
    const reply = await createAccount('Status');
    expect(reply.status).toBe(effect.status);
    expect(reply.headers.get('content-type')).toContain(type);
    expect(reply.headers.get('retry-after')).toBe(retry);
    await sandbox.control('DELETE', '/faults');
    expect(await countNamed('Status')).toBe(0);
  });

  test('strikes the nth match only, as often as asked', async () => {
    await plan({
      system: 'BUSINESS',
      entitySet: 'companies',
      nth: 2,
      times: 2,
      effect: { kind: 'error', status: 500, code: 'Internal_ServerError', message: 'x' },
    });
    const statuses: number[] = [];
    for (let at = 0; at < 5; at++) statuses.push((await sandbox.business('companies')).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
    const listed = (await sandbox.control('GET', '/faults')).body as unknown as object[];
    expect(listed).toEqual([expect.objectContaining({ matched: 5, struck: 2 })]);
  });

  test('with a probability strikes the same operations for the same seed', async () => {
    const run = async (seed: string) => {
      await sandbox.control('DELETE', '/faults');
      await plan({ path: 'WhoAmI', probability: 0.5, seed, effect: { kind: 'status', status: 500 } });
      const statuses: number[] = [];
      for (let at = 0; at < 12; at++) statuses.push((await sandbox.sales('WhoAmI')).status);
      return statuses;
    };
    const first = await run('a');
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await run('a')).toEqual(first);
    expect(await run('b')).not.toEqual(first);
  });

  test('on updates strikes one operation inside a batch of Dataverse', async () => {
    const body = (names: readonly string[]) =>
      `${names.map((name) => `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nPOST accounts HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"name":"${name}"}\r\n`).join('')}--b--\r\n`;
    const send = (names: readonly string[]) =>
      sandbox.sales('$batch', {
        method: 'POST',
        body: body(names),
        headers: { 'content-type': 'multipart/mixed; boundary=b', prefer: 'odata.continue-on-error' },
      });
    await plan({
      system: 'SALES',
      operation: 'create',
      nth: 2,
      effect: { kind: 'error', status: 400, code: '0x80040265', message: 'refused' },
    });
    const reply = await send(['In batch 1', 'In batch 2', 'In batch 3']);
    expect(reply.status).toBe(200);
    expect([...reply.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['204', '400', '204']);
    expect(await countNamed('In batch 2')).toBe(0);
    await sandbox.control('DELETE', '/faults');
    await plan({ system: 'SALES', operation: 'create', nth: 2, effect: 'resetAfter' });
    await expect(send(['Cut 1', 'Cut 2', 'Cut 3'])).rejects.toThrow('fetch failed');
    expect([await countNamed('Cut 1'), await countNamed('Cut 2'), await countNamed('Cut 3')]).toEqual([1, 1, 0]);
  });

  test('strikes one operation inside a batch of Business Central', async () => {
    await plan({
      system: 'BUSINESS',
      operation: 'create',
      entitySet: 'customers',
      nth: 1,
      effect: { kind: 'status', status: 500 },
    });
    const requests = ['a', 'b'].map((id) => ({
      id,
      method: 'POST',
      url: 'customers',
      headers: {},
      body: { displayName: `Struck ${id}` },
    }));
    const reply = await sandbox.business('$batch', {
      method: 'POST',
      body: { requests },
      headers: { accept: 'application/json', prefer: 'odata.continue-on-error' },
    });
    expect((reply.body['responses'] as { status: number }[]).map(({ status }) => status)).toEqual([500, 201]);
  });

  test('on the token endpoint refuses tokens', async () => {
    await plan({ operation: 'token', times: 1, effect: { kind: 'status', status: 503 } });
    expect((await sandbox.askToken({ scope: `${sandbox.url}/.default` })).status).toBe(503);
    expect((await sandbox.askToken({ scope: `${sandbox.url}/.default` })).status).toBe(200);
  });

  test('can break an answer after the operation was done', async () => {
    await plan({ path: 'WhoAmI', nth: 1, effect: 'invalidJson' });
    await plan({ path: 'WhoAmI', nth: 2, effect: 'wrongContentType' });
    await plan({ path: 'WhoAmI', nth: 3, effect: 'truncate' });
    const broken = await sandbox.sales('WhoAmI');
    expect([broken.status, broken.body]).toEqual([200, {}]);
    expect((await sandbox.sales('WhoAmI')).headers.get('content-type')).toBe('text/html');
    await expect(sandbox.sales('WhoAmI')).rejects.toThrow('terminated');
  });

  test('can let an answer trickle in pieces, which is whole in the end', async () => {
    await plan({ path: 'WhoAmI', effect: { kind: 'trickle', ms: 5 } });
    const startedAt = performance.now();
    expect((await sandbox.sales('WhoAmI')).body['UserId']).toBeDefined();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(35);
  });

  test.each([
    ['0x80044150', 'Generic SQL error.'],
    ['0x80044151', 'SQL timeout expired.'],
  ])('answers 500 with the SQL code %s after a delay, and nothing is done', async (code, message) => {
    await plan([
      { system: 'SALES', operation: 'create', effect: { kind: 'delay', ms: 20 } },
      { system: 'SALES', operation: 'create', effect: { kind: 'error', status: 500, code, message } },
    ]);
    const reply = await createAccount('SQL');
    expect([reply.status, (reply.body['error'] as { code: string }).code]).toEqual([500, code]);
    await sandbox.control('DELETE', '/faults');
    expect(await countNamed('SQL')).toBe(0);
  });

  test('that is not understood is refused by name', async () => {
    const cases: readonly [object, string][] = [
      [{ effect: { kind: 'explode' } }, 'fault.effect.kind: expected one of'],
      [{ effect: { kind: 'delay' } }, 'fault.effect.ms: expected a number'],
      [{ operation: 'write', effect: 'hang' }, 'fault.operation: expected one of'],
      [{ nht: 1, effect: 'hang' }, 'fault.nht: no such field'],
    ];
    for (const [fault, text] of cases) {
      const reply = await plan(fault);
      expect([reply.status, String(reply.body['error'])]).toEqual([400, expect.stringContaining(text)]);
    }
    expect((await sandbox.control('GET', '/faults')).body).toEqual([]);
  });
});

describe('the counters', () => {
  test('count requests and the operations inside them by system, method and entity set', async () => {
    const requests = [1, 2, 3].map((id) => ({ id: String(id), method: 'GET', url: 'customers?$top=1', headers: {} }));
    await sandbox.business('$batch', { method: 'POST', body: { requests }, headers: { accept: 'application/json' } });
    await sandbox.sales('accounts?$top=1');
    const { body } = await sandbox.control('GET', '/requests');
    const of = (list: string) =>
      (body[list] as object[]).filter((one) => (one as { entitySet: string }).entitySet !== 'token');
    expect(of('requests')).toEqual([
      { system: 'BUSINESS', method: 'POST', entitySet: '$batch', count: 1 },
      { system: 'SALES', method: 'GET', entitySet: 'accounts', count: 1 },
    ]);
    expect(of('operations')).toEqual([
      { system: 'BUSINESS', method: 'GET', entitySet: 'customers', count: 3 },
      { system: 'SALES', method: 'GET', entitySet: 'accounts', count: 1 },
    ]);
    await sandbox.control('DELETE', '/requests');
    expect((await sandbox.control('GET', '/requests')).body).toMatchObject({ total: 0, totalOperations: 0 });
  });

  test('keep a log with the run of the client, status and times', async () => {
    await sandbox.sales('accounts?$top=1', { headers: { 'x-tandem-run-id': 'run-17' } });
    const log = (await sandbox.control('GET', '/requests/log?last=1')).body as unknown as object[];
    expect(log).toEqual([
      expect.objectContaining({
        entitySet: 'accounts',
        runId: 'run-17',
        status: 200,
        outcome: 'answered',
        durationMs: expect.any(Number),
      }),
    ]);
    expect((await sandbox.control('GET', '/requests/log?last=x')).status).toBe(400);
  });
});

describe('the stream of events', () => {
  test('tells of a write while it is open, with the operations of a batch, and of its end', async () => {
    const events = await listen();
    await plan({ system: 'BUSINESS', operation: 'batch', times: 1, effect: { kind: 'delay', ms: 200 } });
    const requests = [{ id: '1', method: 'POST', url: 'customers', headers: {}, body: { displayName: 'Open' } }];
    let answered: Reply | undefined;
    const asked = sandbox
      .business('$batch', { method: 'POST', body: { requests }, headers: { accept: 'application/json' } })
      .then((reply) => (answered = reply));
    const begun = await events.until((line) => line.event === 'begin' && line.kind === 'batch');
    expect(begun.operations).toEqual(['POST customers']);
    expect(answered).toBeUndefined();
    expect((await sandbox.control('GET', '/requests')).body['open']).toEqual([
      expect.objectContaining({ id: begun.id }),
    ]);
    await asked;
    expect(await events.until((line) => line.event === 'end' && line.id === begun.id)).toMatchObject({
      status: 200,
      outcome: 'answered',
    });
    events.stop();
  });

  test('tells of requests that were cut or given up', async () => {
    const events = await listen();
    await plan({ path: 'WhoAmI', times: 1, effect: 'hang' });
    const token = await sandbox.token(`${sandbox.url}/.default`);
    const controller = new AbortController();
    const hanging = fetch(`${sandbox.dataverse}WhoAmI`, {
      headers: { authorization: `Bearer ${token}` },
      signal: controller.signal,
    });
    const begun = await events.until((line) => line.event === 'begin' && line.entitySet === 'WhoAmI');
    controller.abort();
    await expect(hanging).rejects.toThrow('aborted');
    expect(await events.until((line) => line.event === 'end' && line.id === begun.id)).toMatchObject({
      outcome: 'cut',
    });
    events.stop();
  });
});

test('a body that is no JSON is refused by the control endpoint and by both systems', async () => {
  expect((await sandbox.plain(`${sandbox.url}/control/edit`, { method: 'POST', body: '{' })).status).toBe(400);
  expect(errorOf(await sandbox.sales('accounts', { method: 'POST', body: '{' })).code).toBe('0x80048d19');
  expect(errorOf(await sandbox.business('customers', { method: 'POST', body: '{' })).message).toContain(
    'Invalid Request Body',
  );
});

describe('the page', () => {
  const text = async (): Promise<string> => (await sandbox.plain(`${sandbox.url}/`)).text;

  test('tells every control that there is, and no other', async () => {
    const { body } = await sandbox.control('GET', '');
    const told = controls.flatMap(({ controls: some }) =>
      some.map(({ verb, path }) => `${verb} ${path.split('?')[0]}`),
    );
    expect(told.toSorted()).toEqual((body['controls'] as string[]).toSorted());
    for (const { path } of controls.flatMap(({ controls: some }) => some))
      expect(await text()).toContain(path.split('?')[0]);
  });

  test('describes every setting, with what it is now', async () => {
    await sandbox.control('POST', '/settings', { SALES: { maxPageSize: 17 } });
    const page = await text();
    expect(page).toContain('<code>17</code> <span class="soft">else <code>5000</code></span>');
    await sandbox.control('DELETE', '/settings');
    expect(page).toContain('<code>integrationRecords</code>');
    expect(page).toContain('<code>limits.dopHint</code>');
  });

  test('tells the cases of the data and its companies', async () => {
    const page = await text();
    const cases = (await sandbox.control('GET', '/cases')).body as unknown as { case: string }[];
    for (const one of cases) expect(page).toContain(one.case.replaceAll('"', '&quot;'));
    expect(page).toContain('CRONUS International Ltd.');
  });

  test('gives examples that a shell runs as they are', async () => {
    for (const { title, command } of examples(sandbox.url)) {
      const { stdout } = await promisify(execFile)('sh', ['-c', command], { timeout: 20_000 });
      const answer = JSON.parse(stdout) as Record<string, unknown>;
      expect({ title, error: answer['error'] }).toEqual({ title, error: undefined });
      if ('value' in answer) expect(answer['value']).toHaveLength(3);
    }
    await sandbox.control('DELETE', '/faults');
  });
});
