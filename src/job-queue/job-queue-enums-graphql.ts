import { graphqlEnum } from '../api/graphql-enum.js';
import type {
  JobPriority,
  JobQueueEntry,
  JobQueueEntryStatus,
  JobRunStatus,
  JobSchedule,
  JobTask,
  Weekday,
} from './job-queue-entry.js';

export const JobQueueEntryStatusEnum = graphqlEnum<JobQueueEntryStatus>(
  'JobQueueEntryStatus',
  'What an entry does now. A person sets READY, ON_HOLD, or ON_HOLD_WITH_INACTIVITY_TIMEOUT for recurring entries.',
  {
    READY: 'It runs at nextRunAt.',
    WAITING: 'It is due, and another entry of its category runs.',
    IN_PROCESS: 'It runs.',
    ERROR: 'Its retries are used up; it rests until someone acts.',
    ON_HOLD: 'A person holds it.',
    ON_HOLD_WITH_INACTIVITY_TIMEOUT: 'It found nothing to do and sleeps until nextRunAt or until something changes.',
    FINISHED: 'It ran once, or has expired; it does not run again.',
  },
);

export const JobTaskEnum = graphqlEnum<JobTask>(
  'JobTask',
  'What a job does. The last three are only of one-off entries.',
  {
    INTEGRATION_SYNCH: 'Synchronizes one mapping.',
    FULL_SYNCH: 'Synchronizes all mappings of a connection in the order of their references.',
    MATCH_COUPLING: 'Couples records that agree in the matching fields.',
    UNCOUPLE: 'Forgets the couplings of a mapping.',
    AUDIT: 'Compares all couplings and writes nothing.',
    RETENTION: 'Deletes what is older than the retention times.',
    SYNCH_COUPLINGS: 'Synchronizes chosen couplings.',
    APPLY_DRY_RUN: 'Writes what a dry run planned.',
    UNDO: 'Puts back what a synch job overwrote.',
  },
);

export const WeekdayEnum = graphqlEnum<Weekday>('Weekday', 'A day of the week.', {
  MONDAY: 'Monday.',
  TUESDAY: 'Tuesday.',
  WEDNESDAY: 'Wednesday.',
  THURSDAY: 'Thursday.',
  FRIDAY: 'Friday.',
  SATURDAY: 'Saturday.',
  SUNDAY: 'Sunday.',
});

export const JobPriorityEnum = graphqlEnum<JobPriority>(
  'JobPriority',
  'Who goes first among waiting entries of one category.',
  {
    HIGH: 'Before the others.',
    NORMAL: 'The default.',
    LOW: 'After the others.',
  },
);

export const WhenRetriesExhaustedEnum = graphqlEnum<JobQueueEntry['whenRetriesExhausted']>(
  'WhenRetriesExhausted',
  'What an entry does after its last retry failed.',
  { STOP: 'It rests in ERROR until someone acts; the default.', NEXT_SLOT: 'Its recurrence goes on.' },
);

export const RecurrenceAnchorEnum = graphqlEnum<JobSchedule['recurrenceAnchor']>(
  'RecurrenceAnchor',
  'What the minutes between two runs are counted from.',
  {
    END_OF_RUN: 'The end of the last run; the default.',
    SCHEDULED: 'A fixed cadence; missed slots become one run.',
  },
);

export const JobRunStatusEnum = graphqlEnum<JobRunStatus>('JobRunStatus', 'How far a run is, or how it ended.', {
  IN_PROCESS: 'It is accepted and not ended: it waits or runs.',
  SUCCESS: 'It ran to its end; errors of single records are in its synch jobs.',
  ERROR: 'It stopped; the entry follows its retry rule.',
  CANCELLED: 'Someone cancelled it, or it expired before it began: `error` tells which.',
  INTERRUPTED: 'The worker died or lost its lease; it is run again, or the entry follows its retry rule.',
});
