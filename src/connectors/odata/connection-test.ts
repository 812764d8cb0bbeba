import { randomUUID } from 'node:crypto';
import type { Connector, ConnectorTestResult, ConnectorTestStep } from '../connector.js';
import { asConnectorError } from './odata-client.js';

export interface TestStep {
  readonly step: ConnectorTestStep;
  /** What was found, as a sentence for people; throws what went wrong. */
  readonly run: () => Promise<string>;
}

/** Runs the steps up to the first that fails. Rejects only with the signal's reason. */
export async function runTestSteps(
  steps: readonly TestStep[],
  systemVersion: () => string | null,
  signal: AbortSignal,
): Promise<ConnectorTestResult> {
  const done: ConnectorTestResult['steps'][number][] = [];
  for (const { step, run } of steps) {
    const startedAt = performance.now();
    const durationMs = () => Math.round(performance.now() - startedAt);
    try {
      const message = await run();
      done.push({ step, ok: true, durationMs: durationMs(), message, error: null });
    } catch (cause) {
      signal.throwIfAborted();
      const error = asConnectorError(cause);
      done.push({ step, ok: false, durationMs: durationMs(), message: error.message, error });
      return { ok: false, systemVersion: systemVersion(), steps: done };
    }
  }
  return { ok: true, systemVersion: systemVersion(), steps: done };
}

/** A record that does not exist, in a table that is written. */
export interface TriedRecord {
  readonly table: string;
  readonly field: string;
  /** A GUID of nobody where nothing is said. */
  readonly id?: string;
}

/**
 * Whether the service may write a table, without writing anything: it changes a record that does not exist. A system that lets
 * the user write says that there is no such record; one that does not says that.
 */
export async function tryWriting(
  connector: Pick<Connector, 'write'>,
  { table, field, id = randomUUID() }: TriedRecord,
  signal: AbortSignal,
): Promise<string> {
  const operation = { kind: 'UPDATE', id, version: 'W/"1"', values: { [field]: 'Tandem' } } as const;
  const [outcome] = await connector.write({ table, fields: [], operations: [operation] }, signal);
  if (outcome?.kind === 'GONE' || outcome?.kind === 'CHANGED') return `${table} can be written`;
  if (outcome !== undefined && outcome.kind !== 'WRITTEN') throw outcome.error;
  throw new Error(`${table} has a record under an id that was never given`);
}
