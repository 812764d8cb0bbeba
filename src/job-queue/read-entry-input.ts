import type { EntryChange } from './entry-edit.js';
import type { EntrySettingsInput } from './entry-inputs-graphql.js';
import type { EntryProblem } from './job-queue-errors.js';

/** Fields that may be null; of all others null is a fault. */
const nullable: ReadonlySet<string> = new Set([
  'parameterString',
  'startingTime',
  'endingTime',
  'cron',
  'earliestStartAt',
  'expiresAt',
  'categoryCode',
  'timeoutSeconds',
]);

/** The settings that an input asks for, absent ones left out, and what is null that may not be. */
export function readEntrySettings(input: EntrySettingsInput): {
  readonly change: EntryChange;
  readonly problems: readonly EntryProblem[];
} {
  const asked = {
    description: input.description,
    parameterString: input.parameterString,
    runOn: input.runOn,
    startingTime: input.startingTime,
    endingTime: input.endingTime,
    timeZone: input.timeZone,
    minutesBetweenRuns: input.minutesBetweenRuns,
    cron: input.cron,
    earliestStartAt: input.earliestStartAt,
    expiresAt: input.expiresAt,
    inactivityTimeoutMinutes: input.inactivityTimeoutMinutes,
    maximumRetries: input.maximumRetries,
    rerunDelaySeconds: input.rerunDelaySeconds,
    whenRetriesExhausted: input.whenRetriesExhausted,
    recurrenceAnchor: input.recurrenceAnchor,
    categoryCode: input.categoryCode,
    priority: input.priority,
    timeoutSeconds: input.timeoutSeconds,
  };
  const problems = Object.entries(asked)
    .filter(([name, value]) => value === null && !nullable.has(name))
    .map(
      ([field]): EntryProblem => ({
        code: 'INVALID',
        field,
        message: 'expected a value, got null; leave it out to keep what is there',
      }),
    );
  // What is left is neither absent nor null where it may not be, so it has the type of its field.
  const change = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as EntryChange;
  return { change, problems };
}
