import { Icon } from '../design/icon';
import { duration } from '../design/time';
import type { Endpoint } from './endpoint-fields';

const stepWords: Readonly<Record<string, string>> = {
  ADDRESS: 'Address',
  REACH: 'Reach',
  AUTHENTICATE: 'Sign in',
  COMPANY: 'Company',
  METADATA: 'Metadata',
  READ: 'Read',
  WRITE: 'Write',
  BASE_CURRENCY: 'Base currency',
};

/** A connection test as it went, step by step; the last one is the one that failed. */
export function TestSteps({ test }: { readonly test: NonNullable<Endpoint['lastTest']> }) {
  return (
    <ol className="steps">
      {test.steps.map(({ step, ok, message, durationMs }) => (
        <li key={step} className={ok ? 'step-ok' : 'step-bad'}>
          <Icon name={ok ? 'ok' : 'bad'} />
          <b>{stepWords[step] ?? step}</b>
          <span className="soft">{message}</span>
          <span className="faint">{duration(durationMs)}</span>
        </li>
      ))}
    </ol>
  );
}
