import type { IntegrationTableMapping } from '../mapping/integration-table-mapping.js';

export const fullSynchStatuses = ['READY', 'IN_PROCESS', 'SUCCESS', 'ERROR', 'BLOCKED', 'CANCELLED'] as const;
/** Of a line, and of a whole full synchronization; the whole is never BLOCKED. */
export type FullSynchStatus = (typeof fullSynchStatuses)[number];

/** One run of a line: a one-off entry of the job queue. */
export interface FullSynchLineRun {
  readonly entryId: string;
  /** Of its last attempt; the first one while it runs. */
  readonly runId: string;
}

/** One mapping in a full synchronization. */
export interface FullSynchLine {
  readonly mappingId: string;
  readonly mappingName: string;
  /** Names of the mappings of this full synchronization that have to be done first. */
  readonly dependsOn: readonly string[];
  readonly status: FullSynchStatus;
  /** Why it is ERROR, BLOCKED or CANCELLED, in words. */
  readonly reason: string | null;
  /** Names of the lines that stopped, on which it depends directly or through others. */
  readonly blockedBy: readonly string[];
  /** 0: everything is read. 1 and 2: once more, for pairs that became due through what other lines coupled. */
  readonly round: number;
  /** One for each round in which it took part, the full one first. */
  readonly runs: readonly FullSynchLineRun[];
}

/** Mappings that refer to each other in a circle cannot be put into an order. */
export class DependencyCycleError extends Error {
  override readonly name = 'DependencyCycleError';
  constructor(
    /** Names, each depending on the next one; the last is the first again. */
    readonly cycle: readonly string[],
  ) {
    super(`${cycle.join(' depends on ')}: remove one of these dependencies`);
  }
}

/** The order in which Dynamics NAV runs its jobs when a connection is enabled, and the order of the ones that come after. */
export const firstRunOrder: readonly string[] = [
  'CURRENCY',
  'SALESPEOPLE',
  'UNITOFMEASURE',
  'CUSTOMER',
  'CONTACTS',
  'RESOURCE-PRODUCT',
  'ITEM-PRODUCT',
  'CUSTPRCGRP-PRICE',
  'SALESPRC-PRODPRICE',
  'POSTEDSALESINV-INV',
];

/**
 * The lines of a full synchronization of these mappings, in the order in which they run: what a mapping depends on comes
 * before it; among those that are free, the first-run order, then the names.
 *
 * @throws DependencyCycleError
 */
export function planLines(
  mappings: readonly Pick<IntegrationTableMapping, 'id' | 'name' | 'dependsOn'>[],
): FullSynchLine[] {
  const taking = new Set(mappings.map(({ name }) => name));
  const lines = mappings.toSorted(byFirstRunOrder).map(({ id, name, dependsOn }) => ({
    mappingId: id,
    mappingName: name,
    dependsOn: [...new Set(dependsOn)].filter((other) => taking.has(other)),
    status: 'READY' as const,
    reason: null,
    blockedBy: [],
    round: 0,
    runs: [],
  }));
  return inOrderOfDependencies(lines);
}

const byFirstRunOrder = (one: { readonly name: string }, other: { readonly name: string }): number =>
  placeOf(one.name) - placeOf(other.name) || (one.name < other.name ? -1 : 1);

function placeOf(name: string): number {
  const place = firstRunOrder.indexOf(name);
  return place === -1 ? firstRunOrder.length : place;
}

function inOrderOfDependencies(lines: readonly FullSynchLine[]): FullSynchLine[] {
  const placed: FullSynchLine[] = [];
  const done = new Set<string>();
  while (placed.length < lines.length) {
    const left = lines.filter(({ mappingName }) => !done.has(mappingName));
    const free = left.find(({ dependsOn }) => dependsOn.every((name) => done.has(name)));
    if (free === undefined) throw new DependencyCycleError(cycleAmong(left));
    placed.push(free);
    done.add(free.mappingName);
  }
  return placed;
}

// Each of these waits for another one of them, so following any of them leads into a circle.
function cycleAmong(waiting: readonly FullSynchLine[]): string[] {
  const waitsFor = new Map(
    waiting.map(({ mappingName, dependsOn }) => [
      mappingName,
      dependsOn.find((name) => waiting.some((other) => other.mappingName === name)),
    ]),
  );
  const path: string[] = [];
  let name = waiting[0]?.mappingName;
  while (name !== undefined && !path.includes(name)) {
    path.push(name);
    name = waitsFor.get(name);
  }
  return name === undefined ? path : [...path.slice(path.indexOf(name)), name];
}

