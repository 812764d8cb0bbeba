import { type EntryToEdit, editEntry } from '../../job-queue/entry-edit.js';
import { identityProblems, parameterProblems, settingsProblems } from '../../job-queue/entry-rules.js';
import type { EntryProblem } from '../../job-queue/job-queue-errors.js';
import { changeProblems, type MappingTables, newMappingProblems } from '../../mapping/check-mapping.js';
import type { IntegrationTableMapping } from '../../mapping/integration-table-mapping.js';
import { ruleFaults } from '../../mapping/transformation/check-rule.js';
import {
  isReversible,
  reversibleRules,
  type TransformationRules,
} from '../../mapping/transformation/transformation-rule.js';
import { fieldsUsing } from '../../mapping/transformation-rule-use.js';
import { entryChange } from './entry-change.js';
import {
  hasSameTables,
  mappingsAfter,
  type PlannedPart,
  type PresentSetup,
  rulesAfter,
  type SetupImportPlan,
} from './plan-setup-import.js';
import type { EntrySetup, MappingSetup, RuleSetup } from './setup.js';
import type { SetupFault } from './setup-fault.js';

/** Where a setup is imported, as far as its checks have to know. */
export interface ImportSurroundings {
  readonly connectionSetupId: string;
  readonly present: PresentSetup<EntryToEdit>;
  readonly systems: MappingTables;
  /** How many couplings a mapping has. */
  readonly couplingsOf: (mappingId: string) => Promise<number>;
  /** See MappingSurroundings. */
  readonly keysCanBeRenamed: boolean;
  readonly now: Date;
}

/** Everything that saving each part by itself would refuse, with its path in the document. */
export async function importFaults(
  plan: SetupImportPlan<EntryToEdit>,
  surroundings: ImportSurroundings,
): Promise<SetupFault[]> {
  const rules = rulesAfter(plan, surroundings.present.rules);
  const [ofMappings, ofDeletions] = await Promise.all([
    Promise.all(plan.mappings.map((part) => mappingFaults(part, plan, rules, surroundings))),
    deletionFaults(plan, surroundings),
  ]);
  return [
    ...plan.rules.flatMap((part) => rulePartFaults(part, rules, surroundings.present)),
    ...ofMappings.flat(),
    ...plan.entries.flatMap((part) => entryFaults(part, plan, surroundings)),
    ...ofDeletions,
  ];
}

type RulePart = PlannedPart<RuleSetup, unknown>;
type MappingPart = PlannedPart<MappingSetup, IntegrationTableMapping>;
type EntryPart = PlannedPart<EntrySetup, EntryToEdit>;

function rulePartFaults(part: RulePart, rules: TransformationRules, { mappingsOfOthers }: PresentSetup): SetupFault[] {
  if (part.action !== 'CREATE' && part.action !== 'UPDATE') return [];
  const rule = rules.get(part.name);
  if (rule === undefined) return [];
  const path = ['transformationRules', String(part.index)];
  const faults: SetupFault[] = ruleFaults(rule, rules).map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
  const user = fieldsUsing(part.name, mappingsOfOthers, rules).find(
    ({ field }) =>
      field.direction === 'BIDIRECTIONAL' && !field.transformations.every((code) => isReversible(code, rules)),
  );
  if (user === undefined) return faults;
  const message = `the bidirectional field ${user.name} of ${user.mappingName}, of another connection, uses the rule: it has to be one that can be applied both ways`;
  return [...faults, { path: [...path, 'kind'], message }];
}

