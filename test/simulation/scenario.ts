import type { JobParameters } from '../../src/job-queue/job-queue-entry.js';
import type { FieldValue } from '../../src/mapping/field-value.js';
import type { SynchDirection } from '../../src/mapping/integration-table-mapping.js';
import { type Side, sides } from '../../src/synch/synch-error.js';
import { Seeded } from '../support/seeded.js';
import { inMemoryTerrain } from './in-memory-terrain.js';
import type { EditableFields, MappingChoices, ValueKind } from './terrain.js';

/** What a person does, after so many steps of the simulation. A record is chosen by its place among those that exist then. */
export type PersonAct = { readonly step: number; readonly side: Side; readonly table: string } & (
  | { readonly kind: 'EDIT'; readonly record: number; readonly field: string; readonly value: PersonValue }
  | { readonly kind: 'CREATE'; readonly number: string; readonly name: string; readonly refersTo: number | null }
  | { readonly kind: 'DELETE'; readonly record: number }
);

/** A value, or the record at a place of the table that is referred to. */
export type PersonValue = { readonly value: FieldValue } | { readonly refersTo: number };

/** What a person asks of the service besides the runs of its schedule, after so many steps, for one of the mappings. */
export type Order = { readonly step: number; readonly mapping: number } & (
  | { readonly kind: 'DRY_RUN'; readonly parameters: JobParameters }
  /** What the last dry run planned is made, with one of so many changes left out; 0: all of it. */
  | { readonly kind: 'APPLY'; readonly leavesOut: number }
  /** What the last run that wrote something did is undone. */
  | { readonly kind: 'UNDO'; readonly dryRun: boolean }
  /** Records at these places of both tables are coupled by hand. */
  | {
      readonly kind: 'COUPLE';
      readonly business: number;
      readonly sales: number;
      readonly synchronize: SynchDirection | null;
    }
  | { readonly kind: 'EDIT_MAPPING'; readonly choices: Partial<MappingChoices> }
);

export const faultKinds = [
  'LOST_BEFORE',
  'LOST_AFTER',
  'APPLIED_LATE',
  'SLOW',
  'THROTTLED',
  'LOCKED',
  'REFUSED',
  'CURSOR_EXPIRED',
] as const;

/** What befalls a request to a system, counted from the beginning. */
export interface RequestFault {
  readonly side: Side;
  readonly request: number;
  readonly kind: (typeof faultKinds)[number];
}

