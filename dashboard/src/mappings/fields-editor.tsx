import { useState } from 'react';
import { Direction } from '../design/direction';
import { Icon } from '../design/icon';
import { FieldEditor, type FieldEditorProps, ruleWords } from './field-editor';
import { emptyField, type FieldDraft, replaced, without } from './mapping-draft';
import { ProblemLines } from './problem-lines';
import type { DraftEditorProps } from './settings-editor';
import { type MappingProblem, problemsAt } from './use-mapping-preview';

export type FieldsEditorProps = DraftEditorProps &
  Omit<FieldEditorProps, 'field' | 'onChange'> & { readonly problems: readonly MappingProblem[] };

/** The pairs of fields as lines, each of which opens for editing, with what is wrong with it. */
export function FieldsEditor({ draft, editable, onChange, problems, ...choices }: FieldsEditorProps) {
  const { fields } = draft;
  const [opened, setOpened] = useState<number | null>(null);
  const add = (): void => {
    onChange({ fields: [...fields, emptyField] });
    setOpened(fields.length);
  };
  const remove = (index: number): void => {
    onChange({ fields: without(fields, index) });
    setOpened(null);
  };
  return (
    <>
      <ol className="field-lines">
        {fields.map((field, index) => (
          // Two fields may be of one name while they are typed: they have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index} data-row className={field.enabled ? '' : 'switched-off'}>
            <div className="field-line">
              <code className="business">{field.field || '(constant)'}</code>
              <Direction of={field.direction} />
              <code className="sales">{field.integrationField || '(constant)'}</code>
              <span className="soft">{onTheWay(field)}</span>
              <span className="soft">{ruleWords[field.conflictRule]}</span>
              {editable && (
                <span className="row-actions">
                  <button
                    type="button"
                    data-row-focus
                    aria-expanded={opened === index}
                    aria-label={`Change ${nameOf(field)}`}
                    onClick={() => setOpened(opened === index ? null : index)}
                  >
                    Change
                  </button>
                  <button
                    type="button"
                    className="quiet"
                    aria-label={`Take ${nameOf(field)} away`}
                    onClick={() => remove(index)}
                  >
                    <Icon name="bad" />
                  </button>
                </span>
              )}
            </div>
            {opened !== index && <ProblemLines of={problemsAt(problems, 'fields', String(index))} />}
            {opened === index && (
              <FieldEditor
                {...choices}
                field={field}
                onChange={(changed) => onChange({ fields: replaced(fields, index, changed) })}
              />
            )}
            {/* Beneath what is being typed, which therefore stays where it is. */}
            {opened === index && <ProblemLines of={problemsAt(problems, 'fields', String(index))} />}
          </li>
        ))}
        {fields.length === 0 && <li className="faint">No field yet: nothing would be carried over.</li>}
      </ol>
      {editable && (
        <button type="button" className="below" onClick={add}>
          <Icon name="plus" />
          Field
        </button>
      )}
    </>
  );
}

const nameOf = ({ field, integrationField }: FieldDraft): string => field || integrationField || 'the new field';

function onTheWay(field: FieldDraft): string {
  const parts = [
    field.constantValue === null ? '' : `always “${field.constantValue}”`,
    ...field.transformations,
    field.lookup === null ? '' : `reference through ${field.lookup}`,
    field.optionMap.length === 0 ? '' : `${field.optionMap.length} options`,
    field.useForMatchBasedCoupling ? `matches (${field.matchPriority})` : '',
    field.enabled ? '' : 'switched off',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
