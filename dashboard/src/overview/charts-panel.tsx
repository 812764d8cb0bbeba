import { useCallback, useState } from 'react';
import { Link } from 'wouter';
import { useNow } from '../design/clock';
import { Answer } from '../design/page';
import { Panel } from '../design/panel';
import { duration } from '../design/time';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import { useTopics } from '../live/live-context';
import type { Topic } from '../live/live-feed';
import { BarChart } from './bar-chart';

const StatisticsQuery = graphql(`
  query Statistics($input: StatisticsInput!) {
    statistics(input: $input) {
      start
      runsSucceeded
      runsFailed
      runsCancelled
      runsInterrupted
      recordsPerMinute
      maximumLagSeconds
    }
    integrationTableMappings(first: 100, filter: { enabled: true }) { edges { node { id name drift { oldestPendingAt } } } }
  }
`);

type Buckets = ResultOf<typeof StatisticsQuery>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const ranges = {
  hour: { words: 'last hour', bucket: 'MINUTE', stepMs: MINUTE, spanMs: HOUR },
  day: { words: 'last day', bucket: 'HOUR', stepMs: HOUR, spanMs: DAY },
  weeks: { words: 'last two weeks', bucket: 'DAY', stepMs: DAY, spanMs: 14 * DAY },
} as const;
type Range = keyof typeof ranges;

const topics: readonly Topic[] = ['runs', 'couplings'];
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const endOf = (range: Range): number => Math.ceil(Date.now() / ranges[range].stepMs) * ranges[range].stepMs;

/** What looking shows sooner than reading: runs by result, records per minute, and how far the mappings are and were behind. */
export function ChartsPanel() {
  const [range, setRange] = useState<Range>('hour');
  const [until, setUntil] = useState(() => endOf('hour'));
  const { bucket, spanMs } = ranges[range];
  // The window moves on when a run has ended, not by a clock: nothing is asked while nothing happens.
  useTopics(
    topics,
    useCallback(() => setUntil(endOf(range)), [range]),
  );
  const window = { since: new Date(until - spanMs).toISOString(), until: new Date(until).toISOString(), timeZone };
  const answer = useLiveQuery({
    query: StatisticsQuery,
    variables: { input: { ...window, bucket } },
    topics,
  });
  return (
    <Panel
      title={`Runs and records, ${ranges[range].words}`}
      className="charts"
      aside={
        <fieldset className="chips" aria-label="How far back">
          {(Object.keys(ranges) as Range[]).map((one) => (
            <button
              key={one}
              type="button"
              className="chip"
              aria-pressed={one === range}
              onClick={() => {
                setRange(one);
                setUntil(endOf(one));
              }}
            >
              {ranges[one].words}
            </button>
          ))}
        </fieldset>
      }
    >
      <Answer of={answer} lines={6}>
        {(data) => <Charts of={data} range={range} />}
      </Answer>
    </Panel>
  );
}

function Charts({
  of: { statistics, integrationTableMappings },
  range,
}: {
  readonly of: Buckets;
  readonly range: Range;
}) {
  const label = labelOf(range);
  const sum = (of: 'runsSucceeded' | 'runsFailed'): number => statistics.reduce((total, one) => total + one[of], 0);
  const fastest = Math.max(...statistics.map(({ recordsPerMinute }) => recordsPerMinute), 0);
  const longestLag = Math.max(...statistics.map(({ maximumLagSeconds }) => maximumLagSeconds ?? 0), 0);
  return (
    <div className="chart-grid">
      <BarChart
        title="Runs by result"
        summary={`${sum('runsSucceeded')} succeeded, ${sum('runsFailed')} failed`}
        bars={statistics.map(({ start, runsSucceeded, runsFailed, runsCancelled, runsInterrupted }) => ({
          label: label(start),
          parts: [
            { name: 'succeeded', tone: 'good', value: runsSucceeded },
            { name: 'failed', tone: 'bad', value: runsFailed },
            { name: 'interrupted', tone: 'warn', value: runsInterrupted },
            { name: 'cancelled', tone: 'rest', value: runsCancelled },
          ],
        }))}
        format={(value) => (Number.isInteger(value) ? value.toLocaleString() : '')}
      />
      <BarChart
        title="Records per minute"
        summary={`at most ${Math.round(fastest).toLocaleString()}`}
        bars={statistics.map(({ start, recordsPerMinute }) => ({
          label: label(start),
          parts: [{ name: 'records a minute', tone: 'accent', value: recordsPerMinute }],
        }))}
        format={(value) => (value >= 10 ? Math.round(value).toLocaleString() : String(Number(value.toFixed(1))))}
      />
      <BarChart
        title="Longest lag of a change"
        summary={`at most ${shortSpan(longestLag)}`}
        bars={statistics.map(({ start, maximumLagSeconds }) => ({
          label: label(start),
          parts: [{ name: 'longest lag', tone: 'accent', value: maximumLagSeconds ?? 0 }],
        }))}
        format={shortSpan}
      />
      <LagChart mappings={integrationTableMappings.edges.map(({ node }) => node)} />
    </div>
  );
}

type MappingLag = Buckets['integrationTableMappings']['edges'][number]['node'];

/** How long the oldest change has waited that is not on the other side yet, by mapping, longest first. */
function LagChart({ mappings }: { readonly mappings: readonly MappingLag[] }) {
  const now = useNow();
  const rows = mappings
    .flatMap(({ id, name, drift: { oldestPendingAt } }) =>
      oldestPendingAt === null ? [] : [{ id, name, lagMs: Math.max(0, now - Date.parse(oldestPendingAt)) }],
    )
    .sort((one, other) => other.lagMs - one.lagMs);
  const longest = rows[0]?.lagMs ?? 0;
  return (
    <figure className="chart lag" aria-labelledby="lag-by-mapping">
      <figcaption id="lag-by-mapping">Lag by mapping now</figcaption>
      {rows.length === 0 ? (
        <p className="faint">No mapping is behind: every change that was noticed is on the other side.</p>
      ) : (
        <ul className="lag-bars">
          {rows.map(({ id, name, lagMs }) => (
            <li key={id}>
              <Link href={`/mappings/${id}`}>{name}</Link>
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect className="chart-accent" width={longest === 0 ? 0 : (lagMs / longest) * 100} height="8" />
              </svg>
              <span>{duration(lagMs)}</span>
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

/** Seconds in a word that fits beside an axis. */
function shortSpan(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

const labelOf =
  (range: Range) =>
  (start: string): string =>
    (range === 'weeks' ? day : clock).format(new Date(start));