const stopped: ReadonlySet<FullSynchStatus> = new Set(['ERROR', 'CANCELLED']);
const unfinished: ReadonlySet<FullSynchStatus> = new Set(['READY', 'IN_PROCESS']);

/** True for a line, or a whole, that has still something to do. */
export const isUnfinished = ({ status }: { readonly status: FullSynchStatus }): boolean => unfinished.has(status);

/** The lines, with those BLOCKED that wait for one that stopped. Errors of single records stop no line. */
export function withBlockedLines(lines: readonly FullSynchLine[]): FullSynchLine[] {
  const seen = new Map<string, FullSynchLine>();
  for (const line of lines) {
    const blockedBy = line.status === 'READY' ? stoppedBefore(line, seen) : [];
    seen.set(
      line.mappingName,
      blockedBy.length === 0 ? line : { ...line, status: 'BLOCKED', blockedBy, reason: reasonOfBlock(blockedBy) },
    );
  }
  return [...seen.values()];
}

function stoppedBefore({ dependsOn }: FullSynchLine, before: ReadonlyMap<string, FullSynchLine>): string[] {
  const names = dependsOn.flatMap((name) => {
    const line = before.get(name);
    if (line === undefined) return [];
    return line.status === 'BLOCKED' ? line.blockedBy : stopped.has(line.status) ? [name] : [];
  });
  return [...new Set(names)];
}

const reasonOfBlock = (names: readonly string[]): string =>
  `It depends on ${names.join(' and ')}, which stopped: mend the cause, then run ${names.join(', ')} and this mapping again.`;

/**
 * The lines that may start now, at most so many that `mostAtOnce` are in process. A line starts when all that it depends on
 * are done and every line before it has started or is BLOCKED.
 */
export function linesToStart(lines: readonly FullSynchLine[], mostAtOnce: number): FullSynchLine[] {
  const statuses = new Map(lines.map(({ mappingName, status }) => [mappingName, status]));
  const isFree = ({ dependsOn }: FullSynchLine): boolean => dependsOn.every((name) => statuses.get(name) === 'SUCCESS');
  const ready = lines.filter(({ status }) => status === 'READY');
  const waiting = ready.findIndex((line) => !isFree(line));
  const inOrder = waiting === -1 ? ready : ready.slice(0, waiting);
  return inOrder.slice(0, Math.max(0, mostAtOnce - lines.filter(({ status }) => status === 'IN_PROCESS').length));
}

/** The last round: after it, a pair that is still due is left to the schedules. */
export const LAST_ROUND = 2;

/**
 * The lines for one more round, when all have ended: those that went well and have pairs that are due run again. Null when
 * there is nothing for one.
 */
export function nextRound(lines: readonly FullSynchLine[], dueMappingIds: readonly string[]): FullSynchLine[] | null {
  const round = 1 + Math.max(0, ...lines.map((line) => line.round));
  const isDue = ({ mappingId, status }: FullSynchLine): boolean =>
    status === 'SUCCESS' && dueMappingIds.includes(mappingId);
  if (round > LAST_ROUND || !lines.some(isDue)) return null;
  return lines.map((line) => (isDue(line) ? { ...line, status: 'READY', round } : line));
}

/** The status of the whole. A BLOCKED line has another one that stopped, which decides. */
export function statusOfWhole(lines: readonly FullSynchLine[]): FullSynchStatus {
  const statuses = new Set(lines.map(({ status }) => status));
  if (statuses.has('READY') || statuses.has('IN_PROCESS')) return 'IN_PROCESS';
  if (statuses.has('ERROR')) return 'ERROR';
  return statuses.has('CANCELLED') ? 'CANCELLED' : 'SUCCESS';
}

/** The lines after the whole stopped before its end: what was not finished is CANCELLED. */
export const withoutUnfinished = (lines: readonly FullSynchLine[], reason: string): FullSynchLine[] =>
  lines.map((line) => (isUnfinished(line) ? { ...line, status: 'CANCELLED', reason } : line));

/** The run that tells most of a line: a later one while it runs or when it stopped, else the one over all records. */
export const tellingRun = ({ status, runs }: FullSynchLine): FullSynchLineRun | null =>
  (status === 'SUCCESS' ? runs[0] : runs.at(-1)) ?? null;