/** The database does not answer a call of a store: before it took effect, or after. */
export interface StoreFault {
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** A worker dies or stands still at one of its steps. */
export interface WorkerFault {
  readonly worker: number;
  readonly step: number;
  readonly kind: 'DIES' | 'STALLS';
}

/** All that decides a history: made from a seed, and made smaller when it fails. */
export interface Scenario {
  readonly seed: number;
  readonly mapping: MappingChoices;
  /** How far the clocks of both workers are off, in minutes. */
  readonly workerClocks: readonly [number, number];
  /** How far the clocks of the systems are off, in seconds. */
  readonly systemClocks: Readonly<Record<Side, number>>;
  readonly pageSize: number;
  /** Dataverse writes phone numbers in a form of its own. */
  readonly rewrites: boolean;
  readonly runs: readonly JobParameters[];
  readonly acts: readonly PersonAct[];
  readonly orders: readonly Order[];
  readonly requestFaults: readonly RequestFault[];
  readonly storeFaults: readonly StoreFault[];
  readonly workerFaults: readonly WorkerFault[];
}

/** How many steps a history takes about. */
const STEPS = 700;

export function scenarioOf(seed: number, editable: EditableFields = inMemoryTerrain.editable): Scenario {
  const random = new Seeded(seed);
  const upTo = (count: number): number => Math.floor(random.fraction() * count);
  const list = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, at) => make(at));
  const oneOf = <T>(from: readonly T[]): T => from[upTo(from.length)]!;
  const hasContacts = random.happens(40);
  const withFaults = random.happens(80);
  const strategies = ['MERGE_FIELDS', 'MERGE_FIELDS', 'NONE', 'SEND_TO_INTEGRATION', 'GET_FROM_INTEGRATION'] as const;
  const deletions = ['NONE', 'REMOVE_COUPLING', 'RESTORE_RECORDS', 'DELETE_COUNTERPART'] as const;
  const skewed = random.happens(50);
  const tableOn = (side: Side): string =>
    hasContacts && random.happens(40) ? 'contacts' : side === 'BUSINESS' ? 'customers' : 'accounts';
  let values = 0;
  const valueOf = (kind: ValueKind): PersonValue => {
    values += 1;
    if (kind === 'REFERENCE') return random.happens(15) ? { value: null } : { refersTo: upTo(4) };
    if (kind === 'FLAG') return { value: random.happens(60) ? null : true };
    if (random.happens(8)) return { value: null };
    if (kind === 'AMOUNT') return { value: oneOf([`${values}`, `${values}.5`, `${values}.125`]) };
    // A few values repeat, so that a field goes back to what it was, and both sides enter the same.
    const text = random.happens(20) ? `same ${upTo(2)}` : `value ${values}`;
    if (kind === 'CODE') return { value: random.happens(50) ? text.toUpperCase().slice(0, 10) : text.slice(0, 10) };
    return { value: kind === 'NAME' && random.happens(20) ? `${text} that is too long` : text };
  };
  const creation = (step: number, index: number): PersonAct => {
    const side = oneOf(sides);
    const number = `N${random.happens(10) ? Math.max(0, index - 1) : index}`;
    const refersTo = random.happens(70) ? upTo(3) : null;
    return { step, side, table: tableOn(side), kind: 'CREATE', number, name: `name ${index}`, refersTo };
  };
  const act = (index: number): PersonAct => {
    const step = upTo(STEPS);
    const side = oneOf(sides);
    const table = tableOn(side);
    if (random.happens(12)) return { step, side, table, kind: 'DELETE', record: upTo(4) };
    if (random.happens(12)) return creation(step, 10 + index);
    const [field, kind] = oneOf(editable[side][table]!);
    return { step, side, table, kind: 'EDIT', record: upTo(3), field, value: valueOf(kind) };
  };
  const parameters = (index: number): JobParameters => {
    if (index === 0 && random.happens(60)) return { full: true, mode: 'MATCH_THEN_CREATE' };
    if (random.happens(12)) return { full: true };
    if (random.happens(8)) return { direction: oneOf(['TO_INTEGRATION_TABLE', 'FROM_INTEGRATION_TABLE'] as const) };
    return {};
  };
  return {
    seed,
    mapping: {
      updateConflictResolution: oneOf(strategies),
      deletionConflictResolution: oneOf(deletions),
      phoneRule: oneOf(['INHERIT', 'INHERIT', 'BUSINESS_WINS', 'SALES_WINS', 'NEWEST_WINS'] as const),
      matches: random.happens(50),
      clearsReference: random.happens(50),
    },
    workerClocks: skewed ? [upTo(240) - 120, upTo(240) - 120] : [0, 0],
    systemClocks: skewed ? { BUSINESS: upTo(180) - 90, SALES: upTo(180) - 90 } : { BUSINESS: 0, SALES: 0 },
    pageSize: oneOf([1, 2, 1_000]),
    rewrites: seed % 3 === 0,
    runs: list(2 + upTo(3), parameters),
    acts: [...list(1 + upTo(3), (index) => creation(0, index)), ...list(upTo(9), act)].toSorted(
      (a, b) => a.step - b.step,
    ),
    requestFaults: withFaults
      ? list(upTo(5), () => ({ side: oneOf(sides), request: upTo(45), kind: oneOf(faultKinds) }))
      : [],
    storeFaults:
      withFaults && random.happens(30) ? [{ call: upTo(150), when: oneOf(['before', 'after'] as const) }] : [],
    workerFaults: withFaults
      ? list(upTo(3), () => ({ worker: upTo(2), step: upTo(200), kind: oneOf(['DIES', 'DIES', 'STALLS'] as const) }))
      : [],
    orders: ordersOf(seed),
  };
}

