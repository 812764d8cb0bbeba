import { useMemo } from 'react';
import { Moment } from '../design/moment';
import { useSettled } from '../design/use-settled';
import { graphql, type VariablesOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';

const PreviewQuery = graphql(`
  query PreviewSchedule($input: PreviewScheduleInput!) { previewSchedule(input: $input) }
`);

type PreviewInput = VariablesOf<typeof PreviewQuery>['input'];
export type Schedule = Pick<
  PreviewInput,
  'runOn' | 'startingTime' | 'endingTime' | 'timeZone' | 'minutesBetweenRuns' | 'cron' | 'earliestStartAt' | 'expiresAt'
>;

export interface SchedulePreview {
  /** The next runs; null before the answer, and while something is wrong with the schedule. */
  readonly runs: readonly string[] | null;
  /** What is wrong, by field of the schedule. */
  readonly problems: Readonly<Record<string, string>>;
  /** What is wrong with no field in particular. */
  readonly otherProblem: string | null;
  readonly isRecurring: boolean;
}

const topics: readonly Topic[] = [];
const COUNT = 10;

/** When an entry would run, as the service counts it, and what the service would refuse of the schedule; also while it is typed. */
export function useSchedulePreview(schedule: Schedule): SchedulePreview {
  const { runOn, startingTime, endingTime, timeZone, minutesBetweenRuns, cron, earliestStartAt, expiresAt } = schedule;
  const isRecurring = runOn.length > 0 || cron !== null;
  const key = useSettled(
    JSON.stringify({ runOn, startingTime, endingTime, timeZone, minutesBetweenRuns, cron, earliestStartAt, expiresAt }),
  );
  const variables = useMemo(
    () => ({ input: { ...(JSON.parse(key) as Schedule), after: new Date().toISOString(), count: COUNT } }),
    [key],
  );
  const { data, error } = useLiveQuery({ query: PreviewQuery, variables, topics, pause: !isRecurring });
  const problems: Record<string, string> = {};
  let otherProblem: string | null = null;
  for (const { message } of isRecurring ? (error?.graphQLErrors ?? []) : []) {
    // The path of the value stands in the message, in front of what was expected there.
    const name = /\binput\.(\w+)/.exec(message)?.[1];
    if (name === undefined) otherProblem = message;
    else problems[name] = message.replace(/^.*\binput\.\w+["]?[:;]\s*(LocalTime: )?/, '');
  }
  if (error?.networkError) otherProblem = 'The service does not answer.';
  return {
    runs: error || !isRecurring ? null : (data?.previewSchedule ?? null),
    problems,
    otherProblem,
    isRecurring,
  };
}

/** The next ten runs, or why there are none. */
export function UpcomingRuns({ preview: { runs, problems, otherProblem, isRecurring } }: UpcomingRunsProps) {
  const isWrong = otherProblem !== null || Object.keys(problems).length > 0;
  return (
    <section className="upcoming" aria-live="polite" aria-label="Next runs">
      <h3>Next runs by this schedule</h3>
      {!isRecurring && <p className="soft">It runs once: no day and no cron expression is given.</p>}
      {isWrong && <p className="problem">{otherProblem ?? 'The schedule cannot be read as it is.'}</p>}
      <ol>
        {(runs ?? []).map((at) => (
          <li key={at}>
            <Moment at={at} />
          </li>
        ))}
        {runs?.length === 0 && <li className="soft">It would never run.</li>}
      </ol>
    </section>
  );
}

export interface UpcomingRunsProps {
  readonly preview: SchedulePreview;
}
