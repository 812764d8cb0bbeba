import { NoAnswerError } from '../synch/live-answer.js';
import { ApiError } from './api-errors.js';

/** What was read live for the caller. Throws SYSTEM_UNAVAILABLE where a system gave no answer in time. */
export async function readLive<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NoAnswerError) throw new ApiError('SYSTEM_UNAVAILABLE', error.message, { cause: error });
    throw error;
  }
}
