import { beforeAll, describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/api/global-id.js';
import { coupling, fieldPair, mapping } from '../api/records.js';
import { type Answered, tokens } from '../api/running-api.js';
import { SECRET, sandboxApi } from './sandbox-api.js';

const running = sandboxApi();
const uuid = (id: string): string => parseGlobalId(id)?.id ?? '';

const EXPORT = 'query ($id: ID!) { node(id: $id) { ... on ConnectionSetup { setupDocument } } }';
const IMPORT = `mutation ($input: ImportSetupInput!) { importSetup(input: $input) {
  changes { kind name action differences } userErrors { code message field } clientMutationId } }`;

const exported = async (id: string): Promise<Answered> => (await running.api.data(EXPORT, { id })).node.setupDocument;
const imported = async (connectionSetupId: string, document: unknown, parts: object = {}): Promise<Answered> =>
  (await running.api.data(IMPORT, { input: { connectionSetupId, document, ...parts } })).importSetup;

const actions = (changes: readonly { action: string }[]): Set<string> => new Set(changes.map(({ action }) => action));
const empty = { format: 'tandem-setup', version: 1 };

/** A document with a mapping of customers. */
const customers = (parts: object = {}, more: object = {}): object => ({
  ...empty,
  mappings: [
    {
      name: 'CUSTOMER',
      table: 'customers',
      integrationTable: 'accounts',
      fields: [{ field: 'displayName', integrationField: 'name' }],
      ...parts,
    },
  ],
  ...more,
});

describe('the setup of a connection', () => {
  let source: string;
  let document: Answered;

  beforeAll(async () => {
    source = await running.connection('Test system');
    const { userErrors } = await running.mutate('enableConnectionSetup', { id: source });
    expect(userErrors).toEqual([]);
    const { transformationRules, mappings } = running.api.services;
    await running.api.data(
      'mutation { createTransformationRule(input: { code: "TO CENTS", kind: ROUND, precision: 0.01 }) { userErrors { message } } }',
    );
    expect((await transformationRules.all()).get('TO CENTS')).toMatchObject({ precision: 0.01 });
    await mappings.insert(
      mapping(uuid(source), 'BY HAND', {
        fields: [
          fieldPair('displayName', 'name'),
          fieldPair('creditLimit', 'creditlimit', {
            direction: 'TO_INTEGRATION_TABLE',
            transformations: ['TO CENTS'],
          }),
        ],
      }),
    );
    document = await exported(source);
  });

  test('is one document of mappings, jobs and used rules, without ids and secrets', () => {
    expect(document).toMatchObject(empty);
    const names = document.mappings.map(({ name }: { name: string }) => name);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['BY HAND', 'CUSTOMER', 'CURRENCY']));
    expect(document.jobQueueEntries).toContainEqual(expect.objectContaining({ code: 'CUSTOMER', mapping: 'CUSTOMER' }));
    expect(document.transformationRules).toContainEqual(
      expect.objectContaining({ code: 'TO CENTS', kind: 'ROUND', precision: '0.01' }),
    );
    const text = JSON.stringify(document);
    for (const hidden of [SECRET, uuid(source), 'sealed', 'revision']) expect(text).not.toContain(hidden);
  });

  test('is first shown, then made in another connection, and comes out of there as it went in', async () => {
    const target = await running.connection('Production');
    const planned = await imported(target, document, { dryRun: true });
    expect(planned.userErrors).toEqual([]);
    expect(planned.changes).toContainEqual({
      kind: 'INTEGRATION_TABLE_MAPPING',
      name: 'CUSTOMER',
      action: 'CREATE',
      differences: [],
    });
    expect((await exported(target)).mappings).toEqual([]);

    const made = await imported(target, document);
    expect(made).toEqual(planned);
    expect(JSON.stringify(await exported(target))).toBe(JSON.stringify(document));
    const { items } = await running.api.services.jobQueue.pageOfEntries(
      { connectionSetupId: uuid(target) },
      undefined,
      {
        limit: 100,
      },
    );
    expect(new Set(items.map(({ item }) => item.status))).toEqual(new Set(['ON_HOLD']));

    const again = await imported(target, document);
    expect(actions(again.changes)).toEqual(new Set(['KEEP']));
    const mappings = await running.api.services.mappings.list({ connectionSetupId: uuid(target) });
    expect(new Set(mappings.map(({ revision }) => revision))).toEqual(new Set([1]));
  });

  test('is changed where the document differs, which is told in words before; what it lacks stays', async () => {
    const target = await running.connection('Changed');
    await imported(target, document);
    const edited = {
      ...document,
      mappings: document.mappings
        .filter(({ name }: { name: string }) => name === 'BY HAND')
        .map((one: { fields: object[] }) => ({ ...one, description: 'Edited', fields: one.fields.slice(0, 1) })),
      jobQueueEntries: document.jobQueueEntries
        .filter(({ code }: { code: string }) => code === 'CUSTOMER')
        .map((one: object) => ({ ...one, minutesBetweenRuns: 7 })),
    };
    const { changes, userErrors } = await imported(target, edited);
    expect(userErrors).toEqual([]);
    expect(changes).toContainEqual({
      kind: 'INTEGRATION_TABLE_MAPPING',
      name: 'BY HAND',
      action: 'UPDATE',
      differences: [
        'description "BY HAND of the company" becomes "Edited"',
        'field pair creditLimit - creditlimit is removed',
      ],
    });
    expect(changes).toContainEqual({
      kind: 'JOB_QUEUE_ENTRY',
      name: 'CUSTOMER',
      action: 'UPDATE',
      differences: [expect.stringContaining('becomes 7')],
    });
    const after = await exported(target);
    expect(after.mappings).toHaveLength(document.mappings.length);
    expect(after.mappings.find(({ name }: { name: string }) => name === 'BY HAND')).toMatchObject({
      description: 'Edited',
      fields: [{ field: 'displayName' }],
    });
    const back = await imported(target, document);
    expect(actions(back.changes)).toEqual(new Set(['KEEP', 'UPDATE']));
    expect(JSON.stringify(await exported(target))).toBe(JSON.stringify(document));
  });

  test('loses what the document lacks where that was asked for, but nothing that is in use', async () => {
    const target = await running.connection('Cleared');
    await imported(target, document);
    const lacking = {
      ...document,
      mappings: document.mappings.filter(({ name }: { name: string }) => name !== 'BY HAND'),
      transformationRules: [],
    };
    const [byHand] = await running.api.services.mappings.list({ connectionSetupId: uuid(target), name: 'BY HAND' });
    if (byHand === undefined) throw new Error('the mapping was not made');
    const pair = coupling(byHand, 'Adatum');
    const couplings = running.api.store.db.collection('couplings');
    await couplings.insertOne(pair as never);
    const refused = await imported(target, lacking, { deleteOthers: true });
    expect(refused).toMatchObject({ changes: [], userErrors: [{ code: 'IN_USE', field: ['deleteOthers'] }] });
    await couplings.deleteOne({ _id: pair._id as never });
    const { changes, userErrors } = await imported(target, lacking, { deleteOthers: true });
    expect(userErrors).toEqual([]);
    expect(changes.filter(({ action }: { action: string }) => action === 'DELETE')).toEqual([
      { kind: 'INTEGRATION_TABLE_MAPPING', name: 'BY HAND', action: 'DELETE', differences: [] },
    ]);
    // The rule is used by another connection.
    expect((await running.api.services.transformationRules.all()).has('TO CENTS')).toBe(true);
    expect((await exported(target)).mappings).toEqual(lacking.mappings);
  });
});

