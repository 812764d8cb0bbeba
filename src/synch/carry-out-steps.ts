import { inParallel } from '../connectors/odata/parallel.js';
import { type AwaitedReference, type Coupling, referenceKey } from '../coupling/coupling.js';
import { type CouplingSet, failedState, settledState, waitingState } from './coupling-states.js';
import { makeError } from './describe-error.js';
import { isUnchangedSinceParked, missingSide, type PairWork } from './pair-work.js';
import { becomeFirstContact, FirstContacts } from './steps/first-contacts.js';
import { completeInvoice } from './steps/invoice.js';
import { submitOrder } from './steps/order.js';
import { PriceLists } from './steps/price-lists.js';
import { activateProduct, priceInDefaultList } from './steps/product.js';
import { type Step, type StepContext, StepError, StepWaitsError } from './steps/step.js';
import { completeUnitGroup, UnitGroupsOfPairs } from './steps/unit-group.js';
import { jobInto, markCompleted, markMended, type SynchRun } from './synch-run.js';
import { type StepName, tableRuleOf } from './table-rules.js';

const steps: Readonly<Record<StepName, Step>> = {
  COMPLETE_UNIT_GROUP: completeUnitGroup,
  PRICE_IN_DEFAULT_LIST: priceInDefaultList,
  ACTIVATE_PRODUCT: activateProduct,
  FIRST_CONTACT: becomeFirstContact,
  SUBMIT_ORDER: submitOrder,
  INVOICE_LINES: completeInvoice,
};

/** Pairs whose steps are carried out side by side. */
const AT_ONCE = 8;

/**
 * Does what has still to be done after pairs were coupled, created or written. Each step can be repeated: one that fails leaves
 * the pair FAILED with its steps open, and is taken up in the next run; nothing is created a second time. Answers the pairs that
 * are to be planned once more, because some of their columns take part only now.
 */
export async function carryOutSteps(run: SynchRun, works: readonly PairWork[]): Promise<readonly PairWork[]> {
  // They work on records that a dry run has not made.
  if (run.options.dryRun) return [];
  const open = works.filter(
    (work) =>
      work.coupling.openSteps.length > 0 &&
      // What is left of a pair is not completed: there is nothing that it would be completed for.
      work.coupling.state !== 'BROKEN' &&
      work.coupling.intents.length === 0 &&
      missingSide(work.coupling) === null &&
      !isUnchangedSinceParked(run, work),
  );
  const couplings = open.map(({ coupling }) => coupling);
  const context: StepContext = {
    run,
    priceLists: new PriceLists(run),
    firstContacts: new FirstContacts(run, couplings),
    unitGroups: new UnitGroupsOfPairs(run, couplings),
  };
  for (let at = 0; at < open.length; at += AT_ONCE) {
    await inParallel(
      open.slice(at, at + AT_ONCE).map((work) => () => completePair(context, work)),
      run.signal,
    );
  }
  const isSettledLater = tableRuleOf(run.compiled.mapping.integrationTable).settledLast !== undefined;
  const completed = open.filter(({ coupling }) => coupling.openSteps.length === 0);
  for (const work of completed) work.toRead.add('SALES');
  return isSettledLater ? completed : [];
}

async function completePair(context: StepContext, work: PairWork): Promise<void> {
  const { run } = context;
  const { coupling } = work;
  const set = await stepsSet(context, coupling);
  const stored = await run.stores.couplings.change([{ _id: coupling._id, revision: coupling.revision, set }]);
  if (!stored.has(coupling._id)) return;
  work.coupling = { ...coupling, ...set, revision: coupling.revision + 1 };
  if (work.coupling.openSteps.length === 0) tellCompleted(run, coupling, work.coupling);
}

/** Who refers to a pair that is what it was before has nothing to do; who was refused because of it may go on. */
function tellCompleted(run: SynchRun, before: Coupling, after: Coupling): void {
  if (tableRuleOf(run.compiled.mapping.integrationTable).whenTouched === undefined || !isSameRecord(before, after))
    markCompleted(run, after);
  else markMended(run, after);
}

const isSameRecord = (before: Coupling, after: Coupling): boolean =>
  before.lastSynchedAt !== null &&
  Object.keys(before.related).length > 0 &&
  JSON.stringify(before.related) === JSON.stringify(after.related);

async function stepsSet(context: StepContext, coupling: Coupling): Promise<CouplingSet> {
  const { run } = context;
  let set: CouplingSet = {};
  for (const [index, step] of coupling.openSteps.entries()) {
    try {
      set = { ...set, ...(await steps[step as StepName](context, { ...coupling, ...set })) };
    } catch (error) {
      const openSteps = coupling.openSteps.slice(index);
      if (error instanceof StepWaitsError) return { ...set, ...waitingSet(run, coupling, error), openSteps };
      if (error instanceof StepError) return { ...set, ...failedSet(run, coupling, error), openSteps };
      throw error;
    }
  }
  const settled =
    coupling.state === 'CONFLICT' ? {} : settledState(coupling, null, coupling.lastResult ?? 'COUPLE', run.now());
  return { ...set, ...settled, openSteps: [], waitingFor: [] };
}

function failedSet(run: SynchRun, coupling: Coupling, { error, hangsOn }: StepError): CouplingSet {
  const job = jobInto(run, 'SALES');
  const { waitingFor, waitingKeys } = coupling;
  const awaited = new Set(waitingFor.map(keyOf));
  const failed = failedState(coupling, error, { now: run.now(), retryMs: run.parkedRetryMs });
  job.count(failed.state === 'SKIPPED' ? 'skipped' : 'failed');
  job.list(coupling, error);
  return {
    ...failed,
    hangsOn,
    // What the step waited for has come: it must not make the pair due again and again.
    waitingFor: [],
    waitingKeys: waitingKeys.filter((key) => !awaited.has(key)),
  };
}

const keyOf = ({ mappingName, side, recordId }: AwaitedReference): string => referenceKey(mappingName, side, recordId);

function waitingSet(run: SynchRun, coupling: Coupling, { waitingFor }: StepWaitsError): CouplingSet {
  const [first] = waitingFor;
  const message = `what follows the record needs a record that is not coupled through ${first?.mappingName} yet; it goes on as soon as that is`;
  const error = makeError('DEPENDENCY', 'REFERENCE_NOT_COUPLED', message, {
    side: 'BUSINESS',
    field: first?.field ?? null,
  });
  return {
    ...waitingState(coupling, error, run.now()),
    waitingFor,
    waitingKeys: [...new Set([...coupling.waitingKeys, ...waitingFor.map(keyOf)])],
  };
}
