import type { Side, SynchError } from '../synch/synch-error.js';

export const connectionTestSteps = [
  'ADDRESS',
  'REACH',
  'AUTHENTICATE',
  'COMPANY',
  'METADATA',
  'READ',
  'WRITE',
  'BASE_CURRENCY',
] as const;
export type ConnectionTestStepKind = (typeof connectionTestSteps)[number];

/** One step of a connection test. */
export interface ConnectionTestStep {
  readonly step: ConnectionTestStepKind;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly message: string;
  readonly error: SynchError | null;
}

/** What a test of one end point found: its steps in the order tried, up to the first that failed. */
export interface ConnectionTest {
  readonly ok: boolean;
  readonly at: Date;
  readonly durationMs: number;
  readonly message: string;
  readonly systemVersion: string | null;
  readonly steps: readonly ConnectionTestStep[];
}

/** What a system can do, as its connector declares it. */
export interface SystemCapabilities {
  readonly changeTracking: boolean;
  readonly deletions: boolean;
  readonly batch: boolean;
  readonly bulkWrite: boolean;
  readonly clientAssignedIds: boolean;
}

/** The tests of one call; a side that was not asked for is null. */
export type ConnectionTests = Readonly<Record<Side, ConnectionTest | null>>;

/** The steps as a test that began at `at`. */
export function concludeTest(
  steps: readonly ConnectionTestStep[],
  { at, systemVersion }: Pick<ConnectionTest, 'at' | 'systemVersion'>,
): ConnectionTest {
  const failed = failingStep({ steps });
  const message =
    failed === null
      ? `The connection works${systemVersion === null ? '' : `; the system has version ${systemVersion}`}`
      : `${failed.step}: ${failed.message}`;
  const durationMs = steps.reduce((sum, step) => sum + step.durationMs, 0);
  return { ok: failed === null, at, durationMs, message, systemVersion, steps };
}

/** The step at which a test failed; null when it succeeded. */
export const failingStep = ({ steps }: Pick<ConnectionTest, 'steps'>): ConnectionTestStep | null =>
  steps.find(({ ok }) => !ok) ?? null;
