/** What a graph is laid out from. */
export interface Dependent {
  readonly mappingName: string;
  readonly dependsOn: readonly string[];
}

/**
 * Puts each line one column to the right of the last that it depends on. Lines that wait for each other (which the service
 * refuses to save) or for one that takes no part stand where the rest of their dependencies put them.
 */
export function levelsOf<Line extends Dependent>(lines: readonly Line[]): readonly (readonly Line[])[] {
  const byName = new Map(lines.map((line) => [line.mappingName, line]));
  const levels = new Map<string, number>();
  const levelOf = (name: string, above: readonly string[]): number => {
    const known = levels.get(name);
    if (known !== undefined) return known;
    const dependencies = (byName.get(name)?.dependsOn ?? []).filter(
      (other) => byName.has(other) && !above.includes(other) && other !== name,
    );
    const level = dependencies.reduce((most, other) => Math.max(most, levelOf(other, [...above, name]) + 1), 0);
    levels.set(name, level);
    return level;
  };
  const columns: Line[][] = [];
  for (const line of lines) (columns[levelOf(line.mappingName, [])] ??= []).push(line);
  return columns;
}
