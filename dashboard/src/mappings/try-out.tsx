import { useMemo, useState } from 'react';
import { SelectField } from '../design/form-fields';
import { Value } from '../design/record-value';
import { useSettled } from '../design/use-settled';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import type { MappingDraft } from './mapping-draft';
import { type FoundRecord, RecordPicker } from './record-picker';
import { type PreviewInput, type PreviewTarget, previewInput } from './use-mapping-preview';

const TryOutQuery = graphql(`
  query TryOutMapping($input: PreviewMappingInput!, $direction: SynchDirection!, $recordId: String) {
    previewMapping(input: $input) {
      tryOut(direction: $direction, recordId: $recordId) {
        record { side recordId title }
        fields { field integrationField sourceValue steps { code value } value error { code message } }
      }
    }
  }
`);

type TryOut = NonNullable<ResultOf<typeof TryOutQuery>['previewMapping']['tryOut']>;
const topics: readonly Topic[] = [];
const ways = { TO_INTEGRATION_TABLE: 'To Dataverse', FROM_INTEGRATION_TABLE: 'To the business system' } as const;
type Way = keyof typeof ways;

export interface TryOutProps {
  readonly target: PreviewTarget;
  readonly draft: MappingDraft;
}

/** What each field of a real record would become on the other side by the mapping as it stands in the editor. */
export function TryOutPanel({ target, draft }: TryOutProps) {
  const [direction, setDirection] = useState<Way>(
    draft.direction === 'FROM_INTEGRATION_TABLE' ? 'FROM_INTEGRATION_TABLE' : 'TO_INTEGRATION_TABLE',
  );
  const [record, setRecord] = useState<FoundRecord | null>(null);
  const key = useSettled(JSON.stringify(previewInput(target, draft)));
  const recordId = record?.recordId ?? null;
  const variables = useMemo(
    () => ({ input: JSON.parse(key) as PreviewInput, direction, recordId }),
    [key, direction, recordId],
  );
  const { data, error, fetching } = useLiveQuery({ query: TryOutQuery, variables, topics });
  const tryOut = data?.previewMapping.tryOut;
  return (
    <div className="try-out">
      <div>
        <SelectField
          label="Which way"
          words={ways}
          value={direction}
          onChange={(way) => {
            setDirection(way);
            setRecord(null);
          }}
        />
        {target.mappingId !== null && (
          <RecordPicker
            key={direction}
            mappingId={target.mappingId}
            side={direction === 'TO_INTEGRATION_TABLE' ? 'BUSINESS' : 'SALES'}
            label="On which record"
            chosen={record}
            onChoose={setRecord}
          />
        )}
      </div>
      <div aria-live="polite" aria-busy={fetching}>
        {tryOut && <TryOutTable of={tryOut} />}
        {tryOut === null && (
          <p className="soft">
            {error?.graphQLErrors[0]?.message ??
              'No record takes part, or the fields have errors: there is nothing to try.'}
          </p>
        )}
      </div>
    </div>
  );
}

function TryOutTable({ of: { record, fields } }: { readonly of: TryOut }) {
  return (
    <>
      <h3>
        {record.title} <code className="faint">{record.recordId}</code>
      </h3>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Values tried out">
        <table className="values">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">It holds</th>
              <th scope="col">On the way</th>
              <th scope="col">It becomes</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ field, integrationField, sourceValue, steps, value, error }) => (
              <tr key={`${field} ${integrationField}`} className={error ? 'conflict' : ''}>
                <th scope="row">
                  <code className="business">{field || '(constant)'}</code>
                  <code className="sales">{integrationField || '(constant)'}</code>
                </th>
                <td>
                  <Value of={sourceValue} />
                </td>
                <td className="soft">
                  {steps.map((step, index) => (
                    // oxlint-disable-next-line react/no-array-index-key -- a rule may stand in the chain twice
                    <div key={index}>
                      <code>{step.code}</code> → <Value of={step.value} />
                    </div>
                  ))}
                </td>
                <td>{error ? <span className="bad-text">{error.message}</span> : <Value of={value} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
