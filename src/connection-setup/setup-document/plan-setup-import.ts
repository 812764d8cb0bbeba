import { isDeepStrictEqual } from 'node:util';
import type { JobQueueEntry } from '../../job-queue/job-queue-entry.js';
import type { IntegrationTableMapping } from '../../mapping/integration-table-mapping.js';
import type { TransformationRule, TransformationRules } from '../../mapping/transformation/transformation-rule.js';
import {
  type EntrySetup,
  entrySetup,
  type MappingSetup,
  mappingSetup,
  type RuleSetup,
  ruleSetup,
  rulesUsedBy,
  type Setup,
} from './setup.js';
import { mappingDifferences, setupDifferences } from './setup-differences.js';

/** What an import does to one part of a setup. */
export type PlannedPart<Wanted, Existing> = {
  readonly name: string;
  /** In words: what becomes of an existing one. */
  readonly differences: readonly string[];
} & (
  | { readonly action: 'CREATE'; readonly wanted: Wanted /** Its place in the document. */; readonly index: number }
  | { readonly action: 'UPDATE' | 'KEEP'; readonly wanted: Wanted; readonly existing: Existing; readonly index: number }
  | { readonly action: 'DELETE'; readonly existing: Existing }
);

/** Everything that an import does, rules first, as far as each is used by what follows. */
export interface SetupImportPlan<Entry extends JobQueueEntry = JobQueueEntry> {
  readonly rules: readonly PlannedPart<RuleSetup, TransformationRule>[];
  readonly mappings: readonly PlannedPart<MappingSetup, IntegrationTableMapping>[];
  readonly entries: readonly PlannedPart<EntrySetup, Entry>[];
}

/** What there is where a setup is imported. */
export interface PresentSetup<Entry extends JobQueueEntry = JobQueueEntry> {
  readonly rules: TransformationRules;
  /** Mappings of the connection. */
  readonly mappings: readonly IntegrationTableMapping[];
  /** Mappings of all other connections: rules are shared with them. */
  readonly mappingsOfOthers: readonly IntegrationTableMapping[];
  readonly entries: readonly Entry[];
}

/** Compares a setup with what there is. Without `deleteOthers` what the setup lacks stays, and is not told. */
export function planSetupImport<Entry extends JobQueueEntry>(
  wanted: Setup,
  present: PresentSetup<Entry>,
  deleteOthers: boolean,
): SetupImportPlan<Entry> {
  const mappings = planned({
    wanted: wanted.mappings,
    existing: present.mappings,
    nameOf: ({ name }) => name,
    asSetup: mappingSetup,
    differences: mappingDifferences,
  });
  const entries = planned({
    wanted: wanted.entries,
    existing: present.entries,
    nameOf: ({ code }) => code,
    asSetup: entrySetup,
    differences: setupDifferences,
  });
  const rules = planned({
    wanted: wanted.rules,
    existing: [...present.rules.values()],
    nameOf: ({ code }) => code,
    asSetup: ruleSetup,
    differences: setupDifferences,
  });
  return {
    rules: [...rules.map((part) => tellOthers(part, present)), ...(deleteOthers ? uselessRules(wanted, present) : [])],
    mappings: [...mappings, ...(deleteOthers ? lacking(wanted.mappings, present.mappings, ({ name }) => name) : [])],
    entries: [...entries, ...(deleteOthers ? lacking(wanted.entries, present.entries, ({ code }) => code) : [])],
  };
}

interface Comparing<Wanted, Existing> {
  readonly wanted: readonly Wanted[];
  readonly existing: readonly Existing[];
  readonly nameOf: (item: Wanted | Existing) => string;
  readonly asSetup: (existing: Existing) => Wanted;
  readonly differences: (present: Wanted, wanted: Wanted) => string[];
}

function planned<Wanted, Existing>({
  wanted,
  existing,
  nameOf,
  asSetup,
  differences,
}: Comparing<Wanted, Existing>): PlannedPart<Wanted, Existing>[] {
  const byName = new Map(existing.map((item) => [nameOf(item), item]));
  return wanted.map((item, index) => {
    const name = nameOf(item);
    const present = byName.get(name);
    if (present === undefined) return { action: 'CREATE', name, differences: [], wanted: item, index };
    const changes = differences(asSetup(present), item);
    const action = changes.length === 0 ? 'KEEP' : 'UPDATE';
    return { action, name, differences: changes, wanted: item, existing: present, index };
  });
}

