import { randomUUID } from 'node:crypto';
import {
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import type { Document } from 'mongodb';
import { beforeAll, expect, test } from 'vitest';
import { buildApiSchema } from '../../../src/api/build-schema.js';
import { globalId } from '../../../src/api/global-id.js';
import { allIndexes } from '../../../src/start/open-database.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { commandsOf } from './commands.js';
import { connectionSetup, coupling, mapping, recordChange, synchJob, synchJobError } from './records.js';
import { runningApi } from './running-api.js';

const running = runningApi();
const schema = buildApiSchema({ get: () => expect.fail('the schema is only read') });

/** So many rows has every list; only the first few are RARE. */
const ROWS = 3_000;
const RARE_ROWS = 3;
/** A page of twenty may look at so many index keys, and at so many documents. */
const MOST_EXAMINED = 300;

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const isRare = (row: number): boolean => row < RARE_ROWS;
const either = <T>(row: number, rare: T, common: T): T => (isRare(row) ? rare : common);

const setups = { rare: connectionSetup(), common: connectionSetup() };
const mappings = {
  rare: mapping(setups.rare.id, 'RARE', { kind: 'OPTION', enabled: false, description: 'Seldom' }),
  common: mapping(setups.common.id, 'COMMON', { description: 'Often' }),
};
const job = synchJob(mappings.common, 'run-of-changes');
const ids = { rare: randomUUID(), common: randomUUID() };
const connectionIds = [globalId('ConnectionSetup', setups.rare.id), globalId('ConnectionSetup', setups.common.id)];
const mappingNames = [['RARE'], ['COMMON']];
const error = (row: number) =>
  either<object | null>(
    row,
    { class: 'DEPENDENCY', code: 'RARE', message: 'm', side: 'SALES', field: 'rare', retryable: false },
    null,
  );

/** A list: where its rows are, and one row of them. */
interface List {
  readonly collection: string;
  readonly row: (row: number) => object;
  /** By argument of its filter: a value that few rows have, then one that the others have (where there is one). */
  readonly values: Readonly<Record<string, readonly unknown[]>>;
  /** Where it does not stand in the root: the object that it is a list of. */
  readonly of?: readonly [type: string, id: string];
}

const since = [at(ROWS - 2).toISOString(), at(0).toISOString()];
const until = [at(2).toISOString(), at(ROWS).toISOString()];

const changes: List = {
  collection: 'recordChanges',
  row: (row) =>
    recordChange(job, randomUUID(), {
      at: at(row),
      side: either(row, 'BUSINESS', 'SALES'),
      action: either(row, 'DELETE', 'MODIFY'),
      outcome: either(row, 'REFUSED', 'APPLIED'),
      titleWords: [either(row, 'rare', 'common'), `word${row}`],
    }),
  values: {
    action: [['DELETE'], ['MODIFY']],
    side: ['BUSINESS', 'SALES'],
    outcome: [['REFUSED'], ['APPLIED']],
    search: ['rar', 'comm'],
  },
  of: ['SynchJob', job._id],
};

const lists: Readonly<Record<string, List>> = {
  couplings: {
    collection: 'couplings',
    row: (row) =>
      coupling(either(row, mappings.rare, mappings.common), either(row, 'Rare', `Common ${row}`), {
        _id: row === 0 ? ids.rare : randomUUID(),
        businessId: row === 0 ? ids.rare : randomUUID(),
        salesId: row === 0 ? ids.rare : randomUUID(),
        state: either(row, 'WAITING', 'COUPLED'),
        stateSince: at(row),
        lastSynchedAt: row % 2 === 0 ? null : at(row),
        error: error(row) as never,
        titleWords: [either(row, 'rare', 'common'), `word${row}`],
      }),
    values: {
      ids: [[globalId('Coupling', ids.rare)]],
      mapping: mappingNames,
      state: [['WAITING'], ['COUPLED']],
      search: ['rar', 'comm', ids.rare],
      businessId: [ids.rare],
      salesId: [ids.rare],
      connectionSetupId: connectionIds,
      errorClass: [['DEPENDENCY']],
      errorCode: [['RARE']],
      errorField: [['rare']],
    },
  },
  jobQueueEntries: {
    collection: 'jobQueueEntries',
    row: (row) => entry(row),
    values: {
      oneOff: [false, true, null],
      ids: [[globalId('JobQueueEntry', ids.rare)]],
      status: [['ERROR'], ['READY']],
      task: [['AUDIT'], ['INTEGRATION_SYNCH']],
      mapping: mappingNames,
      search: ['rar', 'comm'],
      categoryCode: [['RARE'], ['COMMON']],
      connectionSetupId: connectionIds,
    },
  },
  jobQueueLogEntries: {
    collection: 'jobQueueLogEntries',
    row: (row) => ({
      ...ofMapping(row),
      entryId: ids.common,
      code: either(row, 'RARE', 'COMMON'),
      status: either(row, 'CANCELLED', 'SUCCESS'),
      startedAt: at(row),
      endedAt: at(row),
    }),
    values: {
      status: [['CANCELLED'], ['SUCCESS']],
      code: mappingNames,
      mapping: mappingNames,
      connectionSetupId: connectionIds,
      since,
      until,
    },
  },
  synchJobs: {
    collection: 'synchJobs',
    row: (row) =>
      synchJob(either(row, mappings.rare, mappings.common), randomUUID(), {
        kind: either(row, 'UNDO', 'SYNCHRONIZATION'),
        direction: either(row, 'FROM_INTEGRATION_TABLE', 'TO_INTEGRATION_TABLE'),
        status: either(row, 'PARTIAL', 'SUCCESS'),
        dryRun: isRare(row),
        startedAt: at(row),
      }),
    values: {
      kind: [['UNDO'], ['SYNCHRONIZATION']],
      mapping: mappingNames,
      direction: ['FROM_INTEGRATION_TABLE', 'TO_INTEGRATION_TABLE'],
      status: [['PARTIAL'], ['SUCCESS']],
      since,
      until,
      dryRun: [true, false],
      connectionSetupId: connectionIds,
    },
  },
  synchJobErrors: {
    collection: 'synchJobErrors',
    row: (row) =>
      synchJobError({ ...job, ...ofMapping(row) }, null, {
        at: at(row),
        error: (error(row) ?? {
          class: 'VALIDATION',
          code: 'COMMON',
          message: 'm',
          side: 'SALES',
          field: 'common',
          retryable: false,
        }) as never,
      }),
    values: {
      mapping: mappingNames,
      class: [['DEPENDENCY'], ['VALIDATION']],
      code: mappingNames,
      field: [['rare'], ['common']],
      since,
      until,
      connectionSetupId: connectionIds,
    },
  },
  fullSynchronizations: {
    collection: 'fullSynchronizations',
    row: (row) => ({ ...ofMapping(row), startedAt: at(row), finishedAt: at(row), entryIds: [], lines: [] }),
    values: { connectionSetupId: connectionIds },
  },
  jobStatusTransitions: {
    collection: 'jobStatusTransitions',
    row: (row) => ({
      ...ofMapping(row),
      number: 1_000 + row,
      at: at(row),
      entryId: either(row, ids.rare, ids.common),
      code: either(row, 'RARE', 'COMMON'),
      from: 'READY',
      to: either(row, 'ERROR', 'READY'),
    }),
    values: {
      entryId: [[globalId('JobQueueEntry', ids.rare)], [globalId('JobQueueEntry', ids.common)]],
      code: mappingNames,
      mapping: mappingNames,
      to: [['ERROR'], ['READY']],
      connectionSetupId: connectionIds,
    },
  },
  auditEntries: {
    collection: 'auditEntries',
    row: (row) => ({
      _id: randomUUID(),
      at: at(row),
      actor: either(row, 'rare', 'common'),
      role: 'ADMIN',
      mutation: either(row, 'revokeApiToken', 'setJobQueueEntryStatus'),
      targetId: either(row, globalId('ApiToken', ids.rare), globalId('JobQueueEntry', ids.common)),
      summary: '',
      input: {},
      refusedWith: [],
    }),
    values: {
      actor: [['rare'], ['common']],
      mutation: [['revokeApiToken'], ['setJobQueueEntryStatus']],
      targetId: [globalId('ApiToken', ids.rare), globalId('JobQueueEntry', ids.common)],
      since,
      until,
    },
  },
  integrationTableMappings: {
    collection: 'integrationTableMappings',
    row: (row) => {
      const { id, ...parts } = mapping(
        either(row, setups.rare.id, setups.common.id),
        `${either(row, 'RARE', 'COMMON')}-${row}`,
        {
          kind: either(row, 'OPTION', 'TABLE'),
          enabled: !isRare(row),
        },
      );
      return { _id: id, ...parts, nameWords: [either(row, 'rare', 'common')], descriptionWords: ['often'] };
    },
    values: {
      connectionSetupId: connectionIds,
      kind: ['OPTION', 'TABLE'],
      enabled: [false, true],
      search: ['rar', 'comm'],
    },
  },
  connectionSetups: {
    collection: 'connectionSetups',
    row: () => {
      const { id, ...parts } = connectionSetup();
      return { _id: id, ...parts };
    },
    values: {},
  },
  transformationRules: {
    collection: 'transformationRules',
    row: (row) => ({ _id: randomUUID(), code: `RULE-${row}`, kind: 'TRIM', description: '', revision: 1 }),
    values: {},
  },
  workers: {
    collection: 'workers',
    row: (row) => ({
      _id: randomUUID(),
      host: 'h',
      processId: 1,
      version: '1',
      startedAt: at(row),
      heartbeatAt: at(row),
    }),
    values: {},
  },
  apiTokens: {
    collection: 'apiTokens',
    row: (row) => ({
      _id: randomUUID(),
      hash: randomUUID(),
      name: `Token ${row}`,
      role: 'MONITOR',
      createdAt: at(row),
      expiresAt: null,
    }),
    values: {},
  },
  'SynchJob.changes': changes,
};

const ofMapping = (row: number) => ({
  _id: randomUUID(),
  connectionSetupId: either(row, setups.rare.id, setups.common.id),
  mappingId: either(row, mappings.rare.id, mappings.common.id),
  mappingName: either(row, 'RARE', 'COMMON'),
});

const entry = (row: number) => ({
  ...ofMapping(row),
  ...(row === 0 && { _id: ids.rare }),
  code: `${either(row, 'RARE', 'COMMON')}-${row}`,
  description: '',
  task: either(row, 'AUDIT', 'INTEGRATION_SYNCH'),
  status: either(row, 'ERROR', 'READY'),
  // What recurs is few; what was run once is all the rest.
  oneOff: !isRare(row),
  categoryCode: either(row, 'RARE', 'COMMON'),
  nextRunAt: row % 2 === 0 ? null : at(row),
  createdAt: at(row),
  searchWords: [either(row, 'rare', 'common'), `word${row}`],
  runOn: [],
});

interface Case {
  readonly name: string;
  readonly list: List;
  readonly query: string;
  readonly variables: object;
}

type Field = GraphQLField<unknown, unknown>;

const argumentType = (field: Field, name: string) => {
  const type = field.args.find((argument) => argument.name === name)?.type;
  return type === undefined ? undefined : getNamedType(type);
};

const fieldNamed = (path: string): Field => {
  const [type, name] = path.includes('.') ? path.split('.') : ['Query', path];
  const found = schema.getType(type ?? '');
  const field = isObjectType(found) ? found.getFields()[name ?? ''] : undefined;
  return field ?? expect.fail(`the schema has no ${path}`);
};

/** Every order of a list, from both ends, with each value of an argument of its filter; without argument: all rows. */
function casesOf(path: string, argument: string | null): Case[] {
  const list = lists[path]!;
  const field = fieldNamed(path);
  const filterType = argumentType(field, 'filter');
  const values = argument === null ? [undefined] : (list.values[argument] ?? []);
  return values.flatMap((value) =>
    ordersOf(field).flatMap((order) =>
      ['first: 20', 'last: 20'].map((page) => {
        const all = `${page}${order}`;
        const called = `${path}(${all}${argument === null ? '' : `, ${argument}: ${JSON.stringify(value)}`})`;
        if (argument === null) return { name: called, list, query: queryOf(list, field, all, ''), variables: {} };
        if (!filterType) {
          const type = String(field.args.find(({ name }) => name === argument)?.type);
          const query = queryOf(list, field, `${all}, ${argument}: $value`, `($value: ${type})`);
          return { name: called, list, query, variables: { value } };
        }
        const both = path === 'jobQueueEntries' ? { oneOff: null } : {};
        const query = queryOf(list, field, `${all}, filter: $filter`, `($filter: ${filterType.name})`);
        return { name: called, list, query, variables: { filter: { ...both, [argument]: value } } };
      }),
    ),
  );
}

function queryOf({ of }: List, { name }: Field, args: string, declared: string): string {
  const asked = `${name}(${args}) { edges { cursor } }`;
  return of
    ? `query ${declared} { node(id: "${globalId(...of)}") { ... on ${of[0]} { ${asked} } } }`
    : `query ${declared} { ${asked} }`;
}

function filterArguments(field: Field, filterType: unknown): string[] {
  if (isInputObjectType(filterType)) return Object.keys((filterType satisfies GraphQLInputObjectType).getFields());
  const paging = new Set(['first', 'after', 'last', 'before', 'orderBy']);
  return field.args.map(({ name }) => name).filter((name) => !paging.has(name));
}

function ordersOf(field: Field): string[] {
  const orderType = argumentType(field, 'orderBy');
  if (!isInputObjectType(orderType)) return [''];
  const fields = getNamedType(orderType.getFields().field?.type ?? expect.fail('an order has a field'));
  if (!isEnumType(fields)) return expect.fail('the fields of an order are an enum');
  return fields
    .getValues()
    .flatMap(({ name }) =>
      ['ASC', 'DESC'].map((direction) => `, orderBy: { field: ${name}, direction: ${direction} }`),
    );
}

beforeAll(async () => {
  await ensureIndexes(running.store.db, allIndexes);
  for (const { collection, row } of new Set(Object.values(lists))) {
    const documents = Array.from({ length: ROWS }, (_, index) => ({ ...row(index) }));
    await running.store.db.collection(collection).insertMany(documents);
  }
  await running.store.db.collection<{ _id: string }>('synchJobs').insertOne(job);
}, 120_000);

test('every list with a filter or an order is among the tested ones', () => {
  const roots = Object.values(schema.getQueryType()?.getFields() ?? {})
    .filter(({ type }) => String(type).endsWith('Connection!'))
    .map(({ name }) => name);
  expect(Object.keys(lists)).toEqual(expect.arrayContaining(roots));
  // Lists below other objects have the filters of the root's lists, but for those that stand nowhere else.
  const filtersOfRoots = new Set(Object.keys(lists).map((path) => argumentType(fieldNamed(path), 'filter')?.name));
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values((type satisfies GraphQLObjectType).getFields())) {
      if (!getNamedType(field.type).name.endsWith('Connection')) continue;
      expect(filtersOfRoots, `${type.name}.${field.name}`).toContain(argumentType(field, 'filter')?.name);
    }
  }
});

