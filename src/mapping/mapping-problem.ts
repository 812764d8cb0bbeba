export const problemSeverities = ['ERROR', 'WARNING'] as const;
export type ProblemSeverity = (typeof problemSeverities)[number];

export const mappingProblemCodes = [
  'UNKNOWN_FIELD',
  'READ_ONLY_FIELD',
  'INCOMPATIBLE_TYPES',
  'TOO_LONG',
  'NO_FIELD_IN_DIRECTION',
  'FILTER_SYNTAX',
  'UNKNOWN_RULE',
  'UNKNOWN_LOOKUP',
  'DEPENDENCY_CYCLE',
  'NOT_REVERSIBLE',
  'CREATES_DUPLICATES',
  'OTHER',
] as const;
export type MappingProblemCode = (typeof mappingProblemCodes)[number];

/** What is wrong with a mapping, or will surprise. `path` leads to the value below its input. */
export interface MappingProblem {
  /** ERROR refuses saving. */
  readonly severity: ProblemSeverity;
  readonly code: MappingProblemCode;
  readonly message: string;
  readonly path: readonly string[];
  /** Character of a filter expression, from 0; null for all else. */
  readonly position: number | null;
}
