import { Link } from 'wouter';
import { Badge } from '../design/badge';
import { Counts } from '../runs/counts';
import type { FullLine } from './full-fields';
import { levelsOf } from './levels';

const WIDTH = 226;
const HEIGHT = 92;
const GAP_X = 32;
const GAP_Y = 14;

/** What runs after what, each with what it has done so far; a list in the same order for those who do not see it. */
export function DependencyGraph({ lines }: { readonly lines: readonly FullLine[] }) {
  const levels = levelsOf(lines);
  const places = new Map(
    levels.flatMap((level, column) =>
      level.map(
        ({ mappingName }, row) => [mappingName, { x: column * (WIDTH + GAP_X), y: row * (HEIGHT + GAP_Y) }] as const,
      ),
    ),
  );
  const width = levels.length * (WIDTH + GAP_X) - GAP_X;
  const height = Math.max(...levels.map(({ length }) => length)) * (HEIGHT + GAP_Y);
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label="Mappings in the order in which they run">
      <ol className="graph" style={{ width, height }}>
        <svg className="graph-arrows" width={width} height={height} aria-hidden="true">
          {lines.flatMap(({ mappingName, dependsOn, blockedBy }) =>
            dependsOn.map((other) => {
              const from = places.get(other);
              const to = places.get(mappingName);
              if (!from || !to) return null;
              return (
                <path
                  key={`${other} ${mappingName}`}
                  className={blockedBy.includes(other) ? 'blocked' : ''}
                  d={arrow(from, to)}
                />
              );
            }),
          )}
        </svg>
        {lines.map((line) => (
          <li
            key={line.mappingName}
            className={`graph-node status-${line.status.toLowerCase()}`}
            style={{
              transform: `translate(${places.get(line.mappingName)?.x ?? 0}px, ${places.get(line.mappingName)?.y ?? 0}px)`,
            }}
            data-row
          >
            <div className="graph-head">
              {line.run ? <Link href={`/runs/${line.run.id}`}>{line.mappingName}</Link> : <b>{line.mappingName}</b>}
              <Badge status={line.status} title={line.reason} />
            </div>
            <Way words="To Dataverse" job={line.toIntegrationTable} />
            <Way words="To business" job={line.fromIntegrationTable} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function arrow(
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
): string {
  const begin = { x: from.x + WIDTH, y: from.y + HEIGHT / 2 };
  const end = { x: to.x, y: to.y + HEIGHT / 2 };
  return `M${begin.x} ${begin.y} C${begin.x + GAP_X / 2} ${begin.y} ${end.x - GAP_X / 2} ${end.y} ${end.x} ${end.y}`;
}

function Way({ words, job }: { readonly words: string; readonly job: FullLine['toIntegrationTable'] }) {
  if (job === null) return null;
  return (
    <div className="graph-way">
      <span className="faint">{words}</span>{' '}
      <Counts of={[job]} none={job.status === 'IN_PROCESS' ? 'running' : 'nothing to do'} />
    </div>
  );
}
