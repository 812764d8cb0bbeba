import type { Answer } from '../http/operation.js';
import type { Row } from '../world/row.js';
import { rowsOf, type SalesContext } from './context.js';
import { unknownSegment } from './errors.js';
import { ACTIVE, DRAFT, UNDER_REVISION } from './rules/product-lifecycle.js';
import type { TableDefinition } from './table-definition.js';
import { update } from './write.js';

const PUBLISH = 'Microsoft.Dynamics.CRM.PublishProductHierarchy';

/** Answers the actions that are bound to a row. There is one: a product and everything below it becomes active. */
export function boundAction(context: SalesContext, table: TableDefinition, row: Row, name: string): Answer {
  if (table.logicalName !== 'product' || name !== PUBLISH) throw unknownSegment(name);
  for (const product of hierarchyOf(context, row))
    if (product.values['statecode'] === DRAFT || product.values['statecode'] === UNDER_REVISION)
      update(context, table, product, { statecode: ACTIVE });
  return { status: 204, headers: {} };
}

function hierarchyOf(context: SalesContext, product: Row): readonly Row[] {
  const children = [...rowsOf(context, 'product').rows()].filter((row) => row.values['parentproductid'] === product.id);
  return [product, ...children.flatMap((child) => hierarchyOf(context, child))];
}
