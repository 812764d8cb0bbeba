/**
 * The database's time, which goes on from its answer by this process's monotonic clock. What a run notes (when a create was
 * begun, when a pair is tried again) is read by runs of other processes, whose own clocks may be hours off.
 */
export async function openRunClock(
  databaseTime: () => Promise<Date>,
  monotonicMs: () => number = () => performance.now(),
): Promise<() => Date> {
  const askedAtMs = monotonicMs();
  const answered = await databaseTime();
  return () => new Date(answered.getTime() + monotonicMs() - askedAtMs);
}