test.each(Object.keys(lists))('every filter of %s has a value that few rows have', (path) => {
  const field = fieldNamed(path);
  expect(Object.keys(lists[path]!.values).toSorted()).toEqual(
    filterArguments(field, argumentType(field, 'filter')).toSorted(),
  );
});

const filters = Object.entries(lists).flatMap(([path, { values }]) =>
  [null, ...Object.keys(values)].map((argument) => [path, argument] as const),
);

test.each(filters)('%s by %s, in every order and from both ends, is answered from an index', async (path, argument) => {
  for (const asked of casesOf(path, argument)) {
    const plans = await plansOf(asked);
    expect(plans.length, asked.name).toBeGreaterThan(0);
    for (const { plan, examined } of plans) {
      expect(plan, asked.name).not.toContain('COLLSCAN');
      expect(examined, `${asked.name}: ${plan}`).toBeLessThanOrEqual(MOST_EXAMINED);
    }
  }
});

/** How MongoDB answers what the query asks of the list's collection, and at how much it looks. */
async function plansOf({ list, query, variables }: Case): Promise<{ plan: string; examined: number }[]> {
  const { db, client } = running.store;
  const commands = await commandsOf(client, () => running.data(query, variables));
  const reads = commands.filter(
    ({ commandName, command }) => commandName === 'find' && command.find === list.collection && command.sort,
  );
  return Promise.all(
    reads.map(async ({ command: { find, filter, sort, limit } }) => {
      const explained = await db.command({ explain: { find, filter, sort, limit }, verbosity: 'executionStats' });
      const { totalKeysExamined, totalDocsExamined }: Document = explained.executionStats;
      return {
        plan: JSON.stringify(explained.queryPlanner.winningPlan),
        examined: Math.max(totalKeysExamined, totalDocsExamined),
      };
    }),
  );
}
