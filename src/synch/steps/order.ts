import type { Coupling } from '../../coupling/coupling.js';
import type { FieldValues } from '../../mapping/field-value.js';
import type { SynchRun } from '../synch-run.js';
import { type Step, updateOwn } from './step.js';

/** State and status of an order that the business system works on, and of one that it has invoiced completely. */
const SUBMITTED: FieldValues = { statecode: '1', statuscode: '3' };
const INVOICED: FieldValues = { statecode: '4', statuscode: '100003' };

/** Tells of an order in the business system that all of it is invoiced, where the system offers it. */
const FULLY_INVOICED = 'fullyInvoiced';

/** An order that was written is submitted again: people in Dataverse do not change what the business system works on. */
export const submitOrder: Step = async (context, coupling) => {
  const { run } = context;
  const { mapping, readFields } = run.compiled;
  const [order] = await run.connectors.SALES.readByIds(
    { table: mapping.integrationTable, fields: readFields.SALES, ids: [coupling.salesId ?? ''] },
    run.signal,
  );
  if (order === undefined || order.values['statecode'] !== '0') return {};
  return updateOwn(context, coupling, order, (await isFullyInvoiced(run, coupling)) ? INVOICED : SUBMITTED);
};

async function isFullyInvoiced({ compiled, connectors, signal }: SynchRun, { businessId }: Coupling): Promise<boolean> {
  if (!compiled.table.BUSINESS.fields.has(FULLY_INVOICED)) return false;
  const request = { table: compiled.mapping.table, fields: [FULLY_INVOICED], ids: [businessId ?? ''] };
  const [order] = await connectors.BUSINESS.readByIds(request, signal);
  return order?.values[FULLY_INVOICED] === true;
}
