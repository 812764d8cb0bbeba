import { useMemo } from 'react';
import { Moment } from '../design/moment';
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

const topics: readonly Topic[] = [];

/** When it would run, as the service counts it; also while it is being edited. */
export function UpcomingRuns({ schedule, count = 10 }: { readonly schedule: Schedule; readonly count?: number }) {
  const { runOn, startingTime, endingTime, timeZone, minutesBetweenRuns, cron, earliestStartAt, expiresAt } = schedule;
  const key = JSON.stringify({
    runOn,
    startingTime,
    endingTime,
    timeZone,
    minutesBetweenRuns,
    cron,
    earliestStartAt,
    expiresAt,
  });
  const variables = useMemo(
    () => ({ input: { ...(JSON.parse(key) as Schedule), after: new Date().toISOString(), count } }),
    [key, count],
  );
  const { data, error } = useLiveQuery({ query: PreviewQuery, variables, topics });
  if (error) return <p className="problem">{error.graphQLErrors[0]?.message ?? 'The service does not answer.'}</p>;
  return (
    <div className="upcoming">
      <h3>Next runs by this schedule</h3>
      <ol>
        {(data?.previewSchedule ?? []).map((at) => (
          <li key={at}>
            <Moment at={at} />
          </li>
        ))}
      </ol>
    </div>
  );
}
