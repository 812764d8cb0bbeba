import { isTooLarge, type LongTextsStore } from '../store/long-texts-store.js';
import type { Coupling } from './coupling.js';

/** What of a coupling may be too large for one document: the values of writes that are not settled. */
type Unsettled = Partial<Pick<Coupling, 'intents' | 'late'>>;

/** True for a coupling, or for what is set in one, whose long texts have to be kept apart. Pure. */
export const isLargeCoupling = ({ intents = [], late = [] }: Unsettled): boolean =>
  intents.length + late.length > 0 && isTooLarge([intents, late]);

/** The coupling, or what is set in one, as it is stored. */
export async function couplingApart<T extends Unsettled>(
  texts: LongTextsStore,
  connectionSetupId: string,
  coupling: T,
): Promise<T> {
  if (!isLargeCoupling(coupling)) return coupling;
  const { intents, late } = coupling;
  // Both in one value: they share one document.
  const [apartIntents, apartLate] = await texts.apart(connectionSetupId, [intents, late]);
  return {
    ...coupling,
    ...(intents === undefined ? {} : { intents: apartIntents }),
    ...(late === undefined ? {} : { late: apartLate }),
  };
}

/** The couplings as they were before they were stored. */
export async function couplingsWhole<T extends Coupling>(texts: LongTextsStore, couplings: readonly T[]): Promise<T[]> {
  const whole: T[] = [];
  for (const coupling of couplings) {
    const { intents, late, connectionSetupId } = coupling;
    if (intents.length + late.length === 0) {
      whole.push(coupling);
      continue;
    }
    const [wholeIntents, wholeLate] = await texts.whole(connectionSetupId, [intents, late] as const);
    whole.push({ ...coupling, intents: wholeIntents, late: wholeLate });
  }
  return whole;
}
