import type { StoredRow } from '../../src/connectors/in-memory/in-memory-system.js';
import type { Coupling } from '../../src/coupling/coupling.js';
import { filterOn, tableOn } from '../../src/mapping/integration-table-mapping.js';
import type { CompiledMapping } from '../../src/synch/compiled-mapping.js';
import { type Side, sides } from '../../src/synch/synch-error.js';
import type { InMemoryDatabase } from './in-memory-stores.js';
import { type PresentRows, short, type Witness } from './witness.js';

interface Rested {
  readonly witness: Witness;
  readonly database: Pick<InMemoryDatabase, 'couplings'>;
  readonly systems: Readonly<Record<Side, PresentRows>>;
  /** True for the code of a system that refused a record for good: it may be parked by that. */
  readonly mayRefuse: (code: string) => boolean;
  /** False before a sweep: a system that tells no deletions may have some that nobody knows of. */
  readonly isSwept: boolean;
}

/** I1, once both systems rest and the jobs have run: every pair agrees in every mapped field, or is listed with the reason why not. */
export function checkAgreement(rested: Rested): void {
  for (const compiled of rested.witness.compiled) {
    const couplings = [...rested.database.couplings.values()].filter(
      ({ mappingId }) => mappingId === compiled.mapping.id,
    );
    for (const coupling of couplings) checkCoupling(rested, compiled, coupling);
    for (const side of sides) checkUncoupled(rested, compiled, couplings, side);
  }
}

function checkCoupling({ witness, mayRefuse, isSwept }: Rested, compiled: CompiledMapping, coupling: Coupling): void {
  const { state, error, intents, businessId, salesId } = coupling;
  const name = `${compiled.mapping.name} ${short(businessId ?? '-')}/${short(salesId ?? '-')}`;
  const wrong = (message: string): void =>
    witness.violate('I1', `${name} is ${state} (${error?.code ?? 'no error'}): ${message}`);
  const business = witness.rowOf('BUSINESS', coupling);
  const sales = witness.rowOf('SALES', coupling);
  if (!isSwept && businessId !== null && business === null) return;
  if (state === 'PENDING' || intents.length > 0) return wrong('a write that was begun is not settled');
  if (state !== 'COUPLED' && error === null) return wrong('it is listed without a reason');
  if (businessId !== null && salesId !== null && business === null && sales === null)
    return wrong('both of its records are gone');
  if (state === 'COUPLED') {
    if (business === null || sales === null) return wrong('one of its records is gone');
    const differing = differences(witness, compiled, business, sales, []);
    if (differing.length > 0) wrong(`its records differ in ${differing.join(', ')}`);
    return;
  }
  switch (`${state} ${error?.code ?? ''}`) {
    case 'CONFLICT FIELD_CONFLICT':
      if (business === null || sales === null) return wrong('one of its records is gone');
      checkConflict(witness, compiled, coupling, { business, sales }, wrong);
      return;
    case 'CONFLICT LOOP':
      return;
    case 'CONFLICT DELETED_AND_CHANGED':
    case 'BROKEN RECORD_DELETED':
      if (business !== null && sales !== null) wrong('both of its records are there');
      return;
    case 'SKIPPED OUTSIDE_FILTER':
      if (business !== null && compiled.inFilter.BUSINESS(business.values)) wrong('its record is inside the filter');
      return;
    case 'WAITING REFERENCE_NOT_COUPLED':
      if (
        coupling.waitingFor.every(({ mappingName, side, recordId }) => isCoupled(witness, mappingName, side, recordId))
      )
        wrong('what it waits for is coupled');
      return;
    case 'FAILED CREATE_OUTCOME_AMBIGUOUS':
    case 'FAILED MATCH_AMBIGUOUS':
      return;
    default:
      if ((state === 'FAILED' || state === 'SKIPPED') && mayRefuse(error?.code ?? '')) return;
      wrong('nothing parks it for good');
  }
}

function checkConflict(
  witness: Witness,
  compiled: CompiledMapping,
  coupling: Coupling,
  { business, sales }: { readonly business: StoredRow; readonly sales: StoredRow },
  wrong: (message: string) => void,
): void {
  const { mapping } = compiled;
  const { conflicts } = coupling;
  for (const conflict of conflicts) {
    const field = compiled.fields.find((one) => one.field === conflict.field)!;
    const isReal =
      witness.isChangedByPerson('BUSINESS', mapping.table, business, field, coupling) &&
      witness.isChangedByPerson('SALES', mapping.integrationTable, sales, field, coupling);
    if (!isReal && !witness.isUndone(coupling)) wrong(`${conflict.field} was not changed by people on both sides`);
  }
  if (mapping.updateConflictResolution === 'NONE') return;
  const differing = differences(
    witness,
    compiled,
    business,
    sales,
    conflicts.map(({ field }) => field),
  );
  if (differing.length > 0) wrong(`besides its conflicts its records differ in ${differing.join(', ')}`);
}

/** Mapped fields in which both records do not agree; a reference that nobody can translate yet is none of them. */
function differences(
  witness: Witness,
  compiled: CompiledMapping,
  business: StoredRow,
  sales: StoredRow,
  except: readonly string[],
): string[] {
  return compiled.fields
    .filter((field) => {
      if (except.includes(field.field) || witness.agrees(field, business, sales)) return false;
      if (field.lookup === null) return true;
      const [to, from] = [business.values[field.field] ?? null, sales.values[field.integrationField] ?? null];
      const { mappingName } = field.lookup;
      return !(
        (to !== null && witness.references.salesIdOf(mappingName, String(to), null) === null) ||
        (from !== null && witness.references.businessIdOf(mappingName, String(from)) === null)
      );
    })
    .map(
      ({ field, integrationField }) =>
        `${field} (${String(business.values[field] ?? null)} / ${String(sales.values[integrationField] ?? null)})`,
    );
}

/** Every record that takes part is in a coupling, but for those that a rule uncoupled. */
function checkUncoupled(
  { witness, systems }: Rested,
  compiled: CompiledMapping,
  couplings: readonly Coupling[],
  side: Side,
): void {
  const { mapping } = compiled;
  const coupled = new Set(couplings.flatMap((one) => (side === 'BUSINESS' ? one.businessId : one.salesId) ?? []));
  for (const row of systems[side].rows(tableOn(mapping, side))) {
    if (coupled.has(row.id) || witness.isUncoupled(mapping.id, side, row)) continue;
    if (filterOn(mapping, side).length > 0 && !compiled.inFilter[side](row.values)) continue;
    if (witness.isOfAmbiguousCreate(side, row.id, couplings)) continue;
    witness.violate('I1', `${mapping.name}: ${side} ${short(row.id)} is in no coupling`);
  }
}

const isCoupled = (witness: Witness, mappingName: string, side: Side, id: string): boolean =>
  (side === 'BUSINESS'
    ? witness.references.salesIdOf(mappingName, id, null)
    : witness.references.businessIdOf(mappingName, id)) !== null;
