import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';
import { whyNeverAlone } from './table-rules.js';

/** Why a name in the list of mappings cannot be taken. */
export interface ChoiceProblem {
  readonly code: 'NOT_FOUND' | 'INVALID';
  readonly message: string;
  /** Place in the list that was given; null when it is about the whole list. */
  readonly index: number | null;
}

/** The mappings that a full synchronization takes, or why it cannot. */
export type MappingChoice =
  | { readonly mappings: readonly IntegrationTableMapping[]; readonly problems: readonly [] }
  | { readonly mappings: null; readonly problems: readonly ChoiceProblem[] };

/**
 * Chooses the mappings of a full synchronization: those with the given names, or all enabled ones. Option mappings have no
 * run of their own: they are read before the others anyway.
 */
export function chooseMappings(
  known: readonly IntegrationTableMapping[],
  names: readonly string[] | null,
): MappingChoice {
  const chosen =
    names === null ? known.filter((one) => one.enabled && whyNeverAlone(one) === null) : ofNames(known, names);
  const problems = names === null ? [] : names.flatMap((name, index) => problemsOf(known, names, name, index));
  if (problems.length > 0) return { mappings: null, problems };
  if (chosen.length > 0) return { mappings: chosen, problems: [] };
  const message =
    names === null
      ? 'expected a connection with an enabled mapping, found none: enable one first'
      : 'expected at least one name, got an empty list: leave it out to take all enabled mappings';
  return { mappings: null, problems: [{ code: 'INVALID', message, index: null }] };
}

const ofNames = (known: readonly IntegrationTableMapping[], names: readonly string[]): IntegrationTableMapping[] =>
  known.filter(({ name }) => names.includes(name));

function problemsOf(
  known: readonly IntegrationTableMapping[],
  names: readonly string[],
  name: string,
  index: number,
): ChoiceProblem[] {
  const mapping = known.find((candidate) => candidate.name === name);
  const quoted = `"${name.slice(0, 60)}"`;
  if (mapping === undefined) {
    const all = known.map((candidate) => candidate.name).join(', ');
    const message = `the connection has no mapping ${quoted}; it has ${all === '' ? 'none' : all}`;
    return [{ code: 'NOT_FOUND', message, index }];
  }
  if (!mapping.enabled)
    return [{ code: 'INVALID', message: `the mapping ${quoted} is disabled; enable it first`, index }];
  const alone = whyNeverAlone(mapping);
  if (alone !== null) return [{ code: 'INVALID', message: `leave the mapping ${quoted} out: ${alone}`, index }];
  if (names.indexOf(name) < index)
    return [{ code: 'INVALID', message: `expected each name once, got ${quoted} again`, index }];
  return [];
}
