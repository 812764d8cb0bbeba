import { CheckField, MomentField, NumberField, SelectField, TextField } from '../design/form-fields';
import { problemAt } from '../design/form-problems';
import type { UserError } from '../graphql/use-action';
import type { Entry } from './entry-page';
import { UpcomingRuns, useSchedulePreview } from './upcoming-runs';

/** What of an entry may be filled in, when it is made and later. */
export type EntryValues = Pick<
  Entry,
  | 'description'
  | 'runOn'
  | 'startingTime'
  | 'endingTime'
  | 'timeZone'
  | 'minutesBetweenRuns'
  | 'cron'
  | 'earliestStartAt'
  | 'expiresAt'
  | 'inactivityTimeoutMinutes'
  | 'maximumRetries'
  | 'rerunDelaySeconds'
  | 'timeoutSeconds'
  | 'categoryCode'
  | 'parameterString'
  | 'priority'
  | 'recurrenceAnchor'
  | 'whenRetriesExhausted'
>;

/** The fields whose problems the form shows beside them. */
export const entryFormFields: readonly (keyof EntryValues)[] = [
  'description',
  'runOn',
  'startingTime',
  'endingTime',
  'timeZone',
  'minutesBetweenRuns',
  'cron',
  'earliestStartAt',
  'expiresAt',
  'inactivityTimeoutMinutes',
  'maximumRetries',
  'rerunDelaySeconds',
  'timeoutSeconds',
  'categoryCode',
  'parameterString',
  'priority',
  'recurrenceAnchor',
  'whenRetriesExhausted',
];

const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
const timeZones = Intl.supportedValuesOf('timeZone');
const priorities = { HIGH: 'High', NORMAL: 'Normal', LOW: 'Low' } as const;
const anchors = { END_OF_RUN: 'the end of the last run', SCHEDULED: 'the schedule, at a fixed cadence' } as const;
const exhausted = { STOP: 'stop with an error', NEXT_SLOT: 'go on at the next slot' } as const;

export interface EntryFormProps {
  readonly value: EntryValues;
  readonly onChange: (part: Partial<EntryValues>) => void;
  /** What saving was refused for. */
  readonly userErrors: readonly UserError[];
}

/** Every field of an entry, with the service's word on the schedule while it is typed, and the runs that it would give. */
export function EntryForm({ value, onChange, userErrors }: EntryFormProps) {
  const preview = useSchedulePreview(value);
  const problem = (name: keyof EntryValues): string => preview.problems[name] ?? problemAt(userErrors, name);
  return (
    <>
      <TextField
        label="Description"
        value={value.description}
        problem={problem('description')}
        onChange={(description) => onChange({ description: description ?? '' })}
      />
      <fieldset className="days">
        <legend>Runs on</legend>
        {weekdays.map((day) => (
          <CheckField
            key={day}
            label={day.charAt(0) + day.slice(1, 3).toLowerCase()}
            value={value.runOn.includes(day)}
            onChange={(on) =>
              onChange({ runOn: weekdays.filter((other) => (other === day ? on : value.runOn.includes(other))) })
            }
          />
        ))}
        <p className="problem">{problem('runOn')}</p>
      </fieldset>
      <div className="editor">
        <NumberField
          label="Minutes between runs"
          value={value.minutesBetweenRuns}
          problem={problem('minutesBetweenRuns')}
          onChange={(minutes) => onChange({ minutesBetweenRuns: minutes ?? 0 })}
        />
        <TextField
          label="Cron expression instead"
          value={value.cron}
          problem={problem('cron')}
          onChange={(cron) => onChange({ cron })}
        />
        <TextField
          label="From (HH:MM:SS)"
          value={value.startingTime}
          problem={problem('startingTime')}
          onChange={(startingTime) => onChange({ startingTime })}
        />
        <TextField
          label="Until (HH:MM:SS)"
          value={value.endingTime}
          problem={problem('endingTime')}
          onChange={(endingTime) => onChange({ endingTime })}
        />
        <TextField
          label="Time zone"
          suggestions={timeZones}
          value={value.timeZone}
          problem={problem('timeZone')}
          onChange={(timeZone) => onChange({ timeZone: timeZone ?? '' })}
        />
        <SelectField
          label="Minutes are counted from"
          words={anchors}
          value={value.recurrenceAnchor}
          problem={problem('recurrenceAnchor')}
          onChange={(recurrenceAnchor) => onChange({ recurrenceAnchor })}
        />
        <MomentField
          label="Not before"
          value={value.earliestStartAt}
          problem={problem('earliestStartAt')}
          onChange={(earliestStartAt) => onChange({ earliestStartAt })}
        />
        <MomentField
          label="Expires"
          value={value.expiresAt}
          problem={problem('expiresAt')}
          onChange={(expiresAt) => onChange({ expiresAt })}
        />
      </div>
      <UpcomingRuns preview={preview} />
      <div className="editor">
        <NumberField
          label="Sleep in minutes (0: until a change)"
          value={value.inactivityTimeoutMinutes}
          problem={problem('inactivityTimeoutMinutes')}
          onChange={(minutes) => onChange({ inactivityTimeoutMinutes: minutes ?? 0 })}
        />
        <NumberField
          label="Retries"
          max={10}
          value={value.maximumRetries}
          problem={problem('maximumRetries')}
          onChange={(maximumRetries) => onChange({ maximumRetries: maximumRetries ?? 0 })}
        />
        <NumberField
          label="Seconds before a retry"
          max={3_600}
          value={value.rerunDelaySeconds}
          problem={problem('rerunDelaySeconds')}
          onChange={(seconds) => onChange({ rerunDelaySeconds: seconds ?? 0 })}
        />
        <SelectField
          label="When retries are used up"
          words={exhausted}
          value={value.whenRetriesExhausted}
          problem={problem('whenRetriesExhausted')}
          onChange={(whenRetriesExhausted) => onChange({ whenRetriesExhausted })}
        />
        <NumberField
          label="Time limit in seconds"
          min={1}
          value={value.timeoutSeconds}
          problem={problem('timeoutSeconds')}
          onChange={(timeoutSeconds) => onChange({ timeoutSeconds })}
        />
        <TextField
          label="Category"
          value={value.categoryCode}
          problem={problem('categoryCode')}
          onChange={(categoryCode) => onChange({ categoryCode })}
        />
        <SelectField
          label="Priority"
          words={priorities}
          value={value.priority}
          problem={problem('priority')}
          onChange={(priority) => onChange({ priority })}
        />
        <TextField
          label="Settings of the task"
          value={value.parameterString}
          problem={problem('parameterString')}
          onChange={(parameterString) => onChange({ parameterString })}
        />
      </div>
    </>
  );
}
