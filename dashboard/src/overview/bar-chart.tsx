import { useId } from 'react';
import { useWidth } from '../design/use-width';

export interface BarPart {
  readonly name: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'rest' | 'accent';
  readonly value: number;
}

export interface Bar {
  /** When or what it is, as it stands under the chart and in the table. */
  readonly label: string;
  readonly parts: readonly BarPart[];
}

export interface BarChartProps {
  readonly title: string;
  /** What the chart says, in a sentence. */
  readonly summary: string;
  readonly bars: readonly Bar[];
  readonly format?: (value: number) => string;
}

const HEIGHT = 132;
const TOP = 14;
const AXIS = 18;
const LEFT = 44;
const MOST_LABELS = 6;

/** Stacked bars over time. The same figures stand in a table beneath, for those who would rather read. */
export function BarChart({ title, summary, bars, format = (value) => value.toLocaleString() }: BarChartProps) {
  const { ref, width } = useWidth();
  const id = useId();
  const sums = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const highest = niceCeiling(Math.max(...sums, 0));
  const step = (width - LEFT) / Math.max(bars.length, 1);
  const y = (value: number): number => TOP + (1 - value / highest) * (HEIGHT - TOP - AXIS);
  const each = Math.ceil(bars.length / MOST_LABELS);
  return (
    <figure className="chart">
      <figcaption id={id}>{title}</figcaption>
      <div ref={ref} className="chart-space">
        {width > 0 && (
          <svg width={width} height={HEIGHT} role="img" aria-label={`${title}: ${summary}`}>
            {[0, highest / 2, highest].map((value) => (
              <g key={value} className="tick">
                <line x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
                <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">
                  {format(value)}
                </text>
              </g>
            ))}
            {bars.map((bar, index) => (
              <StackedBar key={bar.label} bar={bar} x={LEFT + index * step} width={step} y={y} format={format} />
            ))}
            {bars.map(({ label }, index) =>
              index % each === 0 ? (
                <text key={label} className="chart-label" x={LEFT + index * step} y={HEIGHT - 4}>
                  {label}
                </text>
              ) : null,
            )}
          </svg>
        )}
      </div>
      <ChartTable bars={bars} labelledBy={id} format={format} />
    </figure>
  );
}

interface StackedBarProps {
  readonly bar: Bar;
  readonly x: number;
  readonly width: number;
  readonly y: (value: number) => number;
  readonly format: (value: number) => string;
}

function StackedBar({ bar: { label, parts }, x, width, y, format }: StackedBarProps) {
  let below = 0;
  return (
    <g>
      {parts.map(({ name, tone, value }) => {
        const bottom = y(below);
        below += value;
        return value === 0 ? null : (
          <rect
            key={name}
            className={`chart-${tone}`}
            x={x + Math.min(1, width / 6)}
            width={Math.max(width - 2, 1)}
            y={y(below)}
            height={Math.max(bottom - y(below), 1)}
          >
            <title>{`${label}: ${format(value)} ${name}`}</title>
          </rect>
        );
      })}
    </g>
  );
}

function ChartTable({
  bars,
  labelledBy,
  format,
}: {
  readonly bars: readonly Bar[];
  readonly labelledBy: string;
  readonly format: (value: number) => string;
}) {
  const names = [...new Set(bars.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  return (
    <details>
      <summary>As a table</summary>
      <div className="scroll-x" tabIndex={0} role="region" aria-labelledby={labelledBy}>
        <table className="values">
          <thead>
            <tr>
              <th scope="col">When</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bars.map(({ label, parts }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {names.map((name) => (
                  <td key={name}>{format(parts.find((part) => part.name === name)?.value ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The next of 1, 2, 5, 10, 20, 50 … that is not below the value. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((one) => one * power >= value) ?? 10;
  return factor * power;
}
