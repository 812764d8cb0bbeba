import type { Answer, Operation } from '../http/operation.js';
import type { Row } from '../world/row.js';
import { findRow, parseKey, rowOfKey } from './addressing.js';
import type { SalesContext } from './context.js';
import { detectDuplicates } from './duplicate-detection.js';
import { badPayload, badQuery, DataverseError } from './errors.js';
import { type Payload, parsePayload } from './payload.js';
import type { TableDefinition } from './table-definition.js';
import { isGuid } from './value-conversion.js';
import { insert, update } from './write.js';

const PREFIX = 'Microsoft.Dynamics.CRM.';

/** Bulk actions that standard tables know; DeleteMultiple is for elastic tables alone. */
export const bulkActions = ['CreateMultiple', 'UpdateMultiple', 'UpsertMultiple'] as const;
type BulkAction = (typeof bulkActions)[number];

/** Whether a table takes part in bulk actions. */
export const hasBulkActions = (context: SalesContext, table: TableDefinition): boolean =>
  table.readOnly !== true && !context.settings.SALES.noBulkTables.includes(table.logicalName);

/** Answers `POST accounts/Microsoft.Dynamics.CRM.CreateMultiple` and its sisters. All of the targets, or none. */
export function bulkAction(context: SalesContext, table: TableDefinition, name: string, operation: Operation): Answer {
  const action = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  if (action === 'DeleteMultiple')
    throw new DataverseError(400, '0x80040216', 'DeleteMultiple has not yet been implemented.');
  if (!isBulkAction(action) || !hasBulkActions(context, table))
    throw new DataverseError(
      404,
      '',
      `No HTTP resource was found that matches the request URI '${context.base}${table.entitySetName}/${name}'.`,
    );
  const targets = targetsOf(table, parsePayload(table, operation.body));
  const written = (row: Row): Row => {
    detectDuplicates(context, table, row, operation.headers);
    return row;
  };
  switch (action) {
    case 'CreateMultiple': {
      const ids = targets.map((target) => written(insert(context, table, target)).id);
      return {
        status: 200,
        headers: {},
        body: { '@odata.context': `${context.base}$metadata#${PREFIX}CreateMultipleResponse`, Ids: ids },
      };
    }
    case 'UpdateMultiple':
      for (const { target, row } of distinct(
        targets.map((one) => ({ target: one, row: rowToUpdate(context, table, one) })),
      ))
        written(update(context, table, row, target));
      return { status: 204, headers: {} };
    case 'UpsertMultiple':
      for (const target of targets) written(upsert(context, table, target));
      return { status: 204, headers: {} };
  }
}

const isBulkAction = (name: string): name is BulkAction => bulkActions.some((action) => action === name);

function targetsOf(table: TableDefinition, payload: Payload): readonly Payload[] {
  const targets = payload['Targets'];
  if (!Array.isArray(targets)) throw badPayload(table.entitySetName, "The parameter 'Targets' expects a list.");
  for (const target of targets as readonly unknown[]) {
    const type = typeof target === 'object' && target !== null ? (target as Payload)['@odata.type'] : undefined;
    if (typeof type !== 'string' || type.replace(/^#/, '') !== `${PREFIX}${table.logicalName}`)
      throw badPayload(
        table.entitySetName,
        `A type named '${PREFIX}${table.logicalName}' was expected in '@odata.type' of each item of 'Targets'.`,
      );
  }
  return targets as readonly Payload[];
}

function rowToUpdate(context: SalesContext, table: TableDefinition, target: Payload): Row {
  const id = target[table.primaryId];
  if (!isGuid(id)) throw badPayload(table.entitySetName, `Each item of 'Targets' expects its '${table.primaryId}'.`);
  return rowOfKey(context, table, { kind: 'id', id: id.toLowerCase() });
}

function distinct<T extends { readonly row: Row }>(pairs: readonly T[]): readonly T[] {
  if (new Set(pairs.map(({ row }) => row.id)).size < pairs.length)
    throw badQuery('The same row is named more than once in Targets.');
  return pairs;
}

function upsert(context: SalesContext, table: TableDefinition, target: Payload): Row {
  const address = target['@odata.id'];
  const text =
    typeof address === 'string' ? /\((.*)\)$/s.exec(decodeURIComponent(address))?.[1] : target[table.primaryId];
  if (typeof text !== 'string')
    throw badPayload(table.entitySetName, "Each item of 'Targets' expects '@odata.id' or its primary key.");
  const key = parseKey(context, table, text);
  const found = findRow(context, table, key);
  if (found !== undefined) return update(context, table, found, target);
  return insert(
    context,
    table,
    key.kind === 'id' ? target : { ...Object.fromEntries(key.columns), ...target },
    key.kind === 'id' ? key.id : undefined,
  );
}
