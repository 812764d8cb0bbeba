import { useId } from 'react';
import { NumberField, SelectField } from '../design/form-fields';
import { Icon } from '../design/icon';
import { FilterEditor } from './filter-editor';
import { replaced, type TemplateDraft, without } from './mapping-draft';
import { ProblemLines } from './problem-lines';
import type { DraftEditorProps } from './settings-editor';
import { type MappingProblem, problemsAt } from './use-mapping-preview';
import type { FieldOfTable } from './use-metadata';

export interface TemplatesEditorProps extends DraftEditorProps {
  readonly table: string;
  readonly integrationTable: string;
  readonly businessFields: readonly FieldOfTable[];
  readonly salesFields: readonly FieldOfTable[];
  readonly problems: readonly MappingProblem[];
}

const sides = { SALES: 'in Dataverse', BUSINESS: 'in the business system' } as const;

/** What new records are given besides the mapped fields; of several that fit, the lowest number is taken. */
export function TemplatesEditor(props: TemplatesEditorProps) {
  const { draft, editable, onChange, problems } = props;
  const { templates } = draft;
  const change = (index: number, template: TemplateDraft): void =>
    onChange({ templates: replaced(templates, index, template) });
  const add = (): void =>
    onChange({ templates: [...templates, { side: 'SALES', priority: templates.length, filter: [], values: [] }] });
  return (
    <>
      {templates.length === 0 && <p className="faint">New records get the mapped fields alone.</p>}
      {templates.map((template, index) => (
        // Templates have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <fieldset key={index} className="template" disabled={!editable}>
          <legend>Template {index + 1}</legend>
          <div className="editor">
            <SelectField
              label="Records created"
              words={sides}
              value={template.side}
              onChange={(side) => change(index, { ...template, side })}
            />
            <NumberField
              label="Priority (lowest first)"
              value={template.priority}
              onChange={(priority) => change(index, { ...template, priority: priority ?? 0 })}
            />
          </div>
          <TemplateValues
            {...props}
            template={template}
            number={index + 1}
            onTemplate={(made) => change(index, made)}
          />
          <FilterEditor
            side={template.side === 'SALES' ? 'BUSINESS' : 'SALES'}
            table={`${template.side === 'SALES' ? props.table : props.integrationTable} (template ${index + 1})`}
            fields={template.side === 'SALES' ? props.businessFields : props.salesFields}
            filters={template.filter}
            problems={[]}
            editable={editable}
            onChange={(filter) => change(index, { ...template, filter })}
          />
          <ProblemLines of={problemsAt(problems, 'templates', String(index))} />
          {editable && (
            <button type="button" onClick={() => onChange({ templates: without(templates, index) })}>
              Take template {index + 1} away
            </button>
          )}
        </fieldset>
      ))}
      {editable && (
        <button type="button" className="below" onClick={add}>
          <Icon name="plus" />
          Template
        </button>
      )}
    </>
  );
}

interface TemplateValuesProps extends TemplatesEditorProps {
  readonly template: TemplateDraft;
  readonly number: number;
  readonly onTemplate: (template: TemplateDraft) => void;
}

function TemplateValues({ template, number, onTemplate, editable, businessFields, salesFields }: TemplateValuesProps) {
  const id = useId();
  const { values } = template;
  const fields = template.side === 'SALES' ? salesFields : businessFields;
  return (
    <div className="field-part">
      <span className="field-part-title">Values</span>
      <datalist id={id}>
        {fields
          .filter(({ readOnly }) => !readOnly)
          .map(({ name, label }) => (
            <option key={name} value={name} label={label} />
          ))}
      </datalist>
      {values.map((value, index) => (
        // Values have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="filter-line">
          <input
            aria-label={`Field ${index + 1} of template ${number}`}
            list={id}
            value={value.field}
            onChange={(event) =>
              onTemplate({ ...template, values: replaced(values, index, { ...value, field: event.target.value }) })
            }
          />
          <input
            aria-label={`Value ${index + 1} of template ${number}`}
            value={value.value}
            onChange={(event) =>
              onTemplate({ ...template, values: replaced(values, index, { ...value, value: event.target.value }) })
            }
          />
          {editable && (
            <button
              type="button"
              className="quiet"
              aria-label={`Take value ${index + 1} of template ${number} away`}
              onClick={() => onTemplate({ ...template, values: without(values, index) })}
            >
              <Icon name="bad" />
            </button>
          )}
        </div>
      ))}
      {editable && (
        <button
          type="button"
          onClick={() => onTemplate({ ...template, values: [...values, { field: '', value: '' }] })}
        >
          <Icon name="plus" />
          Value
        </button>
      )}
    </div>
  );
}
