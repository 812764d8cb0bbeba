import type { CompiledField } from './compiled-field.js';
import { decideField } from './decide-field.js';
import { valuesOf } from './pair-values.js';
import type { PairInput } from './plan-pair.js';
import { type Side, sides } from './synch-error.js';

const isBothWays = ({ toSales, toBusiness }: CompiledField): boolean => toSales && toBusiness;

/**
 * Pairs mapped both ways that are going to change a field which a one-way pair reads, such as the unit group of a product
 * beside its unit, or that are in conflict about it: what such a pair would write now comes from a value that is about to go.
 * It is planned anew once the change has landed, or the conflict is decided.
 */
export function sourcesUnderChange(
  input: PairInput,
): readonly { readonly side: Side; readonly field: CompiledField }[] {
  const shared = input.fields.filter(
    (field) =>
      isBothWays(field) &&
      input.fields.some((other) =>
        readsFrom(other, [
          { side: 'BUSINESS', field },
          { side: 'SALES', field },
        ]),
      ),
  );
  return shared.flatMap((field) => {
    const decision = decideField(field, valuesOf(field, input), input);
    if (decision === 'CONFLICT') return sides.map((side) => ({ side, field }));
    return typeof decision === 'object' && 'write' in decision ? [{ side: decision.write, field }] : [];
  });
}

/** True for a one-way pair whose source is one of these fields. */
export const readsFrom = (
  { field, integrationField, toSales, toBusiness }: CompiledField,
  sources: readonly { readonly side: Side; readonly field: CompiledField }[],
): boolean =>
  toSales !== toBusiness &&
  sources.some((source) =>
    toSales
      ? source.side === 'BUSINESS' && source.field.field === field
      : source.side === 'SALES' && source.field.integrationField === integrationField,
  );
