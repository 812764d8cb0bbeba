import type { SourceRow } from '../connectors/connector.js';
import type { Coupling } from '../coupling/coupling.js';
import { idOn } from './pair-work.js';
import { readByIds } from './read-records.js';
import { isPair } from './recoupled-pair.js';
import { otherSide, type Side } from './synch-error.js';
import type { SynchRun } from './synch-run.js';

/** How a record stands before it gets a counterpart. */
export type Hold =
  /** In no coupling, in one that only lists it, or in a pair whose other record is gone. */
  | { readonly kind: 'FREE'; readonly coupling: Coupling | null }
  /** In a coupling whose outcome is open: a write was begun, or a person has to say which record is its counterpart. */
  | { readonly kind: 'OPEN'; readonly coupling: Coupling }
  /** In a pair whose other record stands. */
  | { readonly kind: 'HELD' };

/** How these records of a side stand, by id. That a record of a pair is gone is looked up, whether it was noticed before or not. */
export async function holdsOf(run: SynchRun, side: Side, ids: readonly string[]): Promise<ReadonlyMap<string, Hold>> {
  const couplings = await run.stores.couplings.byRecordIds(run.compiled.mapping.id, side, ids);
  const pairs = couplings.filter((coupling) => isPair(coupling) && coupling.intents.length === 0);
  const other = otherSide(side);
  const standing = await readByIds(
    run,
    other,
    pairs.flatMap((coupling) => idOn(coupling, other) ?? []),
  );
  const bySideId = new Map(couplings.map((coupling) => [idOn(coupling, side), coupling]));
  return new Map(
    ids.map((id): [string, Hold] => {
      const coupling = bySideId.get(id);
      if (coupling === undefined) return [id, { kind: 'FREE', coupling: null }];
      if (coupling.intents.length > 0) return [id, { kind: 'OPEN', coupling }];
      if (isPair(coupling))
        return [id, standing.has(idOn(coupling, other) ?? '') ? { kind: 'HELD' } : { kind: 'FREE', coupling }];
      return [id, { kind: coupling.error?.class === 'DUPLICATE' ? 'OPEN' : 'FREE', coupling }];
    }),
  );
}

/** A pair of which one record is gone, with what is left of it. */
export interface HalfGone<Pair> {
  readonly pair: Pair;
  /** The side on which the record is gone. */
  readonly gone: Side;
  readonly row: SourceRow;
}

/** Of these pairs those of which exactly one record is gone, read by their ids. */
export async function halfGone<Pair extends Pick<Coupling, 'businessId' | 'salesId'>>(
  run: SynchRun,
  pairs: readonly Pair[],
): Promise<HalfGone<Pair>[]> {
  const business = await readByIds(
    run,
    'BUSINESS',
    pairs.flatMap(({ businessId }) => businessId ?? []),
  );
  const sales = await readByIds(
    run,
    'SALES',
    pairs.flatMap(({ salesId }) => salesId ?? []),
  );
  return pairs.flatMap((pair): HalfGone<Pair>[] => {
    const businessRow = business.get(pair.businessId ?? '');
    const salesRow = sales.get(pair.salesId ?? '');
    if (businessRow === undefined && salesRow !== undefined) return [{ pair, gone: 'BUSINESS', row: salesRow }];
    return businessRow !== undefined && salesRow === undefined ? [{ pair, gone: 'SALES', row: businessRow }] : [];
  });
}
