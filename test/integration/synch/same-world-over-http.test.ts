import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connector, WriteRequest } from '../../../src/connectors/connector.js';
import { openTerrain, type PlantedConnector, playOverHttp } from '../../simulation/history-over-http.js';
import { sandboxFields } from '../../simulation/sandbox-terrain.js';
import { type PersonAct, type Scenario, scenarioOf } from '../../simulation/scenario.js';
import { companiesOn, type Terrain } from '../../simulation/terrain.js';
import { testDatabase } from '../../support/database.js';
import { SandboxCompany } from '../../support/sandbox-company.js';
import { seedsOf } from '../../support/seeds.js';

const { db } = testDatabase();
const seeds = seedsOf({ short: 4, long: 300 });
const A_WHILE = 120_000;

let company: SandboxCompany;
let terrain: Terrain;
beforeAll(async () => {
  company = await SandboxCompany.open({
    retry: { maxAttempts: 4, baseDelayMs: 2, maxDelayMs: 10, budgetMs: 10_000 },
    http: { connectMs: 5_000, headersMs: 10_000, bodyMs: 10_000, requestMs: 10_000 },
    overlapMs: 60_000,
  });
  terrain = await openTerrain(company);
});
afterAll(() => company[Symbol.asyncDispose]());

const play = (scenario: Scenario, planted?: PlantedConnector) =>
  playOverHttp({ company, db, terrain }, scenario, planted);

test.each(seeds)(
  'the same world with MongoDB and both systems over HTTP: every invariant holds (TEST_SEED=%i)',
  async (seed) => {
    const { violations, log } = await play(scenarioOf(seed, sandboxFields));
    const told = violations.map(({ invariant, message }) => `${invariant}: ${message}`);
    expect(violations.length === 0 ? '' : [`TEST_SEED=${seed}`, ...told, ...log].join('\n')).toBe('');
  },
  A_WHILE,
);

/** Two people who keep changing one telephone number, each in another system, and no faults. */
function contested(seed: number): Scenario {
  const scenario = scenarioOf(seed, sandboxFields);
  const created = { side: 'SALES', table: 'accounts', kind: 'CREATE', name: 'Adatum', refersTo: null } as const;
  return {
    ...scenario,
    mapping: { ...scenario.mapping, updateConflictResolution: 'MERGE_FIELDS', phoneRule: 'INHERIT' },
    runs: [{}, {}, {}, {}],
    acts: [
      { ...created, step: 0, number: 'N0' },
      ...Array.from({ length: 40 }, (_, index): PersonAct => {
        const side = index % 2 === 0 ? 'SALES' : 'BUSINESS';
        const field = side === 'SALES' ? 'telephone1' : 'phoneNumber';
        const value = { value: String(index) };
        return { step: 100 + index * 12, side, table: companiesOn(side), kind: 'EDIT', record: 0, field, value };
      }),
    ],
    requestFaults: [],
    storeFaults: [],
    workerFaults: [],
  };
}

/** An update reaches its row whatever version that has by now. */
const updateWithoutIfMatch: PlantedConnector = (connector, _side, present): Connector =>
  new Proxy(connector, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      if (name !== 'write') return member.bind(target) as unknown;
      return (request: WriteRequest, signal: AbortSignal) => {
        const operations = request.operations.map((operation) =>
          operation.kind === 'UPDATE'
            ? { ...operation, version: present.row(request.table, operation.id)?.version ?? operation.version }
            : operation,
        );
        return target.write({ ...request, operations }, signal);
      };
    },
  });

test(
  'a planted bug is found: a record is updated whatever became of it',
  async () => {
    const sound = await play(contested(1));
    expect(sound.violations).toEqual([]);
    for (let seed = 1; seed <= 10; seed += 1) {
      const { violations } = await play(contested(seed), updateWithoutIfMatch);
      if (violations.some(({ invariant }) => invariant === 'I3')) return;
    }
    expect.fail('the histories of ten seeds did not find it');
  },
  5 * A_WHILE,
);
