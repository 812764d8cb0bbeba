import type { SourceRow } from '../../connectors/connector.js';
import type { Coupling } from '../../coupling/coupling.js';
import type { FieldValues } from '../../mapping/field-value.js';
import type { SynchRun } from '../synch-run.js';
import { ensurePrice, pricedFields } from './price-lists.js';
import { type Step, updateOwn } from './step.js';

/** State and status of a product that can be sold. */
const ACTIVE: FieldValues = { statecode: '0', statuscode: '1' };

/** The product has its price on the default price list, which it points to unless somebody gave it another one. */
export const priceInDefaultList: Step = async (context, coupling) => {
  const { run, priceLists } = context;
  const product = await readProduct(run, coupling);
  if (product === undefined || run.localCurrency === null) return {};
  const list = await priceLists.ofCurrency(context, run.localCurrency);
  await ensurePrice(context, list, product, 'UPDATE');
  return product.values['pricelevelid'] === null ? updateOwn(context, coupling, product, { pricelevelid: list }) : {};
};

export const activateProduct: Step = async (context, coupling) => {
  const product = await readProduct(context.run, coupling);
  if (product === undefined || product.values['statecode'] === ACTIVE['statecode']) return {};
  return updateOwn(context, coupling, product, ACTIVE);
};

const fieldsOf = ({ compiled }: SynchRun): readonly string[] => [
  ...new Set([...compiled.readFields.SALES, 'statecode', ...pricedFields]),
];

async function readProduct(run: SynchRun, { salesId }: Coupling): Promise<SourceRow | undefined> {
  const offered = fieldsOf(run).filter((name) => run.compiled.table.SALES.fields.has(name));
  const [product] = await run.connectors.SALES.readByIds(
    { table: 'products', fields: offered, ids: [salesId ?? ''] },
    run.signal,
  );
  return product;
}
