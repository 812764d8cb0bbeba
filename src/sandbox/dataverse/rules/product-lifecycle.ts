import type { Settings } from '../../settings.js';
import { DataverseError } from '../errors.js';

/** States of products by number. */
export const ACTIVE = 0;
export const RETIRED = 1;
export const DRAFT = 2;
export const UNDER_REVISION = 3;

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const refusal = (code: string, message: string): Refusal => ({ code, message });
const notRevisable = refusal('0x8004F913', "You can't revise a draft or a retired product.");
const allowed = undefined;

/** From state, to state: why not. What is not listed is refused by the check of states itself. */
const refusals: Readonly<Record<number, Readonly<Record<number, Refusal | undefined>>>> = {
  [DRAFT]: {
    [ACTIVE]: allowed,
    [RETIRED]: refusal(
      '0x8004F978',
      "You can't retire this product because it is in draft state. A product should be in Active/ Under Revision state for retiring.",
    ),
    [UNDER_REVISION]: notRevisable,
    [DRAFT]: refusal('0x8004F981', 'Product is already in Draft State.'),
  },
  [ACTIVE]: {
    [ACTIVE]: refusal('0x8004F982', 'Product is already in Active State.'),
    [RETIRED]: allowed,
    [UNDER_REVISION]: allowed,
    [DRAFT]: refusal('0x8004F912', "You can't set a published product to the draft state."),
  },
  [UNDER_REVISION]: {
    [ACTIVE]: allowed,
    [RETIRED]: allowed,
    [UNDER_REVISION]: notRevisable,
    [DRAFT]: refusal('0x8004F912', "You can't set a published product to the draft state."),
  },
  [RETIRED]: {
    [ACTIVE]: refusal('0x8004F977', "You can't set a retired product to an active state."),
    [RETIRED]: refusal('0x8004F980', 'Product is already in Retired State.'),
    [UNDER_REVISION]: notRevisable,
    [DRAFT]: refusal('0x8004F979', 'It is not possible to move product from Retired to Draft State.'),
  },
};

/** Refuses a change of state that the life of a product does not know. By setting, a retired one may come back. */
export function checkTransition(settings: Settings, from: number, to: number): void {
  if (from === RETIRED && to === ACTIVE && settings.SALES.retiredProductsReturn) return;
  const refused = refusals[from]?.[to];
  if (refused !== undefined) throw new DataverseError(400, refused.code, refused.message);
}
