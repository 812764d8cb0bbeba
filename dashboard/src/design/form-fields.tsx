import { type ReactNode, useId } from 'react';

interface Labelled {
  readonly label: string;
  /** What the service said about the value. */
  readonly problem?: string | undefined;
}

interface InputProps {
  readonly id: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
}

/** A label, what is filled in, and beneath it what is wrong with that, for which there is always room. */
export function FormField({
  label,
  problem = '',
  children,
}: Labelled & { children: (props: InputProps) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-invalid': problem !== '', 'aria-describedby': `${id}-problem` })}
      <p id={`${id}-problem`} className="problem">
        {problem}
      </p>
    </div>
  );
}

export interface TextFieldProps extends Labelled {
  readonly value: string | null;
  /** Nothing filled in is told as null. */
  readonly onChange: (value: string | null) => void;
  readonly type?: 'text' | 'password';
  readonly suggestions?: readonly string[];
}

export function TextField({ label, problem, value, onChange, type = 'text', suggestions }: TextFieldProps) {
  const listId = useId();
  return (
    <FormField label={label} problem={problem}>
      {(props) => (
        <>
          <input
            {...props}
            type={type}
            value={value ?? ''}
            autoComplete="off"
            spellCheck={false}
            list={suggestions && listId}
            onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
          />
          {suggestions && (
            <datalist id={listId}>
              {suggestions.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          )}
        </>
      )}
    </FormField>
  );
}

export interface NumberFieldProps extends Labelled {
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly min?: number;
  readonly max?: number;
  readonly step?: 'any' | number;
}

export function NumberField({ label, problem, value, onChange, min = 0, max, step = 1 }: NumberFieldProps) {
  return (
    <FormField label={label} problem={problem}>
      {(props) => (
        <input
          {...props}
          type="number"
          min={min}
          max={max}
          step={step}
          value={value ?? ''}
          onChange={(event) => onChange(event.target.value === '' ? null : Number(event.target.value))}
        />
      )}
    </FormField>
  );
}

export interface SelectFieldProps<Choice extends string> extends Labelled {
  readonly words: Readonly<Record<Choice, string>>;
  readonly value: Choice;
  readonly onChange: (value: Choice) => void;
}

export function SelectField<Choice extends string>(props: SelectFieldProps<Choice>) {
  const { label, problem, words, value, onChange } = props;
  return (
    <FormField label={label} problem={problem}>
      {(input) => (
        <select {...input} value={value} onChange={(event) => onChange(event.target.value as Choice)}>
          {(Object.keys(words) as Choice[]).map((choice) => (
            <option key={choice} value={choice}>
              {words[choice]}
            </option>
          ))}
        </select>
      )}
    </FormField>
  );
}

export interface CheckFieldProps {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
  readonly disabled?: boolean;
}

export function CheckField({ label, value, onChange, disabled = false }: CheckFieldProps) {
  return (
    <label className="check">
      <input type="checkbox" checked={value} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

export interface MomentFieldProps extends Labelled {
  /** As the service writes it, in UTC. */
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
}

/** A moment, filled in as the viewer's clock shows it. */
export function MomentField({ label, problem, value, onChange }: MomentFieldProps) {
  return (
    <FormField label={label} problem={problem}>
      {(props) => (
        <input
          {...props}
          type="datetime-local"
          value={value === null ? '' : onTheClock(new Date(value))}
          onChange={(event) => onChange(event.target.value === '' ? null : new Date(event.target.value).toISOString())}
        />
      )}
    </FormField>
  );
}

const MINUTE_MS = 60_000;

const onTheClock = (at: Date): string =>
  new Date(at.getTime() - at.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
