import { type Answer, type Description, type Meet, type Operation, underFaults } from '../http/operation.js';
import type { BusinessContext } from './context.js';
import { BusinessError, errorAnswer } from './errors.js';

/** Does one operation under the fault plan. By setting, it waits for another write of its row, but not for ever. */
export function underFaultsAndLocks(
  context: BusinessContext,
  meet: Meet,
  description: Description,
  operation: Operation,
  apply: () => Answer,
): Promise<Answer> {
  return context.openWrites.during(
    description,
    () => underFaults(meet, description, apply),
    async (other) => {
      const { lockTimeoutMs } = context.settings.BUSINESS;
      if (lockTimeoutMs === 0) return undefined;
      const isFree = await endsWithin(other.ended, lockTimeoutMs);
      return isFree ? undefined : errorAnswer(locked(description), operation.headers);
    },
  );
}

async function endsWithin(ended: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((over) => {
    timer = setTimeout(() => over(false), limitMs);
  });
  try {
    return await Promise.race([ended.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

const locked = ({ entitySet, kind }: Description): BusinessError =>
  new BusinessError(
    400,
    'Application_DialogException',
    `The record in table ${entitySet} could not be ${kind === 'delete' ? 'deleted' : 'changed'} because it was locked by another user.`,
  );
