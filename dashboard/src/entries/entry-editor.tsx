import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useNotify } from '../design/notices';
import { Panel } from '../design/panel';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { entryFields } from './entry-fields';
import type { Entry } from './entry-page';
import { UpcomingRuns } from './upcoming-runs';

const UpdateEntry = graphql(
  `
    mutation UpdateEntry($input: UpdateJobQueueEntryInput!) {
      updateJobQueueEntry(input: $input) {
        jobQueueEntry { ...EntryFields expiresAt rerunDelaySeconds whenRetriesExhausted recurrenceAnchor timeoutSeconds revision updatedAt }
        userErrors { code message field }
      }
    }
  `,
  [entryFields],
);

type Editable =
  | 'description'
  | 'runOn'
  | 'startingTime'
  | 'endingTime'
  | 'timeZone'
  | 'minutesBetweenRuns'
  | 'cron'
  | 'inactivityTimeoutMinutes'
  | 'maximumRetries'
  | 'rerunDelaySeconds'
  | 'timeoutSeconds'
  | 'categoryCode'
  | 'priority'
  | 'whenRetriesExhausted';
type Input = Partial<Pick<Entry, Editable>>;

const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;

export interface EntryEditorProps {
  readonly entry: Entry;
  readonly onDone: () => void;
}

/** Every field of an entry that may be changed, with the service's word on each, and the next runs while it is typed. */
export function EntryEditor({ entry, onDone }: EntryEditorProps) {
  const [edited, setEdited] = useState<Input>({});
  const update = useAction(UpdateEntry, { errorsInForm: true });
  const notify = useNotify();
  const id = useId();
  const value = { ...entry, ...edited };
  const change = (part: Input): void => setEdited({ ...edited, ...part });
  const problemOf = (name: string): string =>
    update.userErrors
      .filter(({ field }) => field?.[0] === name)
      .map(({ message }) => message)
      .join(' ');
  const shownNames = [
    'description',
    'runOn',
    'startingTime',
    'endingTime',
    'timeZone',
    'minutesBetweenRuns',
    'cron',
    'inactivityTimeoutMinutes',
    'maximumRetries',
    'rerunDelaySeconds',
    'timeoutSeconds',
    'categoryCode',
    'priority',
  ];
  const others = update.userErrors.filter(({ field }) => !shownNames.includes(field?.[0] ?? ''));

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const done = await update.run({ input: { ...edited, id: entry.id, expectedRevision: entry.revision } });
    if (done === null) return;
    notify({ tone: 'good', text: `${entry.code} was saved.` });
    onDone();
  };
  const text = (
    name: 'description' | 'startingTime' | 'endingTime' | 'timeZone' | 'cron' | 'categoryCode',
    label: string,
    mayBeNull = true,
  ) => (
    <Field id={`${id}-${name}`} label={label} problem={problemOf(name)}>
      <input
        id={`${id}-${name}`}
        value={value[name] ?? ''}
        aria-invalid={problemOf(name) !== ''}
        aria-describedby={`${id}-${name}-problem`}
        onChange={(event) => change({ [name]: event.target.value === '' && mayBeNull ? null : event.target.value })}
      />
    </Field>
  );
  const number = (
    name: 'minutesBetweenRuns' | 'inactivityTimeoutMinutes' | 'maximumRetries' | 'rerunDelaySeconds' | 'timeoutSeconds',
    label: string,
    mayBeNull = false,
  ) => (
    <Field id={`${id}-${name}`} label={label} problem={problemOf(name)}>
      <input
        id={`${id}-${name}`}
        type="number"
        min={0}
        value={value[name] ?? ''}
        aria-invalid={problemOf(name) !== ''}
        aria-describedby={`${id}-${name}-problem`}
        onChange={(event) =>
          change({ [name]: event.target.value === '' ? (mayBeNull ? null : 0) : Number(event.target.value) })
        }
      />
    </Field>
  );
  return (
    <Panel title="Change the entry">
      <form onSubmit={(event) => void save(event)} noValidate>
        {text('description', 'Description', false)}
        <fieldset className="days">
          <legend>Runs on</legend>
          {weekdays.map((day) => (
            <label key={day} className="check">
              <input
                type="checkbox"
                checked={value.runOn.includes(day)}
                onChange={(event) =>
                  change({
                    runOn: weekdays.filter((other) =>
                      other === day ? event.target.checked : value.runOn.includes(other),
                    ),
                  })
                }
              />
              {day.charAt(0) + day.slice(1, 3).toLowerCase()}
            </label>
          ))}
          <p className="problem">{problemOf('runOn')}</p>
        </fieldset>
        <div className="editor">
          {number('minutesBetweenRuns', 'Minutes between runs')}
          {text('cron', 'Cron expression instead')}
          {text('startingTime', 'From (HH:MM:SS)')}
          {text('endingTime', 'Until (HH:MM:SS)')}
          {text('timeZone', 'Time zone', false)}
          {number('inactivityTimeoutMinutes', 'Sleeps (min) after finding nothing')}
          {number('maximumRetries', 'Retries')}
          {number('rerunDelaySeconds', 'Seconds before a retry')}
          {number('timeoutSeconds', 'Time limit in seconds', true)}
          {text('categoryCode', 'Category')}
          <Field id={`${id}-priority`} label="Priority" problem={problemOf('priority')}>
            <select
              id={`${id}-priority`}
              value={value.priority}
              onChange={(event) => change({ priority: event.target.value as Entry['priority'] })}
            >
              <option value="HIGH">High</option>
              <option value="NORMAL">Normal</option>
              <option value="LOW">Low</option>
            </select>
          </Field>
          <Field id={`${id}-exhausted`} label="When retries are used up" problem="">
            <select
              id={`${id}-exhausted`}
              value={value.whenRetriesExhausted}
              onChange={(event) =>
                change({ whenRetriesExhausted: event.target.value as Entry['whenRetriesExhausted'] })
              }
            >
              <option value="STOP">stop with an error</option>
              <option value="NEXT_SLOT">go on at the next slot</option>
            </select>
          </Field>
        </div>
        {(value.runOn.length > 0 || value.cron !== null) && <UpcomingRuns schedule={value} />}
        <p role="alert" className="problem">
          {others.map(({ message }) => message).join(' ')}
        </p>
        <div className="actions">
          <button type="submit" className="primary" disabled={update.running || Object.keys(edited).length === 0}>
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

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly problem: string;
  readonly children: ReactNode;
}

function Field({ id, label, problem, children }: FieldProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      <p id={`${id}-problem`} className="problem">
        {problem}
      </p>
    </div>
  );
}
