import { FilterSyntaxError } from './filter/filter-ast.js';
import { parseFilter } from './filter/parse-filter.js';
import {
  allowsDirection,
  directionsOf,
  type FieldFilter,
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
  type RecordTemplate,
} from './integration-table-mapping.js';
import type { MappingProblem, MappingProblemCode } from './mapping-problem.js';
import type { MappingChange } from './mapping-store.js';

/** What is wrong with a mapping that someone wants to save; `path` leads to the value below the input. */
export interface MappingFault {
  /** OTHER when absent. */
  readonly code?: MappingProblemCode;
  readonly message: string;
  readonly path: readonly string[];
  /** Character of a filter expression, from 0. */
  readonly position?: number;
}

/** What a mapping is checked against. */
export interface MappingSurroundings {
  /** All mappings of the connection, the one that is saved too. */
  readonly mappings: readonly Pick<IntegrationTableMapping, 'name' | 'dependsOn' | 'fields'>[];
  /** Codes of the transformation rules that exist; true for those that may stand on a bidirectional field. */
  readonly transformations: ReadonlyMap<string, boolean>;
  /** The business system knows records by keys that people can change (NAV): a renamed record looks like a deleted one. */
  readonly keysCanBeRenamed: boolean;
}

/** Characters; the same limits hold for every object of the service. */
const LONGEST = { name: 50, description: 250, expression: 1_000 } as const;

/**
 * Checks a changed mapping by all rules that need no system: texts and lengths, filters, pairs of fields, directions,
 * references to other mappings. Answers with every fault; an empty list allows saving.
 */
export function mappingFaults(
  mapping: IntegrationTableMapping,
  change: MappingChange,
  surroundings: MappingSurroundings,
): MappingFault[] {
  const changed: IntegrationTableMapping = { ...mapping, ...change };
  return [
    ...nameFaults(changed.name),
    ...kindFaults(changed),
    ...lengthFaults(changed.description, LONGEST.description, ['description']),
    ...filterFaults(changed.tableFilter, ['tableFilter']),
    ...filterFaults(changed.integrationTableFilter, ['integrationTableFilter']),
    ...changed.fields.flatMap((field, index) => fieldFaults(field, ['fields', String(index)], surroundings)),
    ...duplicatePairFaults(changed.fields),
    ...directionFaults(changed),
    ...deletionFaults(changed, surroundings),
    ...changed.templates.flatMap((template, index) => templateFaults(template, ['templates', String(index)])),
    ...dependencyFaults(changed, surroundings),
    ...referenceFaults(changed, surroundings),
  ];
}

/** A fault as a problem that refuses saving. */
export const asProblem = ({ code = 'OTHER', message, path, position }: MappingFault): MappingProblem => ({
  severity: 'ERROR',
  code,
  message,
  path,
  position: position ?? null,
});

function nameFaults(name: string): MappingFault[] {
  if (name === '') return [{ path: ['name'], message: 'expected a name, got none' }];
  return lengthFaults(name, LONGEST.name, ['name']);
}

/** A choice column has no changes of its own that could be told from those of the code table. */
function kindFaults({ kind, direction }: IntegrationTableMapping): MappingFault[] {
  if (kind !== 'OPTION' || direction !== 'BIDIRECTIONAL') return [];
  const message = 'expected one direction for a mapping of the kind OPTION, got BIDIRECTIONAL';
  return [{ path: ['direction'], message }];
}

function lengthFaults(text: string, most: number, path: readonly string[]): MappingFault[] {
  return text.length > most ? [{ path, message: `expected at most ${most} characters, got ${text.length}` }] : [];
}

function filterFaults(filters: readonly FieldFilter[], path: readonly string[]): MappingFault[] {
  return filters.flatMap(({ field, expression }, index) => {
    const at = [...path, String(index)];
    return [
      ...(field.trim() === '' ? [{ path: [...at, 'field'], message: 'expected the name of a field, got none' }] : []),
      ...lengthFaults(expression, LONGEST.expression, [...at, 'expression']),
      ...syntaxFaults(expression, [...at, 'expression']),
    ];
  });
}

