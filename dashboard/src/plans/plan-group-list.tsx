import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { Value } from '../design/record-value';
import { PAGE_SIZE } from '../graphql/page-chain';
import { usePagedList } from '../graphql/use-paged-list';
import type { Topic } from '../live/live-feed';
import type { ChangeLine } from '../synch-jobs/change-fields';
import { ChangesQuery, pickChanges } from './plan-changes';
import type { PlanGroup } from './plan-choice';

const topics: readonly Topic[] = ['synchJobs'];

export interface PlanGroupListProps {
  readonly group: PlanGroup;
  /** Absent: the changes are only told, none can be chosen. */
  readonly onToggle?: ((changeId: string) => void) | undefined;
  readonly isChosen: (changeId: string) => boolean;
}

/** The changes of one kind, each with every field as it is and as it would be. */
export function PlanGroupList({ group, onToggle, isChosen }: PlanGroupListProps) {
  const [shown, setShown] = useState(PAGE_SIZE);
  const variables = { id: group.jobId, filter: { action: [group.action] } };
  const list = usePagedList({ query: ChangesQuery, variables, pick: pickChanges, topics });
  const { show } = list;
  useEffect(() => show(0, shown - 1), [show, shown]);
  const rows = list.rows.slice(0, shown);
  return (
    <>
      <ul className="plan-changes">
        {rows.map((change) => (
          <li key={change.id} data-row className={isChosen(change.id) ? '' : 'left-out'}>
            {onToggle && (
              <input
                type="checkbox"
                data-key="x"
                aria-label={`Apply to ${change.title}`}
                checked={isChosen(change.id)}
                onChange={() => onToggle(change.id)}
              />
            )}
            <div className="plan-change">
              <p className="prose">
                {change.coupling ? (
                  <Link href={`/couplings/${change.coupling.id}`}>{change.title}</Link>
                ) : (
                  <b data-row-focus tabIndex={-1}>
                    {change.title}
                  </b>
                )}{' '}
                <span className="soft">{change.reason}</span>
              </p>
              <FieldDifferences of={change} />
            </div>
          </li>
        ))}
      </ul>
      {group.count > rows.length && (
        <button type="button" onClick={() => setShown(shown + PAGE_SIZE)}>
          Show more of {group.count.toLocaleString()}
        </button>
      )}
    </>
  );
}

function FieldDifferences({ of: { action, side, fields } }: { readonly of: ChangeLine }) {
  if (fields.length === 0) return null;
  return (
    <ul className="plan-fields">
      {fields.map(({ field, integrationField, before, after }) => (
        <li key={`${field} ${integrationField}`}>
          <code>{(side === 'SALES' ? integrationField : field) || field || integrationField}</code>{' '}
          {action !== 'INSERT' && (
            <>
              <del>
                <Value of={before} />
              </del>{' '}
              →{' '}
            </>
          )}
          <ins>
            <Value of={after} />
          </ins>
        </li>
      ))}
    </ul>
  );
}
