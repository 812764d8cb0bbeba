import type { Answer, Meet } from '../http/operation.js';
import type { Settings } from '../settings.js';
import { BusinessError } from './errors.js';

/** Resolves after so long; the timer keeps nothing alive. */
function after(durationMs: number): { readonly over: Promise<void>; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, durationMs);
    timer.unref();
  });
  return { over, cancel: () => clearTimeout(timer) };
}

/** A request that is kept waiting for longer than the operation time-out is cancelled before it does anything. */
export function cancelledInTime(meet: Meet, settings: Settings): Meet {
  const startedAtMs = performance.now();
  return async (description) => {
    const { operationTimeoutMs } = settings.BUSINESS.limits;
    const { over, cancel } = after(Math.max(0, operationTimeoutMs - (performance.now() - startedAtMs)));
    try {
      return await Promise.race([
        meet(description),
        over.then(() => {
          throw new BusinessError(
            408,
            'Application_OperationTimeout',
            'The operation was cancelled because it took longer than the server allows.',
          );
        }),
      ]);
    } finally {
      cancel();
    }
  };
}

const gatewayAnswer: Answer = {
  status: 504,
  headers: { 'Content-Type': 'text/html' },
  body: '<html><head><title>504</title></head><body><h2>Gateway Time-out</h2></body></html>',
};

/** What the gateway answers when the server behind it takes too long; the server itself goes on. */
export async function throughGateway(work: Promise<Answer>, settings: Settings): Promise<Answer> {
  const { over, cancel } = after(settings.BUSINESS.limits.gatewayTimeoutMs);
  try {
    // Whatever becomes of it later is nobody's any more.
    work.catch(() => undefined);
    return await Promise.race([work, over.then(() => gatewayAnswer)]);
  } finally {
    cancel();
  }
}
