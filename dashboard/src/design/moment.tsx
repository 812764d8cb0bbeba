import { useNow } from './clock';
import { localTime, relativeTime, utcTime } from './time';

export interface MomentProps {
  readonly at: string | null | undefined;
  /** How far away instead of when. */
  readonly relative?: boolean;
  readonly none?: string;
}

/** A moment in the viewer's zone, with UTC on hover. */
export function Moment({ at, relative = false, none = '–' }: MomentProps) {
  const now = useNow();
  if (!at) return <span className="faint">{none}</span>;
  const date = new Date(at);
  const local = localTime(date, new Date(now));
  return (
    <time className="moment" dateTime={at} title={relative ? `${local} · ${utcTime(date)}` : utcTime(date)}>
      {relative ? relativeTime(date.getTime(), now) : local}
    </time>
  );
}
