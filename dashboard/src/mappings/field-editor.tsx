import { useId } from 'react';
import { CheckField, FormField, NumberField, SelectField, TextField } from '../design/form-fields';
import { Icon } from '../design/icon';
import { type FieldDraft, replaced, without } from './mapping-draft';
import { directions } from './settings-editor';
import { type FieldOfTable, typeInWords } from './use-metadata';

export const ruleWords = {
  INHERIT: 'as the mapping',
  BUSINESS_WINS: 'business wins',
  SALES_WINS: 'Dataverse wins',
  NEWEST_WINS: 'newest wins',
  ASK: 'a person decides',
} as const;

export interface FieldEditorProps {
  readonly field: FieldDraft;
  readonly businessFields: readonly FieldOfTable[];
  readonly salesFields: readonly FieldOfTable[];
  readonly rules: readonly { readonly code: string; readonly description: string }[];
  readonly mappings: readonly string[];
  readonly onChange: (field: FieldDraft) => void;
}

/** One pair of fields: which two, which way, what happens to the value, and who wins. */
export function FieldEditor(props: FieldEditorProps) {
  const { field, businessFields, salesFields, rules, mappings } = props;
  const change = (part: Partial<FieldDraft>): void => props.onChange({ ...field, ...part });
  return (
    <div className="field-editor">
      <div className="editor">
        <FieldPicker
          label="Business field"
          fields={businessFields}
          value={field.field}
          onChange={(name) => change({ field: name })}
        />
        <FieldPicker
          label="Dataverse field"
          fields={salesFields}
          value={field.integrationField}
          onChange={(integrationField) => change({ integrationField })}
        />
        <SelectField
          label="Direction"
          words={directions}
          value={field.direction}
          onChange={(direction) => change({ direction })}
        />
        <SelectField
          label="On a conflict"
          words={ruleWords}
          value={field.conflictRule}
          onChange={(conflictRule) => change({ conflictRule })}
        />
        <TextField
          label="Constant instead of the empty side"
          value={field.constantValue}
          onChange={(constantValue) => change({ constantValue })}
        />
        <SelectField
          label="Reference through the couplings of"
          words={{ '': 'no reference', ...Object.fromEntries(mappings.map((name) => [name, name])) }}
          value={field.lookup ?? ''}
          onChange={(lookup) => change({ lookup: lookup === '' ? null : lookup })}
        />
      </div>
      <Transformations
        codes={field.transformations}
        rules={rules}
        onChange={(transformations) => change({ transformations })}
      />
      <OptionMap
        pairs={field.optionMap}
        businessOptions={optionsOf(businessFields, field.field)}
        salesOptions={optionsOf(salesFields, field.integrationField)}
        onChange={(optionMap) => change({ optionMap })}
      />
      <div className="checks">
        <CheckField label="Enabled" value={field.enabled} onChange={(enabled) => change({ enabled })} />
        <CheckField
          label="Blank while its reference is not coupled"
          value={field.clearValueOnFailedSynch}
          onChange={(clearValueOnFailedSynch) => change({ clearValueOnFailedSynch })}
        />
        <CheckField
          label="A reference never becomes blank"
          value={field.notNull}
          onChange={(notNull) => change({ notNull })}
        />
        <CheckField
          label="Records with this value are the same"
          value={field.useForMatchBasedCoupling}
          onChange={(useForMatchBasedCoupling) => change({ useForMatchBasedCoupling })}
        />
        {field.useForMatchBasedCoupling && (
          <CheckField
            label="Capitals matter for that"
            value={field.caseSensitiveMatching}
            onChange={(caseSensitiveMatching) => change({ caseSensitiveMatching })}
          />
        )}
      </div>
      {field.useForMatchBasedCoupling && (
        <div className="editor">
          <NumberField
            label="Match priority (lowest first)"
            value={field.matchPriority}
            onChange={(matchPriority) => change({ matchPriority: matchPriority ?? 0 })}
          />
        </div>
      )}
    </div>
  );
}

const optionsOf = (fields: readonly FieldOfTable[], name: string) =>
  fields.find((field) => field.name === name)?.options ?? [];

