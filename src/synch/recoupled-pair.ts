import type { Coupling } from '../coupling/coupling.js';
import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { type CouplingSet, enter } from './coupling-states.js';
import { wordsOf } from './record-title.js';
import { stepsOf } from './table-rules.js';

/** The two records of a pair, and what it is called. */
export type PairOfRecords = Pick<Coupling, 'businessId' | 'salesId' | 'title'>;

/**
 * A coupling that goes on with other records than before: of a pair one was deleted and made again, or a record that had no
 * counterpart has one now. Nothing was agreed between these two yet, so that they are compared as at the first time.
 */
export const recoupledSet = (
  mapping: Pick<IntegrationTableMapping, 'integrationTable'>,
  coupling: Coupling,
  { businessId, salesId, title }: PairOfRecords,
  now: Date,
): CouplingSet => ({
  ...enter(coupling, 'PENDING', now),
  businessId,
  salesId,
  title,
  titleWords: wordsOf(title),
  business: unseen,
  sales: unseen,
  bases: [],
  intents: [],
  late: [],
  conflicts: [],
  waitingFor: [],
  waitingKeys: [],
  refs: [],
  recoupled: [],
  hangsOn: [],
  recentWrites: [],
  related: {},
  openSteps: stepsOf(mapping.integrationTable, null),
  error: null,
  mappingHash: null,
  attempts: 0,
  nextAttemptAt: now,
  lastSynchedAt: null,
  lastResult: 'COUPLE',
});

const unseen = { version: null, clean: false } as const;

/**
 * Which of the couplings that two records stand in goes on with both: a pair, whose history is longer, else one that only
 * listed a record. The others give way.
 */
export function keptOf(
  former: readonly Coupling[],
): readonly [kept: Coupling | undefined, others: readonly Coupling[]] {
  const kept = former.find(isPair) ?? former[0];
  return [kept, former.filter(({ _id }) => _id !== kept?._id)];
}

/** True for a coupling of two records, whether both still stand or not. */
export const isPair = ({ businessId, salesId }: Pick<Coupling, 'businessId' | 'salesId'>): boolean =>
  businessId !== null && salesId !== null;