/** Chosen apart from the rest, so that a history is the same with and without them up to the first one. */
function ordersOf(seed: number): readonly Order[] {
  const random = new Seeded(seed ^ 0x0_4d_e5);
  if (random.happens(40)) return [];
  const upTo = (count: number): number => Math.floor(random.fraction() * count);
  const oneOf = <T>(from: readonly T[]): T => from[upTo(from.length)]!;
  const planned = (): JobParameters => {
    if (random.happens(30)) return { dryRun: true, full: true, mode: 'MATCH_THEN_CREATE' };
    return random.happens(20) ? { dryRun: true, full: true } : { dryRun: true };
  };
  const order = (): Order[] => {
    const at = { step: upTo(STEPS), mapping: random.happens(65) ? 0 : 1 };
    const kind = oneOf(['PLAN', 'PLAN', 'UNDO', 'UNDO', 'COUPLE', 'EDIT_MAPPING'] as const);
    if (kind === 'UNDO') return [{ ...at, kind, dryRun: random.happens(15) }];
    if (kind === 'EDIT_MAPPING') return [{ ...at, kind, choices: oneOf(mappingEdits) }];
    if (kind === 'COUPLE') {
      const synchronize = oneOf([null, 'BIDIRECTIONAL', 'TO_INTEGRATION_TABLE', 'FROM_INTEGRATION_TABLE'] as const);
      return [{ ...at, kind, business: upTo(4), sales: upTo(4), synchronize }];
    }
    const plan: Order = { ...at, kind: 'DRY_RUN', parameters: planned() };
    const leavesOut = random.happens(70) ? 0 : 2;
    return random.happens(20) ? [plan] : [plan, { ...at, kind: 'APPLY', step: at.step + upTo(60), leavesOut }];
  };
  return Array.from({ length: 1 + upTo(3) }, order)
    .flat()
    .toSorted((a, b) => a.step - b.step);
}

const mappingEdits: readonly Partial<MappingChoices>[] = [
  { updateConflictResolution: 'MERGE_FIELDS' },
  { updateConflictResolution: 'NONE' },
  { updateConflictResolution: 'SEND_TO_INTEGRATION' },
  { updateConflictResolution: 'GET_FROM_INTEGRATION' },
  { deletionConflictResolution: 'NONE' },
  { deletionConflictResolution: 'RESTORE_RECORDS' },
  { phoneRule: 'BUSINESS_WINS' },
  { phoneRule: 'INHERIT' },
  { clearsReference: true },
  { clearsReference: false },
  { withoutTown: true },
  { withoutTown: false },
  { includesBlocked: true },
  { includesBlocked: false },
];

/** Scenarios that are a little smaller: half of a list or one of its items less, a choice that is plainer. */
export function* smaller(scenario: Scenario): Generator<Scenario> {
  for (const name of ['orders', 'requestFaults', 'storeFaults', 'workerFaults', 'acts', 'runs'] as const) {
    const items: readonly unknown[] = scenario[name];
    if (items.length > 3) {
      const half = Math.ceil(items.length / 2);
      yield { ...scenario, [name]: items.slice(0, half) };
      yield { ...scenario, [name]: items.slice(half) };
    }
    for (let at = 0; at < items.length; at += 1)
      if (name !== 'runs' || items.length > 1) yield { ...scenario, [name]: items.filter((_, index) => index !== at) };
  }
  const plain = {
    workerClocks: [0, 0],
    systemClocks: { BUSINESS: 0, SALES: 0 },
    pageSize: 1_000,
    rewrites: false,
  } as const;
  for (const [name, value] of Object.entries(plain))
    if (JSON.stringify(scenario[name as keyof Scenario]) !== JSON.stringify(value))
      yield { ...scenario, [name]: value };
  if (scenario.mapping.matches) yield { ...scenario, mapping: { ...scenario.mapping, matches: false } };
}