interface FieldPickerProps {
  readonly label: string;
  readonly fields: readonly FieldOfTable[];
  readonly value: string;
  readonly onChange: (name: string) => void;
}

function FieldPicker({ label, fields, value, onChange }: FieldPickerProps) {
  const id = useId();
  const known = fields.find(({ name }) => name === value);
  return (
    <div>
      <FormField label={label}>
        {(props) => (
          <>
            <input {...props} list={id} value={value} onChange={(event) => onChange(event.target.value)} />
            <datalist id={id}>
              {fields.map((field) => (
                <option key={field.name} value={field.name}>
                  {typeInWords(field)}
                </option>
              ))}
            </datalist>
          </>
        )}
      </FormField>
      <p className="faint type-words">{known ? typeInWords(known) : value === '' ? 'none: a constant' : ' '}</p>
    </div>
  );
}

interface TransformationsProps {
  readonly codes: readonly string[];
  readonly rules: FieldEditorProps['rules'];
  readonly onChange: (codes: string[]) => void;
}

function Transformations({ codes, rules, onChange }: TransformationsProps) {
  const id = useId();
  return (
    <div className="field-part">
      <span className="field-part-title">On the way</span>
      <ol className="rule-chain">
        {codes.map((code, index) => (
          // A rule may stand in the chain twice: it has no identity but its place.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index}>
            <code>{code}</code>
            <button
              type="button"
              className="plain"
              aria-label={`Take ${code} away`}
              onClick={() => onChange(without(codes, index))}
            >
              <Icon name="bad" />
            </button>
          </li>
        ))}
        {codes.length === 0 && <li className="faint">the value as it is</li>}
      </ol>
      <label htmlFor={id} className="unseen">
        Add a transformation
      </label>
      <select
        id={id}
        value=""
        onChange={(event) => event.target.value !== '' && onChange([...codes, event.target.value])}
      >
        <option value="">Add a transformation …</option>
        {rules.map(({ code, description }) => (
          <option key={code} value={code}>
            {description === '' ? code : `${code}: ${description}`}
          </option>
        ))}
      </select>
    </div>
  );
}

interface OptionMapProps {
  readonly pairs: FieldDraft['optionMap'];
  readonly businessOptions: FieldOfTable['options'];
  readonly salesOptions: FieldOfTable['options'];
  readonly onChange: (pairs: FieldDraft['optionMap']) => void;
}

function OptionMap({ pairs, businessOptions, salesOptions, onChange }: OptionMapProps) {
  const id = useId();
  const isOffered = pairs.length > 0 || businessOptions.length > 0 || salesOptions.length > 0;
  if (!isOffered) return null;
  return (
    <div className="field-part">
      <span className="field-part-title">Options that are the same</span>
      <Options id={`${id}-business`} options={businessOptions} />
      <Options id={`${id}-sales`} options={salesOptions} />
      {pairs.map((pair, index) => (
        // Pairs have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="filter-line">
          <input
            aria-label={`Business option ${index + 1}`}
            list={`${id}-business`}
            value={pair.value}
            onChange={(event) => onChange(replaced(pairs, index, { ...pair, value: event.target.value }))}
          />
          <input
            aria-label={`Dataverse option ${index + 1}`}
            list={`${id}-sales`}
            value={pair.integrationValue}
            onChange={(event) => onChange(replaced(pairs, index, { ...pair, integrationValue: event.target.value }))}
          />
          <button
            type="button"
            className="quiet"
            aria-label={`Take option ${index + 1} away`}
            onClick={() => onChange(without(pairs, index))}
          >
            <Icon name="bad" />
          </button>
        </div>
      ))}
      <button type="button" onClick={() => onChange([...pairs, { value: '', integrationValue: '' }])}>
        <Icon name="plus" />
        Option
      </button>
    </div>
  );
}

const Options = ({ id, options }: { readonly id: string; readonly options: FieldOfTable['options'] }) => (
  <datalist id={id}>
    {options.map(({ value, label }) => (
      <option key={value} value={value}>
        {label}
      </option>
    ))}
  </datalist>
);
