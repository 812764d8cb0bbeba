import { ConnectorError } from '../connectors/connector.js';
import { RunFailedError } from './describe-error.js';

/** Whoever waits for an answer is told within so many milliseconds that a system does not give one. */
export const ANSWER_MS = 10_000;

/** A system did not answer in time, refused, or is not the one that the connection was set up for. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** Reads from the systems for a person who waits. Throws {@link NoAnswerError} where they give no answer in time. */
export async function answered<T>(read: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await read(AbortSignal.timeout(ANSWER_MS));
  } catch (error) {
    if (isTimeout(error))
      throw new NoAnswerError(`the systems did not answer within ${ANSWER_MS / 1_000} seconds`, { cause: error });
    if (error instanceof ConnectorError || error instanceof RunFailedError)
      throw new NoAnswerError(error.message, { cause: error });
    throw error;
  }
}

export const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';
