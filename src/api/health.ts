import type { Response } from 'express';

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
export async function answersInTime(isReady: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), READY_MS);
  });
  try {
    return await Promise.race([isReady().catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
