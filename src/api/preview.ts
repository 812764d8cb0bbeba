import { badUserInput } from './api-errors.js';
import { refusable, type UserError } from './user-error.js';

/** What a preview is asked of: what the mutation that creates, or the one that updates, would be sent. */
export interface PreviewInput<Create, Update> {
  readonly create?: Create | null;
  readonly update?: Update | null;
}

/** Checks that refuse as the mutations would, and write nothing. */
export interface PreviewChecks<Create, Update> {
  readonly create: (input: Create) => Promise<void>;
  readonly update: (input: Update) => Promise<void>;
}

/**
 * What a mutation would refuse; empty when nothing.
 *
 * @throws BAD_USER_INPUT unless the input has exactly one of the two
 */
export async function refusalsOf<Create extends object, Update extends object>(
  { create, update }: PreviewInput<Create, Update>,
  checks: PreviewChecks<Create, Update>,
): Promise<readonly UserError[]> {
  if (Boolean(create) === Boolean(update)) throw badUserInput('input: expected either create or update');
  const { userErrors } = await refusable({}, {}, async () => {
    if (create) await checks.create(create);
    if (update) await checks.update(update);
    return {};
  });
  return userErrors;
}
