import { fullSynchModes, type JobQueueEntry, type JobSchedule, type JobTask } from './job-queue-entry.js';
import { ConnectionDisabledError, type EntryProblem } from './job-queue-errors.js';
import { scheduleProblems } from './schedule.js';
import { isRecurring } from './transitions.js';

/** What a person decides of an entry once and for all. */
export type EntryIdentity = Pick<JobQueueEntry, 'code' | 'task' | 'mappingId' | 'connectionSetupId'>;

/** What a person decides of an entry and may change later. */
export type EntrySettings = JobSchedule &
  Pick<
    JobQueueEntry,
    | 'description'
    | 'parameterString'
    | 'inactivityTimeoutMinutes'
    | 'maximumRetries'
    | 'rerunDelaySeconds'
    | 'whenRetriesExhausted'
    | 'categoryCode'
    | 'priority'
    | 'timeoutSeconds'
  >;

/** What a task needs to be told; tasks without a row are only of one-off entries, which the service makes itself. */
const needs: Partial<Record<JobTask, 'mapping' | 'connection' | 'nothing'>> = {
  INTEGRATION_SYNCH: 'mapping',
  MATCH_COUPLING: 'mapping',
  UNCOUPLE: 'mapping',
  FULL_SYNCH: 'connection',
  AUDIT: 'connection',
  RETENTION: 'nothing',
};

// Lengths as everywhere in the API; the other limits are those of the original's Job Queue Entry.
const LONGEST_CODE = 50;
const LONGEST_TEXT = 250;
const MOST_RETRIES = 10;
const LONGEST_RERUN_DELAY_SECONDS = 3_600;
const SHORTEST_SLEEP_MINUTES = 5;
const LONGEST_SLEEP_MINUTES = 366 * 24 * 60;
const LONGEST_TIMEOUT_SECONDS = 7 * 24 * 3_600;

/** What is wrong with the identity of a new entry. */
export function identityProblems({ code, task, mappingId, connectionSetupId }: EntryIdentity): EntryProblem[] {
  const problems: EntryProblem[] = [];
  if (code.trim() === '' || code.length > LONGEST_CODE) {
    const got = code.trim() === '' && code !== '' ? 'only blanks' : `${code.length}`;
    problems.push(invalid('code', `expected 1 to ${LONGEST_CODE} characters, got ${got}`));
  }
  const need = needs[task];
  if (need === undefined) {
    const others = Object.keys(needs).join(', ');
    problems.push(invalid('task', `expected one of ${others}, got ${task}, which only the service starts itself`));
  }
  if (need === 'mapping' && mappingId === null) {
    problems.push(invalid('mappingId', `expected the mapping that ${task} works on, got none`));
  }
  if (need === 'connection' && connectionSetupId === null) {
    problems.push(invalid('connectionSetupId', `expected the connection that ${task} works on, got none`));
  }
  if (need !== undefined && need !== 'mapping' && mappingId !== null) {
    problems.push(invalid('mappingId', `expected none for ${task}, which works on no single mapping`));
  }
  return problems;
}

/** What is wrong with what a task is told: a FULL_SYNCH may be told its mode. */
export function parameterProblems({
  task,
  parameterString,
}: Pick<JobQueueEntry, 'task' | 'parameterString'>): EntryProblem[] {
  const given = parameterString?.trim() ?? '';
  if (task !== 'FULL_SYNCH' || given === '') return [];
  if (fullSynchModes.some((mode) => mode === given.toUpperCase())) return [];
  const expected = `one of ${fullSynchModes.join(', ')}, or nothing for COUPLED_ONLY`;
  return [invalid('parameterString', `expected ${expected}, got "${given.slice(0, 60)}"`)];
}

/** Passes an entry that may be READY. @throws ConnectionDisabledError when it works for a connection that is not enabled */
export function requireEnabledConnection(
  { code, connectionSetupId }: Pick<JobQueueEntry, 'code' | 'connectionSetupId'>,
  enabledConnections: ReadonlySet<string>,
): void {
  if (connectionSetupId !== null && !enabledConnections.has(connectionSetupId)) throw new ConnectionDisabledError(code);
}

/** What is wrong with the settings of an entry; `recurringJob` is what its maker takes it for, when it was told. */
export function settingsProblems(settings: EntrySettings, recurringJob: boolean | null = null): EntryProblem[] {
  return [
    ...scheduleProblems(settings).map(({ field, message }) => invalid(field, message.slice(`${field}: `.length))),
    ...recurrenceProblems(settings, recurringJob),
    ...limitProblems(settings),
  ];
}

function recurrenceProblems(settings: EntrySettings, recurringJob: boolean | null): EntryProblem[] {
  const recurring = isRecurring(settings);
  const problems: EntryProblem[] = [];
  if (recurringJob !== null && recurringJob !== recurring) {
    const follows = recurring ? 'runOn or cron is set' : 'neither runOn nor cron is set';
    problems.push(invalid('recurringJob', `expected ${recurring}, since ${follows}; leave it out or change those`));
  }
  if (recurring) return problems;
  for (const field of ['startingTime', 'endingTime'] as const) {
    if (settings[field] === null) continue;
    problems.push(
      invalid(field, 'expected none for an entry that runs once; set runOn or cron, or use earliestStartAt'),
    );
  }
  return problems;
}

function limitProblems(settings: EntrySettings): EntryProblem[] {
  const { description, parameterString, categoryCode, inactivityTimeoutMinutes, timeoutSeconds } = settings;
  const problems: EntryProblem[] = [];
  const length = (field: string, text: string | null, longest: number) => {
    if ((text?.length ?? 0) <= longest) return;
    problems.push(invalid(field, `expected at most ${longest} characters, got ${text?.length}`));
  };
  const range = (field: string, value: number, least: number, most: number) => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    problems.push(invalid(field, `expected ${least} to ${most}, got ${value}`));
  };
  length('description', description, LONGEST_TEXT);
  length('parameterString', parameterString, LONGEST_TEXT);
  length('categoryCode', categoryCode, LONGEST_CODE);
  if (categoryCode?.trim() === '') problems.push(invalid('categoryCode', 'expected a code or null, got only blanks'));
  range('maximumRetries', settings.maximumRetries, 0, MOST_RETRIES);
  range('rerunDelaySeconds', settings.rerunDelaySeconds, 0, LONGEST_RERUN_DELAY_SECONDS);
  if (timeoutSeconds !== null) range('timeoutSeconds', timeoutSeconds, 1, LONGEST_TIMEOUT_SECONDS);
  const sleeps =
    inactivityTimeoutMinutes >= SHORTEST_SLEEP_MINUTES && inactivityTimeoutMinutes <= LONGEST_SLEEP_MINUTES;
  if (inactivityTimeoutMinutes !== 0 && !sleeps) {
    const expected = `0 (asleep until something changes) or ${SHORTEST_SLEEP_MINUTES} to ${LONGEST_SLEEP_MINUTES}`;
    problems.push(invalid('inactivityTimeoutMinutes', `expected ${expected}, got ${inactivityTimeoutMinutes}`));
  }
  return problems;
}

const invalid = (field: string, message: string): EntryProblem => ({ code: 'INVALID', field, message });
