import type { Response } from 'express';
import { deadlineIn, within } from './deadline.js';

/** Answers with a status alone: health is open to everybody. */
export function sendStatus(response: Response, good: boolean): void {
  response
    .set('Cache-Control', 'no-store')
    .status(good ? 200 : 503)
    .json({ status: good ? 'ok' : 'unavailable' });
}

// Whoever asks for health gives up soon; an answer that hangs says the same as "no".
const READY_MS = 2_000;

/** False also when it takes longer. */
export function answersInTime(isReady: () => Promise<boolean>): Promise<boolean> {
  const deadline = deadlineIn(READY_MS);
  return within(deadline, isReady())
    .catch(() => false)
    .finally(() => deadline.clear());
}
