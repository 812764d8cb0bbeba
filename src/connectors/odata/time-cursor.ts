/**
 * The start of the next read of a source that is read by time of change: the server's own clock at the first answer of this
 * read, less the overlap, so that rows committed a little late are seen. Never earlier than this read's start, and never
 * later than the server's clock, so that a row with a stamp in the future does not hide others. Without a server clock the
 * next read starts where this one did.
 */
export function nextTimeCursor(previous: string | null, serverDate: Date | null, overlapMs: number): string {
  if (serverDate === null) return previous ?? new Date(0).toISOString();
  const start = new Date(serverDate.getTime() - overlapMs).toISOString();
  const notEarlier = previous !== null && previous > start ? previous : start;
  const now = serverDate.toISOString();
  return notEarlier > now ? now : notEarlier;
}
