import type { EntryDefinition } from '../../job-queue/entry-store.js';
import { weekdays } from '../../job-queue/job-queue-entry.js';

/** A job queue entry as it exists out of the box, before it belongs to a connection. */
export interface DefaultJob {
  /** The job's code is the name of its mapping. */
  readonly mappingName: string;
  readonly minutesBetweenRuns: number;
  readonly inactivityTimeoutMinutes: number;
}

/** In the order of a first synchronization, with the times that Dynamics NAV gives its jobs. */
export const defaultJobs: readonly DefaultJob[] = [
  { mappingName: 'CURRENCY', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 720 },
  { mappingName: 'SALESPEOPLE', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 1440 },
  { mappingName: 'UNITOFMEASURE', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 720 },
  { mappingName: 'CUSTOMER', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 720 },
  { mappingName: 'CONTACTS', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 720 },
  { mappingName: 'RESOURCE-PRODUCT', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 720 },
  { mappingName: 'ITEM-PRODUCT', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 1440 },
  { mappingName: 'CUSTPRCGRP-PRICE', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 1440 },
  { mappingName: 'SALESPRC-PRODPRICE', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 1440 },
  { mappingName: 'POSTEDSALESINV-INV', minutesBetweenRuns: 30, inactivityTimeoutMinutes: 1440 },
];

/** What Dynamics NAV gives every synchronization job: up to 10 re-runs, half a minute apart. */
const MAXIMUM_RETRIES = 10;
const RERUN_DELAY_SECONDS = 30;

/** The recurring entry of a default job, on every weekday, not READY yet. */
export const recurringEntry = (
  job: DefaultJob,
  mapping: { readonly id: string; readonly connectionSetupId: string },
  timeZone: string,
): EntryDefinition => ({
  connectionSetupId: mapping.connectionSetupId,
  code: job.mappingName,
  description: `${job.mappingName} - Dynamics 365 Sales synchronization job`,
  task: 'INTEGRATION_SYNCH',
  mappingId: mapping.id,
  mappingName: job.mappingName,
  runOn: weekdays,
  timeZone,
  minutesBetweenRuns: job.minutesBetweenRuns,
  inactivityTimeoutMinutes: job.inactivityTimeoutMinutes,
  maximumRetries: MAXIMUM_RETRIES,
  rerunDelaySeconds: RERUN_DELAY_SECONDS,
});