function lacking<Wanted, Existing>(
  wanted: readonly Wanted[],
  existing: readonly Existing[],
  nameOf: (item: Wanted | Existing) => string,
): PlannedPart<Wanted, Existing>[] {
  const names = new Set(wanted.map(nameOf));
  return existing
    .filter((item) => !names.has(nameOf(item)))
    .map((item) => ({ action: 'DELETE', name: nameOf(item), differences: [], existing: item }));
}

/** Rules that the connection used, that its new setup lacks, and that nobody else uses. */
function uselessRules(wanted: Setup, present: PresentSetup): PlannedPart<RuleSetup, TransformationRule>[] {
  const before = rulesUsedBy(present.mappings, present.rules);
  const needed = new Set([
    ...wanted.rules.map(({ code }) => code),
    ...rulesUsedBy([...wanted.mappings, ...present.mappingsOfOthers], present.rules),
  ]);
  const gone = new Set([...before].filter((code) => !needed.has(code)));
  // A rule that another one goes on with stays with it.
  for (;;) {
    const kept = [...gone].find((code) =>
      [...present.rules.values()].some((rule) => rule.next === code && !gone.has(rule.code)),
    );
    if (kept === undefined) break;
    gone.delete(kept);
  }
  return [...present.rules.values()]
    .filter(({ code }) => gone.has(code))
    .map((existing) => ({ action: 'DELETE', name: existing.code, differences: [], existing }));
}

/** A rule belongs to no connection: who changes it for one has to know whom else it concerns. */
function tellOthers(
  part: PlannedPart<RuleSetup, TransformationRule>,
  { mappingsOfOthers, rules }: PresentSetup,
): PlannedPart<RuleSetup, TransformationRule> {
  if (part.action !== 'UPDATE') return part;
  const users = mappingsOfOthers.filter((mapping) => rulesUsedBy([mapping], rules).has(part.name));
  if (users.length === 0) return part;
  const names = [...new Set(users.map(({ name }) => name))].join(', ');
  return { ...part, differences: [...part.differences, `mappings of other connections use it too: ${names}`] };
}

/** The mappings that the connection has after an import. */
export function mappingsAfter(
  { mappings }: Pick<SetupImportPlan, 'mappings'>,
  present: readonly IntegrationTableMapping[],
): readonly Pick<IntegrationTableMapping, 'name' | 'dependsOn' | 'fields'>[] {
  const changed = new Set(mappings.map(({ name }) => name));
  const wanted = mappings.flatMap((part) => (part.action === 'DELETE' ? [] : [part.wanted]));
  return [...present.filter(({ name }) => !changed.has(name)), ...wanted];
}

/** The rules that there are after an import. */
export function rulesAfter(
  { rules }: Pick<SetupImportPlan, 'rules'>,
  present: TransformationRules,
): TransformationRules {
  const after = new Map(present);
  for (const part of rules) {
    if (part.action === 'DELETE') after.delete(part.name);
    else {
      const known = present.get(part.name);
      after.set(part.name, { id: known?.id ?? '', revision: known?.revision ?? 0, ...part.wanted });
    }
  }
  return after;
}

/** True when nothing would be written. */
export const isUnchanged = ({ rules, mappings, entries }: SetupImportPlan): boolean =>
  [...rules, ...mappings, ...entries].every(({ action }) => action === 'KEEP');

/** True for two mappings of the same entity sets: those of a mapping stay as it was created. */
export const hasSameTables = (
  a: Pick<IntegrationTableMapping, 'kind' | 'table' | 'integrationTable'>,
  b: Pick<IntegrationTableMapping, 'kind' | 'table' | 'integrationTable'>,
): boolean => isDeepStrictEqual([a.kind, a.table, a.integrationTable], [b.kind, b.table, b.integrationTable]);
