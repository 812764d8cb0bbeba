import { randomUUID } from 'node:crypto';
import type { JobQueueLogEntry } from '../../job-queue/job-queue-entry.js';
import {
  allowsDirection,
  directionInto,
  type IntegrationTableMapping,
  type SynchDirection,
} from '../../mapping/integration-table-mapping.js';
import { coupleChange } from '../../synch/couple-change.js';
import { NoAnswerError } from '../../synch/live-answer.js';
import type { LivePair } from '../../synch/live-pairs.js';
import { couplingOf } from '../../synch/new-coupling.js';
import { titleOf } from '../../synch/record-title.js';
import { isPair, keptOf, recoupledSet } from '../../synch/recoupled-pair.js';
import { otherSide, type Side, sides } from '../../synch/synch-error.js';
import { tableRuleOf } from '../../synch/table-rules.js';
import { type Coupling, referenceKey } from '../coupling.js';
import { type CouplingActionsDeps, requireRunnable, tellHolders } from './action-deps.js';
import { refuseCoupling } from './coupling-refused-error.js';
import { checkDirection, directionParameters } from './synchronize-selection.js';

/** Two records that belong together, or one whose counterpart is to be made. */
export interface CoupleRequest {
  readonly mappingId: string | null;
  readonly businessId: string | null;
  readonly salesId: string | null;
  readonly createMissing: boolean;
  /** The direction of the first synchronization; none now when null. */
  readonly synchronize: SynchDirection | null;
}

export interface CoupledRecords {
  readonly coupling: Coupling;
  /** The run that writes what has to be written; null when nothing has. */
  readonly run: JobQueueLogEntry | null;
}

type Ids = Readonly<Record<Side, string | null>>;

const inputField = { BUSINESS: 'businessId', SALES: 'salesId' } as const satisfies Record<Side, string>;

/**
 * Couples two records by hand, after looking that they exist, or has the missing one created. A record that is coupled
 * already is refused with DUPLICATE, unless its counterpart is gone.
 */
export async function coupleRecords(
  deps: CouplingActionsDeps,
  request: CoupleRequest,
  actor: string,
): Promise<CoupledRecords> {
  const mapping = await requireRunnable(deps, request.mappingId, 'mappingId');
  const ids = { BUSINESS: request.businessId, SALES: request.salesId };
  checkRequest(mapping, ids, request);
  const live = await readLive(deps, mapping, ids);
  checkRecords(mapping, live, ids);
  const former = await formerCouplings(deps, mapping, ids);
  const coupling = await store(deps, mapping, { live, ids, former });
  return { coupling, run: await goOn(deps, mapping, coupling, request, actor) };
}

/** A pair whose other record is gone goes on under its own coupling, so that its history goes on too; other former ones give way. */
async function store(
  { couplings, now }: CouplingActionsDeps,
  mapping: IntegrationTableMapping,
  { live, ids, former }: { readonly live: LivePair; readonly ids: Ids; readonly former: readonly Coupling[] },
): Promise<Coupling> {
  const at = await now();
  const records = { businessId: ids.BUSINESS, salesId: ids.SALES, title: titleIn(live, ids) };
  // What follows the coupling of two records follows the creation of one of them later.
  const alone = isPair(records) ? {} : ({ lastResult: null, openSteps: [] } as const);
  const [kept, others] = keptOf(former);
  if (kept !== undefined) {
    const set = { ...recoupledSet(mapping, kept, records, at), ...alone };
    const { _id, revision } = kept;
    if (!(await couplings.replace(others, { _id, revision, set })))
      refuseCoupling('IN_USE', 'a run is writing one of the records; wait for its end', [presentField(ids)]);
    return { ...kept, ...set, revision: revision + 1 };
  }
  const made = couplingOf(mapping, records, { id: randomUUID(), now: at });
  const coupling = { ...made, ...recoupledSet(mapping, made, records, at), ...alone };
  if (!(await couplings.insert([coupling])).has(coupling._id))
    refuseCoupling('DUPLICATE', 'somebody else coupled one of the records just now', [presentField(ids)]);
  return coupling;
}

function titleIn({ open, rows }: LivePair, ids: Ids): string {
  const named = rows.BUSINESS === null ? ('SALES' as const) : ('BUSINESS' as const);
  return titleOf(open.compiled.table[named], ids[named] ?? '', rows[named]?.values ?? {});
}