async function mappingFaults(
  part: MappingPart,
  plan: SetupImportPlan,
  rules: TransformationRules,
  { connectionSetupId, present, systems, keysCanBeRenamed, now }: ImportSurroundings,
): Promise<SetupFault[]> {
  if (part.action !== 'CREATE' && part.action !== 'UPDATE') return [];
  const path = ['mappings', String(part.index)];
  if (part.action === 'UPDATE' && !hasSameTables(part.existing, part.wanted)) {
    const { kind, table, integrationTable } = part.existing;
    const message = `the connection has a mapping ${part.name} of other tables (${kind}, ${table}, ${integrationTable}), and these stay as it was created: delete it first, or name this one otherwise`;
    return [{ path: [...path, 'table'], message }];
  }
  const surroundings = {
    mappings: mappingsAfter(plan, present.mappings),
    transformations: reversibleRules(rules),
    keysCanBeRenamed,
  };
  const problems =
    part.action === 'UPDATE'
      ? await changeProblems(part.existing, part.wanted, [], surroundings, systems)
      : await newMappingProblems(asMapping(part.wanted, connectionSetupId, now), surroundings, systems);
  return problems
    .filter(({ severity }) => severity === 'ERROR')
    .map((problem) => ({ path: [...path, ...problem.path], message: problem.message }));
}

const asMapping = (mapping: MappingSetup, connectionSetupId: string, at: Date): IntegrationTableMapping => ({
  ...mapping,
  id: '',
  connectionSetupId,
  revision: 1,
  createdAt: at,
  updatedAt: at,
});

function entryFaults(part: EntryPart, plan: SetupImportPlan, surroundings: ImportSurroundings): SetupFault[] {
  if (part.action !== 'CREATE' && part.action !== 'UPDATE') return [];
  const path = ['jobQueueEntries', String(part.index)];
  const { wanted } = part;
  const fault = (field: string, message: string): SetupFault => ({ path: [...path, field], message });
  const known = mappingsAfter(plan, surroundings.present.mappings);
  const unknownMapping =
    wanted.mapping !== null && !known.some(({ name }) => name === wanted.mapping)
      ? [fault('mapping', `expected the name of a mapping of the document or the connection, got "${wanted.mapping}"`)]
      : [];
  if (part.action === 'UPDATE' && !hasSameWork(part.existing, wanted)) {
    const { task, mappingName } = part.existing;
    const message = `the connection has an entry ${part.name} of another work (${task}${mappingName === null ? '' : ` of ${mappingName}`}), and that stays as it was created: delete it first, or name this one otherwise`;
    return [fault('task', message)];
  }
  return [
    ...unknownMapping,
    ...problemsOf(part, surroundings).map(({ field, message }) => fault(inDocument(field), message)),
  ];
}

const hasSameWork = (existing: EntryToEdit, wanted: EntrySetup): boolean =>
  existing.task === wanted.task && existing.mappingName === wanted.mapping;

function problemsOf(
  part: Exclude<EntryPart, { readonly action: 'DELETE' }>,
  { connectionSetupId, now }: ImportSurroundings,
): readonly EntryProblem[] {
  const { wanted } = part;
  if (part.action !== 'CREATE')
    return editEntry(part.existing, entryChange(wanted), null, { now, lastEndedAt: null }).problems;
  const { code, task, mapping: mappingId } = wanted;
  const identity = { code, task, mappingId, connectionSetupId };
  return [...identityProblems(identity), ...parameterProblems(wanted), ...settingsProblems(wanted)];
}

const inDocument = (field: string): string => (field === 'mappingId' ? 'mapping' : field);

/** What still needs something that would be deleted. */
async function deletionFaults(
  { mappings, entries }: SetupImportPlan<EntryToEdit>,
  { couplingsOf }: ImportSurroundings,
): Promise<SetupFault[]> {
  const inUse = (message: string): SetupFault => ({ code: 'IN_USE', path: [], message });
  const running = entries.flatMap((part) =>
    part.action === 'DELETE' && (part.existing.status === 'IN_PROCESS' || part.existing.currentRunId !== null)
      ? [inUse(`the entry ${part.name} would be deleted and has a run in process: wait for its end`)]
      : [],
  );
  const coupled = await Promise.all(
    mappings.map(async (part) => {
      const count = part.action === 'DELETE' ? await couplingsOf(part.existing.id) : 0;
      if (count === 0) return [];
      return [inUse(`the mapping ${part.name} would be deleted and has ${count} couplings: uncouple them first`)];
    }),
  );
  return [...running, ...coupled.flat()];
}
