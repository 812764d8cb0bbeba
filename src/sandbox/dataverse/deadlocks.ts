import { type Answer, type Description, type Meet, underFaults } from '../http/operation.js';
import type { SalesContext } from './context.js';
import { DataverseError, errorAnswer } from './errors.js';

/** Does one operation under the fault plan. By setting, a write that meets another one of its row is a deadlock's victim. */
export function underFaultsAndDeadlocks(
  context: SalesContext,
  meet: Meet,
  description: Description,
  apply: () => Answer,
): Promise<Answer> {
  return context.openWrites.during(
    description,
    () => underFaults(meet, description, apply),
    async () => (context.settings.SALES.deadlocks ? victim() : undefined),
  );
}

const victim = (): Answer =>
  errorAnswer(
    new DataverseError(
      500,
      '0x80044150',
      'Generic SQL error. CRM ErrorCode: -2147204784 Sql ErrorCode: -2146232060 Sql Number: 1205',
    ),
    false,
  );