/** What is told of a new pair, and what it starts. */
async function goOn(
  deps: CouplingActionsDeps,
  mapping: IntegrationTableMapping,
  coupling: Coupling,
  { synchronize }: CoupleRequest,
  actor: string,
): Promise<JobQueueLogEntry | null> {
  if (isPair(coupling))
    await deps.history.addChanges([
      coupleChange(coupling, {
        id: randomUUID(),
        action: 'COUPLE',
        reason: 'coupled by a person',
        actor,
        at: await deps.now(),
      }),
    ]);
  if (isPair(coupling) && synchronize === null) {
    await tellHolders(deps, coupling, keysOf(coupling));
    return null;
  }
  const { run } = await deps.jobQueue.createOneOff({
    connectionSetupId: mapping.connectionSetupId,
    task: 'SYNCH_COUPLINGS',
    mappingId: mapping.id,
    mappingName: mapping.name,
    parameters: { couplings: { ids: [coupling._id] }, ...directionParameters(synchronize) },
    description: `${coupling.title} coupled`,
    actor,
  });
  if (isPair(coupling)) await tellHolders(deps, coupling, keysOf(coupling));
  return run;
}

const keysOf = ({ mappingName, businessId, salesId }: Coupling): string[] => [
  ...(businessId === null ? [] : [referenceKey(mappingName, 'BUSINESS', businessId)]),
  ...(salesId === null ? [] : [referenceKey(mappingName, 'SALES', salesId)]),
];

function checkRequest(mapping: IntegrationTableMapping, ids: Ids, { createMissing, synchronize }: CoupleRequest): void {
  checkDirection(mapping, synchronize, 'synchronize');
  const missing = sides.filter((side) => ids[side] === null);
  const [into] = missing;
  if (into === undefined) return;
  if (missing.length === 2)
    refuseCoupling('INVALID', 'businessId, salesId: expected at least one of them', ['businessId']);
  if (!createMissing)
    refuseCoupling(
      'INVALID',
      `${inputField[into]}: expected the record to couple with, or createMissing: true to have it made`,
      [inputField[into]],
    );
  const direction = directionInto(into);
  if (!allowsDirection(mapping.direction, direction))
    refuseCoupling('INVALID', `createMissing: the mapping ${mapping.name} does not write that system`, [
      'createMissing',
    ]);
  if (tableRuleOf(mapping.integrationTable).neverCreated === true)
    refuseCoupling('INVALID', `createMissing: records of ${mapping.name} are only coupled, never made`, [
      'createMissing',
    ]);
  if (synchronize !== null && synchronize !== 'BIDIRECTIONAL' && synchronize !== direction)
    refuseCoupling(
      'INVALID',
      `synchronize: expected ${direction}, the way to the record that is made, or nothing; got ${synchronize}`,
      ['synchronize'],
    );
}

async function readLive(deps: CouplingActionsDeps, mapping: IntegrationTableMapping, ids: Ids): Promise<LivePair> {
  try {
    return await deps.pairs.read(mapping, ids);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    return refuseCoupling('CONNECTION_FAILED', `the records could not be looked up: ${error.message}`, null, {
      cause: error,
    });
  }
}

function checkRecords(mapping: IntegrationTableMapping, { open, rows }: LivePair, ids: Ids): void {
  for (const side of sides) {
    const row = rows[side];
    if (ids[side] === null) continue;
    const system = side === 'BUSINESS' ? 'the business system' : 'Dataverse';
    if (row === null)
      return refuseCoupling('NOT_FOUND', `${inputField[side]}: ${system} has no such record`, [inputField[side]]);
    if (!open.compiled.inFilter[side](row.values))
      refuseCoupling(
        'INVALID',
        `${inputField[side]}: the record is outside the filter of the mapping ${mapping.name}`,
        [inputField[side]],
      );
  }
}

/**
 * Couplings that give way: records that are only listed, and pairs whose other record is gone. Refuses with DUPLICATE when a
 * record has a counterpart.
 */
async function formerCouplings(
  deps: CouplingActionsDeps,
  mapping: IntegrationTableMapping,
  ids: Ids,
): Promise<readonly Coupling[]> {
  const former = new Map<string, Coupling>();
  for (const side of sides) {
    const id = ids[side];
    if (id === null) continue;
    const [coupling] = await deps.couplings.byRecordIds(mapping.id, side, [id]);
    if (coupling === undefined) continue;
    if (coupling.intents.length > 0)
      refuseCoupling('IN_USE', `${inputField[side]}: a run is writing ${coupling.title}; wait for its end`, [
        inputField[side],
      ]);
    const counterpartId = side === 'BUSINESS' ? coupling.salesId : coupling.businessId;
    if (counterpartId !== null && (await exists(deps, mapping, otherSide(side), counterpartId)))
      refuseCoupling('DUPLICATE', `${inputField[side]}: ${coupling.title} is coupled already; uncouple it first`, [
        inputField[side],
      ]);
    former.set(coupling._id, coupling);
  }
  return [...former.values()];
}

async function exists(
  deps: CouplingActionsDeps,
  mapping: IntegrationTableMapping,
  side: Side,
  id: string,
): Promise<boolean> {
  const ids = side === 'BUSINESS' ? { BUSINESS: id, SALES: null } : { BUSINESS: null, SALES: id };
  return (await readLive(deps, mapping, ids)).rows[side] !== null;
}

const presentField = (ids: Ids): string => (ids.BUSINESS === null ? 'salesId' : 'businessId');
