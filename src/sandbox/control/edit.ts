import { rowsOf as businessRows, type CompanyContext } from '../business-central/context.js';
import { companies, companionApi, setOf } from '../business-central/entity-sets.js';
import { BusinessError } from '../business-central/errors.js';
import { projectionOf as businessProjection } from '../business-central/projection.js';
import type { BusinessService } from '../business-central/service.js';
import * as businessWrite from '../business-central/write.js';
import { rowsOf as salesRows } from '../dataverse/context.js';
import { DataverseError } from '../dataverse/errors.js';
import { projectionOf as salesProjection } from '../dataverse/projection.js';
import type { SalesService } from '../dataverse/service.js';
import { tableOfSet } from '../dataverse/tables.js';
import * as salesWrite from '../dataverse/write.js';
import { ControlInputError } from '../settings.js';
import type { Row, Scalar } from '../world/row.js';
import { businessTable, textOf, type World } from '../world/world.js';

const actions = ['create', 'update', 'delete'] as const;

/** A change made by somebody who is not the product. */
interface Edit {
  readonly system: 'BUSINESS' | 'SALES';
  readonly entitySet: string;
  readonly action: (typeof actions)[number];
  readonly id: string | undefined;
  /** As in a request of the system's own API. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Name or id of a company; by default the first one. */
  readonly company: string | undefined;
  /** A transaction that began this long ago and is committed now: its rows carry the older time. Business Central alone. */
  readonly committedLateSeconds: number;
}

export interface EditParts {
  readonly world: World;
  readonly sales: SalesService;
  readonly business: BusinessService;
}

const PERSON = 'somebody-else';

/** Does an edit with the rules of its system, and answers with the row as that system shows it. */
export function edit(parts: EditParts, input: unknown, host: string): object {
  const wanted = readEdit(input);
  try {
    return parts.world.transaction(() =>
      wanted.system === 'SALES' ? editSales(parts, wanted, host) : editBusiness(parts, wanted, host),
    );
  } catch (error) {
    if (error instanceof DataverseError || error instanceof BusinessError)
      throw new ControlInputError(`${wanted.system} refused the edit: ${error.status} ${error.code} ${error.message}`);
    throw error;
  }
}

function editSales({ sales }: EditParts, wanted: Edit, host: string): object {
  const table = tableOfSet(wanted.entitySet);
  if (table === undefined) throw new ControlInputError(`edit.entitySet: SALES has no '${wanted.entitySet}'`);
  const context = sales.actAs(PERSON, host);
  const show = salesProjection(context, table, new Map(), undefined);
  if (wanted.action === 'create') return show(salesWrite.insert(context, table, wanted.values));
  const row = required(salesRows(context, table.logicalName).get(wanted.id ?? ''), wanted);
  if (wanted.action === 'update') return show(salesWrite.update(context, table, row, wanted.values));
  salesWrite.remove(context, table, row);
  return { id: row.id, deleted: true };
}

function editBusiness({ world, business }: EditParts, wanted: Edit, host: string): object {
  const set = setOf(companionApi, wanted.entitySet);
  if (set === undefined) throw new ControlInputError(`edit.entitySet: BUSINESS has no '${wanted.entitySet}'`);
  const late =
    wanted.committedLateSeconds > 0 ? { atMs: world.now('BUSINESS') - wanted.committedLateSeconds * 1_000 } : {};
  const context: CompanyContext = {
    ...business.actAs(PERSON, host),
    ...late,
    companyId: companyId(world, wanted.company),
  };
  const writable = { ...set, readOnly: false };
  const show = (row: Row) => businessProjection(context, set, undefined)(row);
  if (wanted.action === 'create') return show(businessWrite.insert(context, writable, wanted.values));
  const row = required(businessRows(context, set.table).get(wanted.id ?? ''), wanted);
  if (wanted.action === 'delete') {
    // Somebody with the rights to do so closes the open entries first.
    world.remove(businessTable(context.companyId, set.table), row.id);
    return { id: row.id, deleted: true };
  }
  const { calculated, plain } = apart(
    set.properties.filter((one) => one.calculated === true).map((one) => one.name),
    wanted.values,
  );
  if (Object.keys(calculated).length > 0)
    world.putQuietly(businessTable(context.companyId, set.table), row.id, calculated);
  const quiet = businessRows(context, set.table).get(row.id) ?? row;
  return show(Object.keys(plain).length > 0 ? businessWrite.update(context, writable, quiet, plain) : quiet);
}

/** Calculated values apart from the others: they change without a trace. */
function apart(names: readonly string[], values: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(values);
  return {
    calculated: Object.fromEntries(entries.filter(([name]) => names.includes(name))) as Record<string, Scalar>,
    plain: Object.fromEntries(entries.filter(([name]) => !names.includes(name))),
  };
}

function companyId(world: World, named: string | undefined): string {
  const rows = [...world.table(businessTable('', companies.table)).rows()];
  const sorted = rows.sort((a, b) => (textOf(a.values['name']) < textOf(b.values['name']) ? -1 : 1));
  const found =
    named === undefined ? sorted[0] : sorted.find((row) => row.id === named || row.values['name'] === named);
  if (found === undefined)
    throw new ControlInputError(
      `edit.company: expected one of ${sorted.map((row) => textOf(row.values['name'])).join(', ')}, got "${named ?? ''}"`,
    );
  return found.id;
}

function required(row: Row | undefined, wanted: Edit): Row {
  if (row === undefined)
    throw new ControlInputError(
      `edit.id: ${wanted.system} has no ${wanted.entitySet} with the id "${wanted.id ?? ''}"`,
    );
  return row;
}

const fields = ['system', 'entitySet', 'action', 'id', 'values', 'company', 'committedLateSeconds'];

function readEdit(input: unknown): Edit {
  const given = (input ?? {}) as Record<string, unknown>;
  const {
    system,
    entitySet,
    action = given['id'] === undefined ? 'create' : 'update',
    id,
    values = {},
    company,
    committedLateSeconds = 0,
  } = given;
  const unknown = Object.keys(given).find((name) => !fields.includes(name));
  if (unknown !== undefined)
    throw new ControlInputError(`edit.${unknown}: no such field; there are ${fields.join(', ')}`);
  if (system !== 'BUSINESS' && system !== 'SALES') throw wrong('system', 'BUSINESS or SALES', system);
  if (typeof entitySet !== 'string') throw wrong('entitySet', 'the name of an entity set', entitySet);
  const known = actions.find((one) => one === action);
  if (known === undefined) throw wrong('action', `one of ${actions.join(', ')}`, action);
  if (id !== undefined && typeof id !== 'string') throw wrong('id', 'a text', id);
  if (company !== undefined && typeof company !== 'string') throw wrong('company', 'a text', company);
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw wrong('values', 'an object', values);
  if (typeof committedLateSeconds !== 'number' || committedLateSeconds < 0)
    throw wrong('committedLateSeconds', 'a number of at least 0', committedLateSeconds);
  return {
    system,
    entitySet,
    action: known,
    id: id?.toLowerCase(),
    values: values as Record<string, unknown>,
    company,
    committedLateSeconds,
  };
}

const wrong = (field: string, expected: string, got: unknown): ControlInputError =>
  new ControlInputError(`edit.${field}: expected ${expected}, got ${JSON.stringify(got)}`);
