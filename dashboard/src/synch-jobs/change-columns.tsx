import { Link } from 'wouter';
import { Moment } from '../design/moment';
import { Value } from '../design/record-value';
import type { Column } from '../design/windowed-table';
import type { ChangeLine } from './change-fields';

const sides = { BUSINESS: 'Business', SALES: 'Dataverse' } as const;

const words = (action: string): string => action.charAt(0) + action.slice(1).toLowerCase();

/** How a write is shown, wherever writes are listed. */
export const changeColumns: readonly Column<ChangeLine>[] = [
  { title: 'When', width: '92px', cell: ({ at }) => <Moment at={at} /> },
  {
    title: 'What',
    width: '150px',
    narrow: '128px',
    cell: ({ action, side, outcome }) => (
      <div className="two-lines">
        <span data-row-focus tabIndex={-1}>
          {words(action)} · <span className={side === 'BUSINESS' ? 'business' : 'sales'}>{sides[side]}</span>
        </span>
        <span className={outcome === 'REFUSED' ? 'bad-text' : 'faint'}>{words(outcome)}</span>
      </div>
    ),
  },
  {
    title: 'Record',
    width: 'minmax(150px, 1.2fr)',
    narrow: 'minmax(0, 1fr)',
    cell: ({ title, coupling }) => (coupling ? <Link href={`/couplings/${coupling.id}`}>{title}</Link> : title),
  },
  { title: 'Fields', width: 'minmax(220px, 2.4fr)', cell: (change) => <FieldDifferences of={change} /> },
  {
    title: 'Why',
    width: 'minmax(160px, 1.4fr)',
    cell: ({ reason, causedBy }) => (
      <div className="two-lines">
        <span title={reason}>{reason}</span>
        <span className="faint">{causedBy}</span>
      </div>
    ),
  },
];

const MOST_FIELDS = 2;

function FieldDifferences({ of: { fields } }: { readonly of: ChangeLine }) {
  const all = fields
    .map(
      ({ field, integrationField, before, after }) =>
        `${field || integrationField}: ${before ?? '–'} → ${after ?? '–'}`,
    )
    .join('\n');
  return (
    <ul className="differences" title={all}>
      {fields.slice(0, MOST_FIELDS).map(({ field, integrationField, before, after }) => (
        <li key={`${field} ${integrationField}`}>
          <code>{field || integrationField}</code>{' '}
          <del>
            <Value of={before} />
          </del>{' '}
          →{' '}
          <ins>
            <Value of={after} />
          </ins>
        </li>
      ))}
      {fields.length > MOST_FIELDS && <li className="faint">and {fields.length - MOST_FIELDS} more</li>}
      {fields.length === 0 && <li className="faint">–</li>}
    </ul>
  );
}
