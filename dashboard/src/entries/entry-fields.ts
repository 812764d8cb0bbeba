import { graphql, type ResultOf } from '../graphql/graphql';

/** An entry as a line of the list: all that its schedule and status are told from. */
export const entryFields = graphql(`
  fragment EntryFields on JobQueueEntry {
    id
    code
    description
    task
    status
    statusReason
    oneOff
    recurringJob
    runOn
    startingTime
    endingTime
    timeZone
    minutesBetweenRuns
    cron
    earliestStartAt
    nextRunAt
    inactivityTimeoutMinutes
    categoryCode
    priority
    retriesMade
    maximumRetries
    currentRun { id startedAt }
    lastRun {
      id
      status
      startedAt
      endedAt
      durationMs
      error { code message }
    }
  }
`);

export type EntryLine = ResultOf<typeof entryFields>;
