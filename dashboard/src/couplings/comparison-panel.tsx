import { useState } from 'react';
import { Direction } from '../design/direction';
import { Answer } from '../design/page';
import { Panel } from '../design/panel';
import { Value } from '../design/record-value';
import { graphql } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';

const ComparisonQuery = graphql(`
  query Comparison($id: ID!) {
    node(id: $id) {
      __typename
      ... on Coupling {
        id
        comparison { field integrationField direction businessValue salesValue lastAgreedValue equal conflict winner }
      }
    }
  }
`);

const topics: readonly Topic[] = ['couplings'];
const sides = { BUSINESS: 'the business value', SALES: 'the sales value' } as const;

/** Every mapped field as both systems hold it at this moment, beside what they last agreed on. */
export function ComparisonPanel({ id }: { readonly id: string }) {
  const answer = useLiveQuery({ query: ComparisonQuery, variables: { id }, topics });
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  return (
    <Panel
      title="Both sides now"
      aside={
        <span className="actions">
          <label className="check">
            <input
              type="checkbox"
              checked={onlyDifferent}
              onChange={(event) => setOnlyDifferent(event.target.checked)}
            />
            Only differences
          </label>
          <button type="button" className="quiet" onClick={answer.reload}>
            Read again
          </button>
        </span>
      }
    >
      <Answer of={answer} lines={8}>
        {({ node }) => {
          const fields = node?.__typename === 'Coupling' ? node.comparison : null;
          if (fields === null) return <p className="problem">One of the systems does not answer.</p>;
          const shown = fields.filter(({ equal }) => !onlyDifferent || !equal);
          if (shown.length === 0) return <p className="faint">No field differs.</p>;
          return (
            <div className="scroll-x" tabIndex={0} role="region" aria-label="Fields of both sides">
              <table className="values">
                <thead>
                  <tr>
                    <th scope="col">Field</th>
                    <th scope="col" className="business">
                      Business
                    </th>
                    <th scope="col">Last agreed</th>
                    <th scope="col" className="sales">
                      Dataverse
                    </th>
                    <th scope="col">Direction</th>
                    <th scope="col">What follows</th>
                  </tr>
                </thead>
                <tbody>
                  {shown.map((field) => (
                    <tr
                      key={`${field.field} ${field.integrationField}`}
                      className={field.equal ? '' : field.conflict ? 'conflict' : 'different'}
                    >
                      <th scope="row">
                        <code>{field.field || '(constant)'}</code>
                        <code className="faint">{field.integrationField || '(constant)'}</code>
                      </th>
                      <td>
                        <Value of={field.businessValue} />
                      </td>
                      <td className="soft">
                        <Value of={field.lastAgreedValue} />
                      </td>
                      <td>
                        <Value of={field.salesValue} />
                      </td>
                      <td>
                        <Direction of={field.direction} />
                      </td>
                      <td className="soft">{follows(field)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          );
        }}
      </Answer>
    </Panel>
  );
}

function follows({
  equal,
  conflict,
  winner,
}: {
  readonly equal: boolean;
  readonly conflict: boolean;
  readonly winner: 'BUSINESS' | 'SALES' | null;
}): string {
  if (conflict) return 'a person decides';
  if (winner !== null) return `next run keeps ${sides[winner]}`;
  return equal ? 'equal' : 'stays different';
}