function syntaxFaults(expression: string, path: readonly string[]): MappingFault[] {
  if (expression.length > LONGEST.expression) return [];
  try {
    parseFilter(expression);
    return [];
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return [{ code: 'FILTER_SYNTAX', path, message: error.message, position: error.position }];
  }
}

function fieldFaults(
  field: IntegrationFieldMapping,
  path: readonly string[],
  { mappings, transformations }: MappingSurroundings,
): MappingFault[] {
  const faults: MappingFault[] = [];
  const fault = (part: string, message: string, code: MappingProblemCode = 'OTHER'): void =>
    void faults.push({ code, path: [...path, part], message });
  if (field.field === '' && field.integrationField === '')
    fault('field', 'expected a field on at least one side, got none');
  // With a lookup, no field means a blank reference, which a lookup may translate: no currency is the local one.
  const mayLackField = field.constantValue !== null || field.lookup !== null;
  if (!mayLackField && (field.field === '' || field.integrationField === '')) {
    fault(
      field.field === '' ? 'field' : 'integrationField',
      'expected the name of a field; only a pair with a constantValue or a lookup may leave one side out',
    );
  }
  if (field.lookup !== null && !mappings.some(({ name }) => name === field.lookup)) {
    fault('lookup', `expected the name of a mapping of this connection, got "${field.lookup}"`, 'UNKNOWN_LOOKUP');
  }
  field.transformations.forEach((code, index) => {
    const reversible = transformations.get(code);
    if (reversible === undefined)
      faults.push({
        code: 'UNKNOWN_RULE',
        path: [...path, 'transformations', String(index)],
        message: `there is no transformation rule "${code}"`,
      });
    else if (!reversible && field.direction === 'BIDIRECTIONAL') {
      faults.push({
        code: 'NOT_REVERSIBLE',
        path: [...path, 'transformations', String(index)],
        message: `"${code}" cannot be applied both ways; give the field one direction`,
      });
    }
  });
  return [...faults, ...optionFaults(field, path)];
}

function optionFaults({ optionMap }: IntegrationFieldMapping, path: readonly string[]): MappingFault[] {
  const seen = new Set<string>();
  return optionMap.flatMap((pair, index) => {
    const key = JSON.stringify([pair.value, pair.integrationValue]);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [
      {
        path: [...path, 'optionMap', String(index)],
        message: `the pair "${pair.value}" and "${pair.integrationValue}" is listed twice`,
      },
    ];
  });
}

function duplicatePairFaults(fields: readonly IntegrationFieldMapping[]): MappingFault[] {
  const firstIndex = new Map<string, number>();
  return fields.flatMap(({ field, integrationField }, index) => {
    const key = JSON.stringify([field, integrationField]);
    const first = firstIndex.get(key);
    if (first === undefined) {
      firstIndex.set(key, index);
      return [];
    }
    return [
      {
        path: ['fields', String(index)],
        message: `the pair "${field}" and "${integrationField}" is mapped already in fields ${first}; each pair may be mapped once`,
      },
    ];
  });
}

function directionFaults({ direction, fields }: IntegrationTableMapping): MappingFault[] {
  return directionsOf(direction)
    .filter((wanted) => !fields.some((field) => field.enabled && allowsDirection(field.direction, wanted)))
    .map((wanted) => ({
      code: 'NO_FIELD_IN_DIRECTION' as const,
      path: ['fields'],
      message: `NO_FIELD_IN_DIRECTION: expected at least one enabled field ${wanted}, got none`,
    }));
}

