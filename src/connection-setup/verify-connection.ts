import { sides } from '../synch/synch-error.js';
import { BASE_CURRENCY_DIFFERS } from './base-currency.js';
import type { ConnectionSetup } from './connection-setup.js';
import { type ConnectionTestStep, type ConnectionTests, failingStep } from './connection-test.js';
import { InvalidConnectionSetupError } from './create-connection-setup.js';

/** A system of a connection did not pass its test. */
export class ConnectionFailedError extends Error {
  override readonly name = 'ConnectionFailedError';
}

/**
 * Passes a connection whose both systems passed their test.
 *
 * @throws ConnectionFailedError naming the side and the step that failed
 * @throws InvalidConnectionSetupError when the systems count in different currencies, naming both
 */
export function requireWorking({ name }: Pick<ConnectionSetup, 'name'>, tests: ConnectionTests): void {
  for (const side of sides) {
    const test = tests[side];
    const failed = test && failingStep(test);
    if (failed === null) continue;
    if (isCurrencyRefusal(failed)) throw new InvalidConnectionSetupError([{ path: ['id'], message: failed.message }]);
    throw new ConnectionFailedError(
      `the connection ${name} was not enabled: its ${side} system failed at the step ${failed.step}: ${failed.message}`,
    );
  }
}

const isCurrencyRefusal = ({ error }: ConnectionTestStep): boolean => error?.code === BASE_CURRENCY_DIFFERS;
