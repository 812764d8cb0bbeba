import { useState } from 'react';
import { useNotify } from '../design/notices';
import { Panel } from '../design/panel';
import { Value } from '../design/record-value';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';
import { ResolveConflict } from './coupling-mutations';
import type { Pair } from './coupling-page';

type Side = 'BUSINESS' | 'SALES';

/** Settles a conflict field by field: each gets the value of the side that was chosen for it. */
export function ResolvePanel({ pair }: { readonly pair: Pair }) {
  const may = useMay('OPERATOR');
  const notify = useNotify();
  const resolve = useAction(ResolveConflict);
  const [keep, setKeep] = useState<Readonly<Record<string, Side>>>({});
  const { conflicts } = pair;
  const keyOf = ({ field, integrationField }: Pair['conflicts'][number]): string => `${field} ${integrationField}`;
  const undecided = conflicts.filter((field) => keep[keyOf(field)] === undefined).length;
  const all = (side: Side): void => setKeep(Object.fromEntries(conflicts.map((field) => [keyOf(field), side])));

  const settle = async (): Promise<void> => {
    const fields = conflicts.flatMap((field) => {
      const side = keep[keyOf(field)];
      return side === undefined ? [] : [{ field: field.field, integrationField: field.integrationField, keep: side }];
    });
    const done = await resolve.run({ input: { couplingId: pair.id, expectedRevision: pair.revision, fields } });
    if (done) notify({ tone: 'good', text: 'Settled: both systems have the values now.' });
  };
  return (
    <Panel
      title="Settle the conflict"
      className="resolve"
      aside={
        may && (
          <span className="actions">
            <button type="button" onClick={() => all('BUSINESS')}>
              All from business
            </button>
            <button type="button" onClick={() => all('SALES')}>
              All from Dataverse
            </button>
          </span>
        )
      }
    >
      <ul>
        {conflicts.map((field) => (
          <li key={keyOf(field)}>
            <fieldset disabled={!may}>
              <legend>
                <code>{field.field}</code> <span className="faint">{field.integrationField}, last agreed</span>{' '}
                <Value of={field.lastAgreedValue} />
              </legend>
              <Choice
                name={keyOf(field)}
                side="BUSINESS"
                words="Business"
                value={field.businessValue}
                chosen={keep[keyOf(field)]}
                onChoose={(side) => setKeep({ ...keep, [keyOf(field)]: side })}
              />
              <Choice
                name={keyOf(field)}
                side="SALES"
                words="Dataverse"
                value={field.salesValue}
                chosen={keep[keyOf(field)]}
                onChoose={(side) => setKeep({ ...keep, [keyOf(field)]: side })}
              />
            </fieldset>
          </li>
        ))}
      </ul>
      {may ? (
        <div className="actions">
          <button
            type="button"
            className="primary"
            disabled={undecided > 0 || resolve.running}
            onClick={() => void settle()}
          >
            {resolve.running ? 'Writing …' : 'Settle'}
          </button>
          {undecided > 0 && (
            <span className="soft">
              {undecided} {undecided === 1 ? 'field is' : 'fields are'} not decided yet
            </span>
          )}
        </div>
      ) : (
        <p className="faint">An operator can choose which values stand.</p>
      )}
    </Panel>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly side: Side;
  readonly words: string;
  readonly value: Pair['conflicts'][number]['businessValue'];
  readonly chosen: Side | undefined;
  readonly onChoose: (side: Side) => void;
}

function Choice({ name, side, words, value, chosen, onChoose }: ChoiceProps) {
  return (
    <label className={`choice ${side.toLowerCase()}${chosen === side ? ' chosen' : ''}`}>
      <input type="radio" name={name} checked={chosen === side} onChange={() => onChoose(side)} />
      <span className="choice-side">{words}</span>
      <Value of={value} />
    </label>
  );
}