function deletionFaults(
  { deletionConflictResolution }: IntegrationTableMapping,
  { keysCanBeRenamed }: MappingSurroundings,
): MappingFault[] {
  const actsOnDeletion =
    deletionConflictResolution === 'RESTORE_RECORDS' || deletionConflictResolution === 'DELETE_COUNTERPART';
  if (!keysCanBeRenamed || !actsOnDeletion) return [];
  const message = `expected NONE or REMOVE_COUPLING, got ${deletionConflictResolution}: NAV knows records by their keys, so that a renamed one looks deleted, and its counterpart would be deleted or made twice`;
  return [{ path: ['deletionConflictResolution'], message }];
}

function templateFaults({ filter, values }: RecordTemplate, path: readonly string[]): MappingFault[] {
  const seen = new Set<string>();
  return [
    ...filterFaults(filter, [...path, 'filter']),
    ...values.flatMap(({ field }, index) => {
      const at = [...path, 'values', String(index), 'field'];
      if (field.trim() === '') return [{ path: at, message: 'expected the name of a field, got none' }];
      if (seen.has(field)) return [{ path: at, message: `the field "${field}" has a value already` }];
      seen.add(field);
      return [];
    }),
  ];
}

function dependencyFaults(mapping: IntegrationTableMapping, { mappings }: MappingSurroundings): MappingFault[] {
  const dependencies = new Map(mappings.map(({ name, dependsOn }) => [name, dependsOn]));
  dependencies.set(mapping.name, mapping.dependsOn);
  return mapping.dependsOn.flatMap((name, index) => {
    const path = ['dependsOn', String(index)];
    if (!dependencies.has(name))
      return [{ path, message: `expected the name of a mapping of this connection, got "${name}"` }];
    if (mapping.dependsOn.indexOf(name) < index) return [{ path, message: `"${name}" is listed twice` }];
    const circle = wayTo(mapping.name, name, dependencies);
    return circle === null
      ? []
      : [
          {
            code: 'DEPENDENCY_CYCLE',
            path,
            message: `the mappings would wait for each other: ${[mapping.name, ...circle].join(' → ')}`,
          },
        ];
  });
}

/**
 * Records of mappings that refer to each other would wait for each other for ever, unless one of the references may stay
 * blank until its record is coupled.
 */
function referenceFaults(mapping: IntegrationTableMapping, { mappings }: MappingSurroundings): MappingFault[] {
  const waitsFor = new Map(mappings.map(({ name, fields }) => [name, awaitedMappings(fields)]));
  waitsFor.set(mapping.name, awaitedMappings(mapping.fields));
  return mapping.fields.flatMap((field, index) => {
    if (!isAwaited(field) || field.lookup === null || field.lookup === mapping.name) return [];
    const circle = wayTo(mapping.name, field.lookup, waitsFor);
    if (circle === null) return [];
    return [
      {
        code: 'DEPENDENCY_CYCLE',
        path: ['fields', String(index), 'lookup'],
        message: `the references wait for each other: ${[mapping.name, ...circle].join(' → ')}; set clearValueOnFailedSynch on one of them`,
      },
    ];
  });
}

const isAwaited = ({ enabled, lookup, clearValueOnFailedSynch }: IntegrationFieldMapping): boolean =>
  enabled && lookup !== null && !clearValueOnFailedSynch;

const awaitedMappings = (fields: readonly IntegrationFieldMapping[]): readonly string[] =>
  fields.flatMap((field) => (isAwaited(field) && field.lookup !== null ? field.lookup : []));

/** Names from `from` to `target` along what depends on what; null when there is no way. */
function wayTo(target: string, from: string, dependencies: ReadonlyMap<string, readonly string[]>): string[] | null {
  const cameFrom = new Map<string, string | null>([[from, null]]);
  const toVisit = [from];
  for (let name = toVisit.shift(); name !== undefined; name = toVisit.shift()) {
    if (name === target) return pathTo(name, cameFrom);
    for (const next of dependencies.get(name) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      toVisit.push(next);
    }
  }
  return null;
}

function pathTo(end: string, cameFrom: ReadonlyMap<string, string | null>): string[] {
  const path: string[] = [];
  for (let name: string | null = end; name !== null; name = cameFrom.get(name) ?? null) path.unshift(name);
  return path;
}
