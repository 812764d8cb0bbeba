import type { Coupling } from '../coupling/coupling.js';
import type { Couplings } from '../coupling/coupling-store.js';
import { isPair } from './recoupled-pair.js';
import type { SynchRun } from './synch-run.js';
import { tableRuleOf } from './table-rules.js';
import { unitGroupFault } from './unit-group-fault.js';
import { UnitGroups } from './unit-groups.js';

/**
 * The part of an audit that no comparison of fields finds: pairs of units of measure that count as in step although their unit
 * group is not as products need it. They become PENDING, and the next run lists the reason. Answers how many.
 */
export async function takeUpFaultyUnitGroups(
  run: SynchRun,
  couplings: Pick<Couplings, 'change'>,
  page: readonly Coupling[],
): Promise<number> {
  const { name, integrationTable } = run.compiled.mapping;
  const { whenTouched: openSteps } = tableRuleOf(integrationTable);
  const asked = page.filter((coupling) => coupling.state === 'COUPLED' && isPair(coupling));
  if (openSteps === undefined || asked.length === 0) return 0;
  const groups = await new UnitGroups(run).of(name, asked);
  const faulty = asked.filter(({ salesId }) => {
    const group = groups.get(salesId ?? '');
    return group !== undefined && unitGroupFault(group.expected, group) !== null;
  });
  const now = run.now();
  const set = { state: 'PENDING' as const, stateSince: now, nextAttemptAt: now, openSteps };
  return (await couplings.change(faulty.map(({ _id, revision }) => ({ _id, revision, set })))).size;
}
