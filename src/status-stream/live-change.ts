import { type CouplingState, listedStates } from '../coupling/coupling.js';

const restingStates: ReadonlySet<CouplingState> = new Set(listedStates);

/** What a change is about. */
export const liveSubjects = [
  'CONNECTION_SETUP',
  'INTEGRATION_TABLE_MAPPING',
  'COUPLING',
  'JOB_QUEUE_ENTRY',
  'JOB_QUEUE_RUN',
  'SYNCH_JOB',
  'FULL_SYNCHRONIZATION',
  'WORKER',
] as const;
export type LiveSubject = (typeof liveSubjects)[number];

export type LiveChangeKind = 'CREATED' | 'CHANGED' | 'DELETED';

/** What the database tells of one write. */
export interface StoredChange {
  readonly collection: string;
  readonly id: string;
  readonly kind: LiveChangeKind;
  /** Top-level fields that an update really changed; null where the whole object came or went. */
  readonly fields: ReadonlySet<string> | null;
  /** Of a pair: the states that it entered and left by it; null where that is not known, and for everything else. */
  readonly states: readonly CouplingState[] | null;
  /** Its place in the database's order of writes. */
  readonly time: bigint;
  readonly at: Date;
}

/** A change of one object that a page may show. */
export interface LiveChange {
  readonly subject: LiveSubject;
  readonly id: string;
  readonly kind: LiveChangeKind;
  readonly at: Date;
  /** Of a pair: all states that it entered or left since it was told last; null where one of them is not known. */
  readonly states: ReadonlySet<CouplingState> | null;
  /** Everything up to and including this time was told before, or with it. */
  readonly told: bigint;
}

/** Which writes of a collection are told, and as what. */
interface SubjectRule {
  readonly subject: LiveSubject;
  isTold(change: StoredChange): boolean;
}

const always = (): boolean => true;

const unlessOnly =
  (...quiet: readonly string[]) =>
  ({ fields }: StoredChange): boolean =>
    fields === null || [...fields].some((field) => !quiet.includes(field));

const onlyWith =
  (...told: readonly string[]) =>
  ({ fields }: StoredChange): boolean =>
    fields === null || told.some((field) => fields.has(field));

/** In and out of the states in which a pair may stay, and other errors in them; all pairs go through the other two all the time. */
function isToldOfPair({ kind, fields, states }: StoredChange): boolean {
  if (kind !== 'CHANGED' || states === null || fields?.has('error') === true) return true;
  return states.some((state) => restingStates.has(state));
}

/** By collection. What changes with every record or every second is left out: counters, heartbeats, values of pairs. */
export const subjectRules: Readonly<Record<string, SubjectRule>> = {
  connectionSetups: { subject: 'CONNECTION_SETUP', isTold: always },
  integrationTableMappings: { subject: 'INTEGRATION_TABLE_MAPPING', isTold: always },
  couplings: { subject: 'COUPLING', isTold: isToldOfPair },
  jobQueueEntries: { subject: 'JOB_QUEUE_ENTRY', isTold: always },
  jobQueueLogEntries: { subject: 'JOB_QUEUE_RUN', isTold: onlyWith('status', 'workerName', 'waitsForRunId') },
  synchJobs: { subject: 'SYNCH_JOB', isTold: onlyWith('status') },
  fullSynchronizations: { subject: 'FULL_SYNCHRONIZATION', isTold: always },
  workers: { subject: 'WORKER', isTold: unlessOnly('heartbeatAt') },
};

/** The collection that holds the objects of a subject. */
export function collectionOf(subject: LiveSubject): string {
  const [found] = Object.entries(subjectRules).find(([, rule]) => rule.subject === subject) ?? [];
  if (found === undefined) throw new Error(`nothing is told as ${subject}`);
  return found;
}

/** The change that a page may show, of a write; null for one that it need not know of. */
export function subjectOf(change: StoredChange): LiveSubject | null {
  const rule = subjectRules[change.collection];
  return rule?.isTold(change) === true ? rule.subject : null;
}

/** What two changes of one object are together: the later state, told once. */
export function mergedKind(earlier: LiveChangeKind, later: LiveChangeKind): LiveChangeKind {
  if (later === 'DELETED') return 'DELETED';
  return earlier === 'CREATED' ? 'CREATED' : earlier === 'DELETED' ? 'CREATED' : later;
}
