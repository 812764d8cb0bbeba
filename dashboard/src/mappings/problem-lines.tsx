import { Icon } from '../design/icon';
import type { MappingProblem } from './use-mapping-preview';

/** Problems of one place, worst first: what refuses saving, and what will surprise. */
export function ProblemLines({
  of,
  id,
}: {
  readonly of: readonly Pick<MappingProblem, 'severity' | 'message'>[];
  readonly id?: string;
}) {
  if (of.length === 0) return null;
  const sorted = [...of].sort((one, other) => one.severity.localeCompare(other.severity));
  return (
    <ul id={id} className="problem-lines">
      {sorted.map(({ severity, message }) => (
        <li key={message} className={severity === 'ERROR' ? 'bad-text' : 'text-warn'}>
          <Icon name="errors" />
          <span>
            <span className="unseen">{severity === 'ERROR' ? 'Error: ' : 'Warning: '}</span>
            {message}
          </span>
        </li>
      ))}
    </ul>
  );
}
