import {
  type Connector,
  ConnectorError,
  type ConnectorTestResult,
  type EndpointAccess,
} from '../connectors/connector.js';
import { describeError, makeError } from '../synch/describe-error.js';
import { type Side, type SynchError, sides } from '../synch/synch-error.js';
import { readBaseCurrencies, requireSameCurrency } from './base-currency.js';
import type { ConnectionSetup } from './connection-setup.js';
import type { ConnectionSetupStore, LearnedOfSystems } from './connection-setup-store.js';
import { type ConnectionTest, type ConnectionTestStep, type ConnectionTests, concludeTest } from './connection-test.js';
import { type EndpointKeys, endpointAccess, HostNotAllowedError } from './endpoint-access.js';
import { UnreadableSecretError } from './sealed-secret.js';

/** What a test of a connection needs. */
export interface TestingDeps {
  readonly connectionSetups: Pick<ConnectionSetupStore, 'remember'>;
  readonly keys: EndpointKeys;
  readonly open: (access: EndpointAccess) => Connector;
  readonly now: () => Promise<Date>;
}

/** A person waits for the answer; six steps of a system that works take a few seconds. */
const TEST_MS = 60_000;

/**
 * Tests the end points of a connection as they are given, step by step, and then, where both work, that both systems count
 * in the same currency. What is found is the answer: nothing is thrown for it, and nothing is stored.
 */
export async function tryConnection(
  setup: ConnectionSetup,
  asked: readonly Side[],
  deps: Pick<TestingDeps, 'keys' | 'open' | 'now'>,
): Promise<{ readonly tests: ConnectionTests; readonly learned: LearnedOfSystems }> {
  const at = await deps.now();
  const signal = AbortSignal.timeout(TEST_MS);
  await using opened = new AsyncDisposableStack();
  const trials = await Promise.all(asked.map((side) => trySide(setup, side, { ...deps, at, signal, opened })));
  const working = trials.filter(({ test }) => test.ok);
  const [business, sales] = sides.map((side) => working.find((trial) => trial.side === side)?.connector);
  const all =
    business && sales ? await withCurrencyStep(trials, { BUSINESS: business, SALES: sales }, at, signal) : trials;
  const tests = { BUSINESS: null, SALES: null, ...Object.fromEntries(all.map(({ side, test }) => [side, test])) };
  return { tests, learned: learnedIn(all) };
}

/** Tests what is stored of a connection, and keeps the tests and what the systems can do. */
export async function testStoredConnection(
  setup: ConnectionSetup,
  asked: readonly Side[],
  deps: TestingDeps,
): Promise<ConnectionTests> {
  const { tests, learned } = await tryConnection(setup, asked, deps);
  await deps.connectionSetups.remember(setup, learned);
  return tests;
}

interface Trial {
  readonly side: Side;
  /** Null where not even an attempt was possible. */
  readonly connector: Connector | null;
  readonly test: ConnectionTest;
}

interface Trying extends Pick<TestingDeps, 'keys' | 'open'> {
  readonly at: Date;
  readonly signal: AbortSignal;
  readonly opened: AsyncDisposableStack;
}

async function trySide(setup: ConnectionSetup, side: Side, { keys, open, at, signal, opened }: Trying): Promise<Trial> {
  let access: EndpointAccess;
  let connector: Connector;
  try {
    access = endpointAccess(setup, side, keys);
    connector = opened.adopt(open(access), (used) => used.close());
  } catch (error) {
    return { side, connector: null, test: concludeTest([unopened(error, side)], { at, systemVersion: null }) };
  }
  const hide = hidingSecretOf(access);
  try {
    return { side, connector, test: asTest(await connector.test(signal), side, at, hide) };
  } catch (error) {
    if (!signal.aborted) throw error;
    return { side, connector, test: concludeTest([unanswered(side)], { at, systemVersion: null }) };
  }
}

