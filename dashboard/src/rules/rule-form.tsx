import { type FormEvent, useState } from 'react';
import { NumberField, SelectField, TextField } from '../design/form-fields';
import { otherProblems, problemAt } from '../design/form-problems';
import { useNotify } from '../design/notices';
import { Panel } from '../design/panel';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { ruleFields } from './rule-fields';
import { emptyRule, kindWords, type Parameter, parametersOf, parameterWords, type Rule } from './rule-kinds';

const CreateRule = graphql(
  `
    mutation CreateRule($input: CreateTransformationRuleInput!) {
      createTransformationRule(input: $input) { transformationRule { ...RuleFields } userErrors { code message field } }
    }
  `,
  [ruleFields],
);

const UpdateRule = graphql(
  `
    mutation UpdateRule($input: UpdateTransformationRuleInput!) {
      updateTransformationRule(input: $input) { transformationRule { ...RuleFields } userErrors { code message field } }
    }
  `,
  [ruleFields],
);

const numbers: readonly Parameter[] = ['startPosition', 'length', 'precision'];
const choices: Readonly<Record<'roundDirection' | 'datePart', Readonly<Record<string, string>>>> = {
  roundDirection: { '': 'as usual, to the nearest', NEAREST: 'to the nearest', UP: 'up', DOWN: 'down' },
  datePart: { '': 'choose one', DAY: 'day', MONTH: 'month', YEAR: 'year' },
};

export interface RuleFormProps {
  /** Null: a new one. */
  readonly rule: Rule | null;
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

/** A transformation rule: what it does and what it is told for that. */
export function RuleForm({ rule, codes, onDone }: RuleFormProps) {
  const [value, setValue] = useState<Rule>(rule ?? emptyRule);
  const create = useAction(CreateRule, { errorsInForm: true });
  const update = useAction(UpdateRule, { errorsInForm: true });
  const notify = useNotify();
  const userErrors = rule === null ? create.userErrors : update.userErrors;
  const change = (part: Partial<Rule>): void => setValue({ ...value, ...part });
  const shown = parametersOf[value.kind];

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const { id, code, revision, description, kind, next } = value;
    // What another kind took is told as nothing.
    const told = Object.fromEntries(
      (Object.keys(parameterWords) as Parameter[]).map((name) => [name, shown.includes(name) ? value[name] : null]),
    );
    const input = { ...told, description, kind, next };
    const done =
      rule === null
        ? await create.run({ input: { ...input, code } })
        : await update.run({ input: { ...input, id, expectedRevision: revision } });
    if (done === null) return;
    notify({ tone: 'good', text: `${code} was saved.` });
    onDone();
  };
  return (
    <Panel title={rule === null ? 'New rule' : `Change ${rule.code}`}>
      <form onSubmit={(event) => void save(event)} noValidate>
        <div className="editor">
          {rule === null && (
            <TextField
              label="Code"
              value={value.code}
              problem={problemAt(userErrors, 'code')}
              onChange={(code) => change({ code: code ?? '' })}
            />
          )}
          <TextField
            label="Description"
            value={value.description}
            problem={problemAt(userErrors, 'description')}
            onChange={(description) => change({ description: description ?? '' })}
          />
          <SelectField
            label="What it makes of a value"
            words={kindWords}
            value={value.kind}
            problem={problemAt(userErrors, 'kind')}
            onChange={(kind) => change({ kind })}
          />
          {shown.map((name) => (
            <ParameterField
              key={name}
              name={name}
              value={value}
              problem={problemAt(userErrors, name)}
              onChange={change}
            />
          ))}
          <SelectField
            label="Then"
            words={{ '': 'nothing more', ...Object.fromEntries(codes.map((code) => [code, code])) }}
            value={value.next ?? ''}
            problem={problemAt(userErrors, 'next')}
            onChange={(next) => change({ next: next === '' ? null : next })}
          />
        </div>
        <p role="alert" className="problem">
          {otherProblems(userErrors, ['code', 'description', 'kind', 'next', ...shown])}
        </p>
        <div className="actions">
          <button type="submit" className="primary" disabled={create.running || update.running}>
            Save
          </button>
          <button type="button" onClick={onDone}>
            Cancel
          </button>
        </div>
      </form>
    </Panel>
  );
}

interface ParameterFieldProps {
  readonly name: Parameter;
  readonly value: Rule;
  readonly problem: string;
  readonly onChange: (part: Partial<Rule>) => void;
}

function ParameterField({ name, value, problem, onChange }: ParameterFieldProps) {
  const label = parameterWords[name];
  if (name === 'roundDirection' || name === 'datePart')
    return (
      <SelectField
        label={label}
        words={choices[name]}
        value={value[name] ?? ''}
        problem={problem}
        onChange={(chosen) => onChange({ [name]: chosen === '' ? null : chosen })}
      />
    );
  if (numbers.includes(name))
    return (
      <NumberField
        label={label}
        step="any"
        value={value[name] as number | null}
        problem={problem}
        onChange={(number) => onChange({ [name]: number })}
      />
    );
  return (
    <TextField
      label={label}
      value={value[name] as string | null}
      problem={problem}
      onChange={(text) => onChange({ [name]: text })}
    />
  );
}
