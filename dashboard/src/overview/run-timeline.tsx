import { Link } from 'wouter';
import { statusWords } from '../design/badge';
import { useNow } from '../design/clock';
import { duration, localTime } from '../design/time';
import { useWidth } from '../design/use-width';
import type { RunLine } from '../runs/run-fields';

const HOUR_MS = 3_600_000;
const LANE_HEIGHT = 18;
const MOST_LANES = 13;
const LABEL_WIDTH = 150;
const AXIS_HEIGHT = 20;

export interface RunTimelineProps {
  readonly runs: readonly RunLine[];
  /** Of the entries, each of which has its lane whether it ran or not: nothing moves when a run begins. */
  readonly codes: readonly string[];
}

const OTHERS = 'Other runs';

/** One lane for each entry, one bar for each run of the last hour. The log says the same in words. */
export function RunTimeline({ runs, codes }: RunTimelineProps) {
  const now = useNow();
  const { ref, width } = useWidth();
  const from = now - HOUR_MS;
  const recent = runs.filter(({ endedAt }) => endedAt === null || Date.parse(endedAt) > from);
  const lanes = [...codes.slice(0, MOST_LANES), OTHERS];
  const laneOf = (code: string): number => {
    // CUSTOMER#12 is a single run of CUSTOMER.
    const lane = lanes.indexOf(code.replace(/#\d+$/, ''));
    return lane === -1 ? lanes.length - 1 : lane;
  };
  const label = width < 500 ? 100 : LABEL_WIDTH;
  const x = (at: number): number => label + ((Math.max(at, from) - from) / HOUR_MS) * (width - label - 8);
  const height = Math.max(lanes.length, 1) * LANE_HEIGHT + AXIS_HEIGHT;
  return (
    <div ref={ref} className="timeline">
      {width > 0 && (
        <svg width={width} height={height} role="group" aria-label={`${recent.length} runs in the last hour`}>
          {[0, 15, 30, 45, 60].map((minutes) => {
            const at = from + minutes * 60_000;
            return (
              <g key={minutes} className="tick">
                <line x1={x(at)} x2={x(at)} y1={0} y2={height - AXIS_HEIGHT} />
                <text x={x(at)} y={height - 6} textAnchor={minutes === 60 ? 'end' : 'middle'}>
                  {minutes === 60 ? 'now' : localTime(new Date(at), new Date(now)).slice(0, 5)}
                </text>
              </g>
            );
          })}
          {lanes.map((lane, index) => (
            <text key={lane} className="lane" x={0} y={index * LANE_HEIGHT + 13}>
              {clip(lane, label)}
            </text>
          ))}
          {recent.map((run) => {
            const lane = laneOf(run.code);
            const begin = x(Date.parse(run.startedAt));
            const end = x(run.endedAt === null ? now : Date.parse(run.endedAt));
            const what = `${run.code}: ${statusWords(run.status)}${run.durationMs === null ? '' : ` in ${duration(run.durationMs)}`}`;
            return (
              <Link key={run.id} href={`/runs/${run.id}`} aria-label={what}>
                <rect
                  className={`run run-${run.status.toLowerCase()}`}
                  x={begin}
                  y={lane * LANE_HEIGHT + 4}
                  width={Math.max(end - begin, 4)}
                  height={LANE_HEIGHT - 7}
                  rx={2}
                >
                  <title>{what}</title>
                </rect>
              </Link>
            );
          })}
          {recent.length === 0 && (
            <text className="lane" x={label} y={13}>
              Nothing ran in the last hour.
            </text>
          )}
        </svg>
      )}
    </div>
  );
}

const clip = (text: string, width: number): string => {
  const most = Math.floor(width / 7.2);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
};