const asTest = (
  { steps, systemVersion }: ConnectorTestResult,
  side: Side,
  at: Date,
  hide: (text: string) => string,
): ConnectionTest =>
  concludeTest(
    steps.map(({ error, message, ...step }) => ({
      ...step,
      message: hide(message),
      error: error && withMessage(describeError(error, side), hide),
    })),
    { at, systemVersion },
  );

const withMessage = (error: SynchError, change: (text: string) => string): SynchError => ({
  ...error,
  message: change(error.message),
});

/** Systems may quote what they were sent; what they say is stored and shown. */
function hidingSecretOf({ authentication }: EndpointAccess): (text: string) => string {
  if (authentication.kind === 'NONE') return (text) => text;
  const { secret } = authentication;
  const forms = [secret, encodeURIComponent(secret)].filter((form) => form !== '');
  return (text) => forms.reduce((shown, form) => shown.replaceAll(form, '(secret)'), text);
}

/** What stands in the way before the system was asked anything. Throws errors that are no fault of the end point. */
function unopened(error: unknown, side: Side): ConnectionTestStep {
  const failed = (step: ConnectionTestStep['step'], described: SynchError): ConnectionTestStep => ({
    step,
    ok: false,
    durationMs: 0,
    message: described.message,
    error: described,
  });
  if (error instanceof HostNotAllowedError)
    return failed('ADDRESS', makeError('CONFIGURATION', 'HOST_NOT_ALLOWED', error.message, { side }));
  if (error instanceof UnreadableSecretError)
    return failed('AUTHENTICATE', makeError('CONFIGURATION', 'SECRET_UNREADABLE', error.message, { side }));
  if (error instanceof ConnectorError) return failed('ADDRESS', describeError(error, side));
  throw error;
}

const noAnswer = (side: Side): SynchError =>
  makeError('TRANSIENT', 'TIMEOUT', `the system did not answer within ${TEST_MS / 1_000} seconds`, { side });

function unanswered(side: Side): ConnectionTestStep {
  const error = noAnswer(side);
  return { step: 'REACH', ok: false, durationMs: TEST_MS, message: error.message, error };
}

/** The currencies belong to both systems; the step is told with Dataverse, whose base currency can never be changed. */
async function withCurrencyStep(
  trials: readonly Trial[],
  connectors: Readonly<Record<Side, Connector>>,
  at: Date,
  signal: AbortSignal,
): Promise<readonly Trial[]> {
  const step = await currencyStep(connectors, signal);
  return trials.map((trial) =>
    trial.side === 'SALES'
      ? { ...trial, test: concludeTest([...trial.test.steps, step], { at, systemVersion: trial.test.systemVersion }) }
      : trial,
  );
}

async function currencyStep(
  connectors: Readonly<Record<Side, Connector>>,
  signal: AbortSignal,
): Promise<ConnectionTestStep> {
  const startedAt = performance.now();
  const step = (parts: Pick<ConnectionTestStep, 'ok' | 'message' | 'error'>): ConnectionTestStep => ({
    step: 'BASE_CURRENCY',
    durationMs: Math.round(performance.now() - startedAt),
    ...parts,
  });
  try {
    const currencies = await readBaseCurrencies(connectors, signal);
    requireSameCurrency(currencies);
    return step({ ok: true, message: `Both systems count in ${currencies.SALES}`, error: null });
  } catch (error) {
    if (!(error instanceof ConnectorError) && !signal.aborted) throw error;
    const described = signal.aborted ? noAnswer('SALES') : describeError(error, 'SALES');
    return step({ ok: false, message: described.message, error: described });
  }
}

function learnedIn(trials: readonly Trial[]): LearnedOfSystems {
  return Object.fromEntries(
    trials.map(({ side, connector, test }) => [
      side,
      { lastTest: test, ...(test.ok && connector !== null && { capabilities: connector.features }) },
    ]),
  );
}
