import { type Scenario, scenarioOf, smaller } from './scenario.js';
import { type HistoryResult, type Ports, play } from './simulation.js';

/** Smaller scenarios that are tried at most. */
const MOST_TRIES = 600;

/** A history in which an invariant did not hold, as small as it could be made. */
export interface Failure {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly result: HistoryResult;
}

/** Plays the histories of these seeds until one fails; that one is made smaller. */
export async function firstFailure(
  seeds: { readonly from: number; readonly count: number },
  ports: Ports = {},
  shape: (scenario: Scenario) => Scenario = (scenario) => scenario,
): Promise<Failure | null> {
  for (let seed = seeds.from; seed < seeds.from + seeds.count; seed += 1) {
    const scenario = shape(scenarioOf(seed));
    const { violations } = await play(scenario, { ports });
    if (violations.length > 0) return shrink(scenario, ports);
  }
  return null;
}

/** Takes people's acts, faults, runs and choices away as long as the same invariant does not hold without them. */
async function shrink(failed: Scenario, ports: Ports): Promise<Failure> {
  let scenario = failed;
  const invariant = (await play(scenario, { ports })).violations[0]?.invariant;
  let tries = 0;
  const next = async (): Promise<Scenario | null> => {
    for (const candidate of smaller(scenario)) {
      if ((tries += 1) > MOST_TRIES) return null;
      const { violations } = await play(candidate, { ports });
      if (violations.some((violation) => violation.invariant === invariant)) return candidate;
    }
    return null;
  };
  for (let found = await next(); found !== null; found = await next()) scenario = found;
  return { seed: failed.seed, scenario, result: await play(scenario, { ports, logged: true }) };
}

/** What a person needs to understand a failure, and to play it again. */
export function told({ seed, scenario, result }: Failure): string {
  const violations = result.violations.map(({ invariant, message }) => `${invariant}: ${message}`);
  return [
    `TEST_SEED=${seed}`,
    ...violations,
    `the history, made as small as it fails: ${JSON.stringify(scenario)}`,
    ...result.log,
  ].join('\n');
}
