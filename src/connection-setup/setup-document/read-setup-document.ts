import { z } from 'zod';
import { jobPriorities, jobTasks, weekdays } from '../../job-queue/job-queue-entry.js';
import { isDecimal } from '../../mapping/decimal.js';
import {
  deletionConflictResolutions,
  fieldConflictRules,
  mappingKinds,
  synchDirections,
  updateConflictResolutions,
} from '../../mapping/integration-table-mapping.js';
import { transformationKinds } from '../../mapping/transformation/transformation-rule.js';
import { sides } from '../../synch/synch-error.js';
import type { Setup } from './setup.js';
import type { SetupFault } from './setup-fault.js';
import { SETUP_FORMAT, SETUP_VERSION } from './write-setup-document.js';

/*
 * What a document may leave out has the default that the mutations have. Unknown names are refused: a misspelt one would
 * silently mean the default.
 */

const text = z.string();
const optionalText = text.nullable().default(null);
const whole = z.int();
const flag = (fallback: boolean) => z.boolean().default(fallback);
const instant = z.iso
  .datetime({ offset: true, error: 'expected an instant such as 2026-01-31T10:00:00.000Z' })
  .transform((value) => new Date(value))
  .nullable()
  .default(null);
const precision = z
  .union([z.string().refine(isDecimal, { error: 'expected a decimal number as text, such as "0.05"' }), z.number()], {
    error: 'expected a decimal number as text, such as "0.05"',
  })
  .transform(Number)
  .nullable()
  .default(null);

const rule = z.strictObject({
  code: text,
  description: text.default(''),
  kind: z.enum(transformationKinds),
  findValue: optionalText,
  replaceValue: optionalText,
  startPosition: whole.nullable().default(null),
  length: whole.nullable().default(null),
  startingText: optionalText,
  endingText: optionalText,
  precision,
  roundDirection: z.enum(['NEAREST', 'UP', 'DOWN']).nullable().default(null),
  datePart: z.enum(['DAY', 'MONTH', 'YEAR']).nullable().default(null),
  dataFormat: optionalText,
  culture: optionalText,
  next: optionalText,
});

const filter = z.strictObject({ field: text, expression: text });

const field = z.strictObject({
  field: text,
  integrationField: text,
  direction: z.enum(synchDirections).optional(),
  constantValue: optionalText,
  transformations: z.array(text).default([]),
  clearValueOnFailedSynch: flag(false),
  notNull: flag(false),
  lookup: optionalText,
  optionMap: z.array(z.strictObject({ value: text, integrationValue: text })).default([]),
  conflictRule: z.enum(fieldConflictRules).default('INHERIT'),
  enabled: flag(true),
  useForMatchBasedCoupling: flag(false),
  caseSensitiveMatching: flag(false),
  matchPriority: whole.default(0),
});

const template = z.strictObject({
  side: z.enum(sides),
  priority: whole,
  filter: z.array(filter).default([]),
  values: z.array(z.strictObject({ field: text, value: text })),
});

const mapping = z
  .strictObject({
    name: text,
    description: text.default(''),
    enabled: flag(true),
    kind: z.enum(mappingKinds).default('TABLE'),
    table: text,
    integrationTable: text,
    direction: z.enum(synchDirections).default('BIDIRECTIONAL'),
    synchOnlyCoupledRecords: flag(true),
    tableFilter: z.array(filter).default([]),
    integrationTableFilter: z.array(filter).default([]),
    fields: z.array(field),
    templates: z.array(template).default([]),
    updateConflictResolution: z.enum(updateConflictResolutions).default('MERGE_FIELDS'),
    deletionConflictResolution: z.enum(deletionConflictResolutions).default('NONE'),
    wakeOnChange: flag(true),
    dependsOn: z.array(text).default([]),
  })
  .transform((read) => ({
    ...read,
    fields: read.fields.map((one) => ({ ...one, direction: one.direction ?? read.direction })),
  }));

const entry = z.strictObject({
  code: text,
  description: text.default(''),
  task: z.enum(jobTasks),
  mapping: optionalText,
  parameterString: optionalText,
  runOn: z.array(z.enum(weekdays)).default([]),
  startingTime: optionalText,
  endingTime: optionalText,
  timeZone: text.default('UTC'),
  minutesBetweenRuns: whole.default(0),
  cron: optionalText,
  earliestStartAt: instant,
  expiresAt: instant,
  inactivityTimeoutMinutes: whole.default(5),
  maximumRetries: whole.default(0),
  rerunDelaySeconds: whole.default(0),
  whenRetriesExhausted: z.enum(['STOP', 'NEXT_SLOT']).default('STOP'),
  recurrenceAnchor: z.enum(['END_OF_RUN', 'SCHEDULED']).default('END_OF_RUN'),
  categoryCode: optionalText,
  priority: z.enum(jobPriorities).default('NORMAL'),
  timeoutSeconds: whole.nullable().default(null),
});

const document = z.strictObject({
  format: z.literal(SETUP_FORMAT),
  version: z.literal(SETUP_VERSION),
  transformationRules: z.array(rule).default([]),
  mappings: z.array(mapping).default([]),
  jobQueueEntries: z.array(entry).default([]),
});

/** Reads a document that somebody gave: the setup, or everything that keeps it from being one, each with its path. */
export function readSetupDocument(given: unknown): { readonly setup: Setup } | { readonly faults: SetupFault[] } {
  const read = document.safeParse(given, { reportInput: true });
  if (!read.success) return { faults: read.error.issues.flatMap(faultsOf) };
  const { transformationRules: rules, mappings, jobQueueEntries: entries } = read.data;
  const faults = [
    ...repeated('transformationRules', 'code', rules),
    ...repeated('mappings', 'name', mappings),
    ...repeated('jobQueueEntries', 'code', entries),
  ];
  return faults.length > 0 ? { faults } : { setup: { rules, mappings, entries } };
}

function faultsOf(issue: z.core.$ZodIssue): SetupFault[] {
  const path = issue.path.map(String);
  const got = shown(issue.input);
  switch (issue.code) {
    case 'invalid_type':
      return [{ path, message: `expected ${nameOf(issue.expected)}, got ${got}` }];
    case 'invalid_value':
      return [{ path, message: `expected ${issue.values.map(String).join(' or ')}, got ${got}` }];
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: 'expected nothing: documents have no such part here; correct its name, or leave it out',
      }));
    default:
      return [{ path, message: `${issue.message}, got ${got}` }];
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};
const nameOf = (type: string): string => typeNames[type] ?? type;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value).slice(0, 60);
}

function repeated<T extends object>(list: string, key: keyof T & string, items: readonly T[]): SetupFault[] {
  const seen = new Set<unknown>();
  return items.flatMap((item, index) => {
    const name = item[key];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ path: [list, String(index), key], message: `"${String(name)}" stands here already` }];
  });
}