describe('importing a setup', () => {
  test('makes a small document by hand, with defaults for what it leaves out', async () => {
    const target = await running.connection('By hand');
    const rules = { transformationRules: [{ code: 'TENTHS', kind: 'ROUND', precision: 0.1 }] };
    const entries = { jobQueueEntries: [{ code: 'NIGHTLY', task: 'INTEGRATION_SYNCH', mapping: 'CUSTOMER' }] };
    const { changes, userErrors } = await imported(
      target,
      customers({ direction: 'TO_INTEGRATION_TABLE' }, { ...rules, ...entries }),
    );
    expect(userErrors).toEqual([]);
    expect(actions(changes)).toEqual(new Set(['CREATE']));
    expect(await exported(target)).toMatchObject({
      mappings: [
        { kind: 'TABLE', updateConflictResolution: 'MERGE_FIELDS', fields: [{ direction: 'TO_INTEGRATION_TABLE' }] },
      ],
      jobQueueEntries: [{ code: 'NIGHTLY', timeZone: 'UTC', inactivityTimeoutMinutes: 5 }],
    });
    expect((await running.api.services.transformationRules.all()).get('TENTHS')).toMatchObject({ precision: 0.1 });
  });

  test('tells everything that is wrong with a document, with the path of each value, and makes nothing', async () => {
    const target = await running.connection('Wrong');
    const places = async (document: unknown): Promise<string[]> => {
      const { changes, userErrors } = await imported(target, document);
      expect(changes).toEqual([]);
      return userErrors.map(({ code, field }: { code: string; field: string[] }) => `${code} ${field.join('.')}`);
    };
    expect(await places([])).toEqual(['INVALID document']);
    expect(await places({ ...empty, version: 2 })).toEqual(['INVALID document.version']);
    expect(await places({ ...empty, mapings: [] })).toEqual(['INVALID document.mapings']);
    expect(await places(customers({ direction: 'SIDEWAYS', enabled: 'yes' }))).toEqual([
      'INVALID document.mappings.0.enabled',
      'INVALID document.mappings.0.direction',
    ]);
    const rules = [
      { code: 'CUT', kind: 'SUBSTRING', next: 'NONE' },
      { code: 'CUT', kind: 'TRIM' },
    ];
    expect(await places({ ...empty, transformationRules: rules })).toEqual([
      'INVALID document.transformationRules.1.code',
    ]);
    const wrong = customers(
      {
        tableFilter: [{ field: 'number', expression: '1..2..3' }],
        fields: [{ field: 'displayName', integrationField: 'nonsense', transformations: ['NONE'] }],
      },
      {
        transformationRules: rules.slice(0, 1),
        jobQueueEntries: [{ code: 'X', task: 'INTEGRATION_SYNCH', mapping: 'NONE', minutesBetweenRuns: -1 }],
      },
    );
    expect(new Set(await places(wrong))).toEqual(
      new Set([
        'INVALID document.transformationRules.0.startPosition',
        'INVALID document.transformationRules.0.next',
        'INVALID document.mappings.0.tableFilter.0.expression',
        'INVALID document.mappings.0.fields.0.integrationField',
        'INVALID document.mappings.0.fields.0.transformations.0',
        'INVALID document.jobQueueEntries.0.mapping',
        'INVALID document.jobQueueEntries.0.minutesBetweenRuns',
      ]),
    );
    const [{ message }] = (
      await imported(target, customers({ tableFilter: [{ field: 'number', expression: '1..2..3' }] }))
    ).userErrors;
    expect(message).toMatch(/document\.mappings\.0\.tableFilter\.0\.expression: .* at character \d+: expected/);
    expect((await exported(target)).mappings).toEqual([]);
  });

  test('does not turn a mapping or a job into another one', async () => {
    const target = await running.connection('Other tables');
    const entry = { code: 'NIGHTLY', task: 'INTEGRATION_SYNCH', mapping: 'CUSTOMER' };
    await imported(target, customers({}, { jobQueueEntries: [entry] }));
    const other = customers({ table: 'vendors' }, { jobQueueEntries: [{ ...entry, task: 'MATCH_COUPLING' }] });
    expect((await imported(target, other)).userErrors).toMatchObject([
      { code: 'INVALID', field: ['document', 'mappings', '0', 'table'] },
      { code: 'INVALID', field: ['document', 'jobQueueEntries', '0', 'task'] },
    ]);
  });

  test('tells whom else a change of a shared rule concerns, and refuses one that they could not live with', async () => {
    const [one, other] = [await running.connection('Sharing'), await running.connection('Sharing too')];
    const shared = { fields: [{ field: 'displayName', integrationField: 'name', transformations: ['SHARED'] }] };
    const rule = { code: 'SHARED', kind: 'TRIM' };
    for (const id of [one, other]) await imported(id, customers(shared, { transformationRules: [rule] }));
    const upper = { transformationRules: [{ ...rule, kind: 'UPPERCASE' }] };
    const told = await imported(one, { ...empty, ...upper }, { dryRun: true });
    expect(told.changes).toMatchObject([
      { action: 'UPDATE', differences: ['kind "TRIM" becomes "UPPERCASE"', expect.stringContaining('CUSTOMER')] },
    ]);
    const cut = { transformationRules: [{ ...rule, kind: 'SUBSTRING', length: 3 }] };
    const way = { ...shared, direction: 'TO_INTEGRATION_TABLE' };
    expect((await imported(one, customers(way, cut))).userErrors).toMatchObject([
      { code: 'INVALID', field: ['document', 'transformationRules', '0', 'kind'] },
    ]);
  });

  test('is for administrators, is done once for a key, and is noted', async () => {
    const target = await running.connection('Once');
    const input = {
      connectionSetupId: target,
      document: customers({ description: '1.5' }),
      clientMutationId: 'import-1',
    };
    const operator = await running.api.ask(IMPORT, { input }, tokens.OPERATOR);
    expect(operator.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const read = await running.api.ask(EXPORT, { id: target }, tokens.OPERATOR);
    expect(read.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const first = (await running.api.data(IMPORT, { input })).importSetup;
    expect(first).toMatchObject({ changes: [{ action: 'CREATE' }], clientMutationId: 'import-1' });
    expect((await running.api.data(IMPORT, { input })).importSetup).toEqual(first);
    const { auditEntries } = await running.api.data(
      '{ auditEntries(first: 1, filter: { mutation: ["importSetup"] }) { edges { node { mutation input } } } }',
    );
    expect(auditEntries.edges[0].node).toMatchObject({ input: { document: { mappings: [{ name: 'CUSTOMER' }] } } });
    const gone = await imported(globalId('ConnectionSetup', 'gone'), empty);
    expect(gone).toMatchObject({ changes: [], userErrors: [{ code: 'NOT_FOUND', field: ['connectionSetupId'] }] });
  });
});
