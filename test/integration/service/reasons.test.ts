import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { Person } from '../../support/person.js';
import { PostedInvoices } from '../../support/posted-invoices.js';
import { type Row, Tandem } from '../../support/tandem.js';

/** How a person brings a pair into trouble, and out of it again. */
interface Trouble {
  readonly mapping: string;
  readonly code: string;
  /** Once the cause stays. */
  readonly state?: string;
  /** Brings it about, where the data does not have it; answers the record of one side, and what mends it. */
  readonly bring: () => Promise<{ readonly id: unknown; readonly mend: () => Promise<unknown> }>;
}

const patience = { withinMs: 60_000, everyMs: 250 };
/** Runs that a pair may need until it is parked. */
const RUNS = 4;

/** A service with its sandbox after the first synchronization, and what people do with both systems. */
class Office implements AsyncDisposable {
  readonly person: Person;
  private constructor(readonly tandem: Tandem) {
    this.person = new Person(tandem.sandboxUrl);
  }

  static async open(env: Readonly<Record<string, string>>): Promise<Office> {
    const office = new Office(await Tandem.open(env));
    await office.tandem.start();
    await office.tandem.firstSynchronization();
    return office;
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.tandem[Symbol.asyncDispose]();

  async coupling(mapping: string, id: unknown): Promise<Record<string, any> | undefined> {
    const [found] = await this.tandem.all(
      'couplings',
      'id state businessId salesId nextAttemptAt error { class code message }',
      `filter: { mapping: ["${mapping}"], search: "${String(id)}" }`,
    );
    return found;
  }

  couplings = (mapping: string, filter: string): Promise<Record<string, any>[]> =>
    this.tandem.all('couplings', 'id state businessId salesId title', `filter: { mapping: ["${mapping}"], ${filter} }`);

  async inStep(mapping: string, at = 0): Promise<Record<string, any>> {
    const found = (await this.couplings(mapping, 'state: [COUPLED]')).at(at);
    if (found === undefined) throw new Error(`too few pairs of ${mapping} are in step`);
    return found;
  }

  async listed(mapping: string, code: string): Promise<Record<string, any>> {
    const [found] = await this.couplings(mapping, `errorCode: ["${code}"]`);
    if (found === undefined) throw new Error(`nothing of ${mapping} is listed with ${code}`);
    return found;
  }

  async row(system: 'BUSINESS' | 'SALES', entitySet: string, wanted: (row: Row) => boolean): Promise<Row> {
    const found = (await this.person.rows(system, entitySet)).find(wanted);
    if (found === undefined) throw new Error(`there is no such record in ${entitySet}`);
    return found;
  }

  /** Waits until the pair stands with the reason, however many runs that takes. */
  async parked({ mapping, code, state = 'SKIPPED' }: Trouble, id: unknown): Promise<void> {
    for (let run = 0; run < RUNS; run += 1) {
      const found = await this.coupling(mapping, id);
      if (found?.['state'] === state && found['error']?.code === code) return;
      await this.tandem.runOnce(mapping);
    }
    expect(await this.coupling(mapping, id)).toMatchObject({ state, error: { code } });
  }

  /** Waits until the pair is in step, with nothing but the jobs of the schedule. */
  async goesOn({ mapping }: Trouble, id: unknown): Promise<void> {
    await eventually(
      `${String(id)} of ${mapping} goes on`,
      async () => {
        const found = await this.coupling(mapping, id);
        return found?.['state'] === 'COUPLED' && found['error'] === null;
      },
      patience,
    );
  }
}

const update = (office: Office, system: 'BUSINESS' | 'SALES', entitySet: string, id: unknown, values: Row) =>
  office.person.update(system, entitySet, String(id), values);

describe('a pair goes on by itself as soon as', () => {
  let office: Office;
  let invoices: PostedInvoices;

  beforeAll(async () => {
    // So late that nothing here goes on only because it is looked at again.
    office = await Office.open({ PARKED_RETRY_SECONDS: '86400' });
    invoices = new PostedInvoices(office.tandem);
  });
  afterAll(() => office[Symbol.asyncDispose]());

  const troubles: readonly (Trouble & { readonly name: string })[] = [
    {
      name: 'the record that it waits for is coupled',
      mapping: 'CUSTOMER',
      code: 'REFERENCE_NOT_COUPLED',
      state: 'WAITING',
      bring: async () => {
        const { businessId } = await office.inStep('CUSTOMER', 3);
        const salesperson = await office.person.create('BUSINESS', 'salespeoplePurchasers', {
          code: 'NEW',
          displayName: 'Nora New',
        });
        await update(office, 'BUSINESS', 'customers', businessId, { salespersonId: salesperson.id });
        const taken = new Set(
          (await office.couplings('SALESPEOPLE', 'state: [COUPLED]')).map(({ salesId }) => salesId),
        );
        const user = await office.row(
          'SALES',
          'systemusers',
          ({ systemuserid, isdisabled, islicensed, isintegrationuser }) =>
            !taken.has(systemuserid) && isdisabled === false && islicensed === true && isintegrationuser === false,
        );
        const mappingId = await office.tandem.mappingId('SALESPEOPLE');
        const pair = { mappingId, businessId: salesperson.id, salesId: user.systemuserid };
        return { id: businessId, mend: () => office.tandem.mutate('coupleRecords', 'CoupleRecordsInput', pair) };
      },
    },
    {
      name: 'the item has a base unit',
      mapping: 'ITEM-PRODUCT',
      code: 'NO_BASE_UNIT',
      bring: async () => {
        const { businessId } = await office.listed('ITEM-PRODUCT', 'NO_BASE_UNIT');
        const { businessId: baseUnitOfMeasureId } = await office.inStep('UNITOFMEASURE');
        return {
          id: businessId,
          mend: () => update(office, 'BUSINESS', 'items', businessId, { baseUnitOfMeasureId }),
        };
      },
    },
    {
      name: 'its unit group has one unit',
      mapping: 'UNITOFMEASURE',
      code: 'UNIT_GROUP_UNITS',
      bring: async () => {
        const { salesId } = await office.listed('UNITOFMEASURE', 'UNIT_GROUP_UNITS');
        const second = await office.row(
          'SALES',
          'uoms',
          ({ _uomscheduleid_value, isschedulebaseuom }) =>
            _uomscheduleid_value === salesId && isschedulebaseuom === false,
        );
        return { id: salesId, mend: () => office.person.remove('SALES', 'uoms', String(second.uomid)) };
      },
    },
    {
      name: 'its unit group is active',
      mapping: 'UNITOFMEASURE',
      code: 'UNIT_GROUP_INACTIVE',
      bring: async () => {
        const { salesId } = await office.listed('UNITOFMEASURE', 'UNIT_GROUP_INACTIVE');
        return {
          id: salesId,
          mend: () => update(office, 'SALES', 'uomschedules', salesId, { statecode: 0, statuscode: 1 }),
        };
      },
    },
    {
      name: 'the prices of the group are in one currency',
      mapping: 'CUSTPRCGRP-PRICE',
      code: 'SEVERAL_CURRENCIES',
      bring: async () => {
        const { businessId } = await office.listed('CUSTPRCGRP-PRICE', 'SEVERAL_CURRENCIES');
        const prices = (await office.person.rows('BUSINESS', 'salesPrices')).filter(
          ({ customerPriceGroupId }) => customerPriceGroupId === businessId,
        );
        const [{ currencyCode }] = prices as [Row];
        return {
          id: businessId,
          mend: async () => {
            for (const price of prices.filter((one) => one.currencyCode !== currencyCode))
              await update(office, 'BUSINESS', 'salesPrices', price.id, { currencyCode });
          },
        };
      },
    },
    {
      name: 'the items of its lines are no longer blocked',
      mapping: 'POSTEDSALESINV-INV',
      code: 'BLOCKED_LINE',
      bring: async () => {
        const { businessId } = await office.listed('POSTEDSALESINV-INV', 'BLOCKED_LINE');
        const { number } = await office.row('BUSINESS', 'salesInvoices', ({ id }) => id === businessId);
        const lines = (await invoices.lines()).filter(({ documentNumber }) => documentNumber === number);
        const items = (await office.person.rows('BUSINESS', 'items')).filter(
          ({ id, blocked }) => blocked === true && lines.some(({ itemId }) => itemId === id),
        );
        // What is blocked has no product yet, and a full synchronization would have made it.
        const mappingId = await office.tandem.mappingId('ITEM-PRODUCT');
        return {
          id: businessId,
          mend: async () => {
            for (const { id } of items) {
              await update(office, 'BUSINESS', 'items', id, { blocked: false });
              if ((await office.coupling('ITEM-PRODUCT', id)) === undefined)
                await office.tandem.mutate('coupleRecords', 'CoupleRecordsInput', {
                  mappingId,
                  businessId: id,
                  createMissing: true,
                });
            }
          },
        };
      },
    },
    {
      name: 'the value fits',
      mapping: 'CUSTOMER',
      code: 'TOO_LONG',
      bring: async () => {
        const { salesId } = await office.inStep('CUSTOMER', 5);
        await update(office, 'SALES', 'accounts', salesId, { address1_country: 'A country with a long name' });
        return { id: salesId, mend: () => update(office, 'SALES', 'accounts', salesId, { address1_country: 'DE' }) };
      },
    },
    {
      name: 'the record is back inside the filter',
      mapping: 'CUSTOMER',
      code: 'OUTSIDE_FILTER',
      bring: async () => {
        const { salesId } = await office.inStep('CUSTOMER', 7);
        await update(office, 'SALES', 'accounts', salesId, { statecode: 1, statuscode: 2 });
        return {
          id: salesId,
          mend: () => update(office, 'SALES', 'accounts', salesId, { statecode: 0, statuscode: 1 }),
        };
      },
    },
    {
      name: 'both sides were made equal',
      mapping: 'CUSTOMER',
      code: 'FIELD_CONFLICT',
      state: 'CONFLICT',
      bring: async () => {
        const { businessId, salesId } = await office.inStep('CUSTOMER', 9);
        await update(office, 'BUSINESS', 'customers', businessId, { phoneNumber: '111' });
        await update(office, 'SALES', 'accounts', salesId, { telephone1: '222' });
        return { id: salesId, mend: () => update(office, 'SALES', 'accounts', salesId, { telephone1: '111' }) };
      },
    },
    {
      name: 'its deleted record is there again',
      mapping: 'CONTACTS',
      code: 'RECORD_DELETED',
      state: 'BROKEN',
      bring: async () => {
        const { salesId } = await office.inStep('CONTACTS', 3);
        const contact = await office.row('SALES', 'contacts', ({ contactid }) => contactid === salesId);
        await office.person.remove('SALES', 'contacts', String(salesId));
        const again = {
          contactid: salesId,
          firstname: contact.firstname,
          lastname: contact.lastname,
          'parentcustomerid_account@odata.bind': `/accounts(${String(contact._parentcustomerid_value)})`,
        };
        return { id: salesId, mend: () => office.person.create('SALES', 'contacts', again) };
      },
    },
    {
      name: 'the closed record is open again',
      mapping: 'POSTEDSALESINV-INV',
      code: 'READ_ONLY',
      bring: async () => {
        const pairs = new Set(
          (await office.couplings('POSTEDSALESINV-INV', 'state: [COUPLED]')).map(({ businessId }) => businessId),
        );
        const invoice = await office.row(
          'BUSINESS',
          'salesInvoices',
          ({ id, remainingAmount, totalAmountIncludingTax }) =>
            pairs.has(id) && remainingAmount === totalAmountIncludingTax,
        );
        await invoices.post(invoice, { remainingAmount: 0 });
        await office.tandem.runOnce('POSTEDSALESINV-INV');
        await invoices.post(invoice, { shipToName: 'Dock 8' });
        return {
          id: invoice.id,
          mend: () => invoices.post(invoice, { remainingAmount: invoice.totalAmountIncludingTax }),
        };
      },
    },
    {
      name: 'its record has no counterpart through another mapping',
      mapping: 'RESOURCE-PRODUCT',
      code: 'COUPLED_ELSEWHERE',
      state: 'FAILED',
      bring: async () => {
        const { id, salesId } = await office.inStep('ITEM-PRODUCT', 4);
        await update(office, 'SALES', 'products', salesId, { producttypecode: 3 });
        const { fullSynchronization } = await office.tandem.mutate(
          'runFullSynchronization',
          'RunFullSynchronizationInput',
          {
            connectionSetupId: (await office.tandem.ask('{ connectionSetup(name: "Sandbox") { id } }'))[
              'connectionSetup'
            ].id,
            mappings: ['RESOURCE-PRODUCT'],
            mode: 'CREATE_MISSING',
          },
          'fullSynchronization { run { code } }',
        );
        await office.tandem.endOf(fullSynchronization.run.code);
        return {
          id: salesId,
          mend: () => office.tandem.mutate('uncoupleRecords', 'CouplingSelectionInput', { ids: [id] }),
        };
      },
    },
  ];

  test.each(troubles)('$name ($code)', async (trouble) => {
    const { id, mend } = await trouble.bring();
    await office.parked(trouble, id);
    await mend();
    await office.goesOn(trouble, id);
  });
});

describe('a pair is looked at again, where nobody can see that its cause is gone, after', () => {
  let office: Office;

  beforeAll(async () => {
    office = await Office.open({ PARKED_RETRY_SECONDS: '1' });
  });
  afterAll(() => office[Symbol.asyncDispose]());

  const settings = (sales: Row) => office.tandem.control('POST', '/settings', { SALES: sales });

  const troubles: readonly (Trouble & { readonly name: string })[] = [
    {
      name: 'a right was given back',
      mapping: 'CUSTOMER',
      code: '0x80040220',
      bring: async () => {
        const { businessId } = await office.inStep('CUSTOMER', 3);
        await settings({ missingPrivileges: ['Write account'] });
        await update(office, 'BUSINESS', 'customers', businessId, { phoneNumber: '+49 30 1' });
        return { id: businessId, mend: () => settings({ missingPrivileges: [] }) };
      },
    },
    {
      name: 'a row was shared again',
      mapping: 'CUSTOMER',
      code: '0x80048306',
      bring: async () => {
        const { businessId, salesId } = await office.inStep('CUSTOMER', 5);
        await settings({ lockedRows: [salesId] });
        await update(office, 'BUSINESS', 'customers', businessId, { phoneNumber: '+49 30 2' });
        return { id: businessId, mend: () => settings({ lockedRows: [] }) };
      },
    },
    {
      name: 'the country that an account names was entered in Business Central',
      mapping: 'CUSTOMER',
      code: 'Internal_InvalidTableRelation',
      bring: async () => {
        const { salesId } = await office.inStep('CUSTOMER', 7);
        await update(office, 'SALES', 'accounts', salesId, { address1_country: 'XQ' });
        return {
          id: salesId,
          mend: () => office.person.create('BUSINESS', 'countriesRegions', { code: 'XQ', displayName: 'Xanadu' }),
        };
      },
    },
    {
      name: 'the number of an item is free',
      mapping: 'ITEM-PRODUCT',
      code: '0x80043b06',
      bring: async () => {
        const taken = await office.row('SALES', 'products', ({ producttypecode }) => producttypecode === 4);
        const { businessId: baseUnitOfMeasureId } = await office.inStep('UNITOFMEASURE');
        const item = await office.person.create('BUSINESS', 'items', {
          number: String(taken.productnumber),
          displayName: 'An item whose number is taken',
          baseUnitOfMeasureId,
        });
        await office.tandem.createCounterpart('ITEM-PRODUCT', item.id);
        return {
          id: item.id,
          mend: () => update(office, 'SALES', 'products', taken.productid, { productnumber: 'ANOTHER NUMBER' }),
        };
      },
    },
    {
      name: 'what follows a create is allowed',
      mapping: 'ITEM-PRODUCT',
      code: 'AFTER_CREATE',
      bring: async () => {
        const { businessId: baseUnitOfMeasureId } = await office.inStep('UNITOFMEASURE');
        const item = await office.person.create('BUSINESS', 'items', {
          displayName: 'An item without a price in Dataverse',
          baseUnitOfMeasureId,
          unitPrice: 12,
        });
        await settings({ missingPrivileges: ['Create productpricelevel'] });
        await office.tandem.createCounterpart('ITEM-PRODUCT', item.id);
        return { id: item.id, mend: () => settings({ missingPrivileges: [] }) };
      },
    },
    {
      name: 'the order that the invoice names is the customer’s',
      mapping: 'POSTEDSALESINV-INV',
      code: 'ORDER_OF_OTHER_CUSTOMER',
      bring: async () => {
        const invoices = new PostedInvoices(office.tandem);
        await invoices.createMissing();
        const [own, other] = (await office.couplings('CUSTOMER', 'state: [COUPLED]')) as [Row, Row];
        const of = (customer: Row) => ({ 'customerid_account@odata.bind': `/accounts(${String(customer.salesId)})` });
        const order = await office.person.create('SALES', 'salesorders', {
          ordernumber: 'SO-1',
          name: 'Order SO-1',
          ...of(other),
        });
        const invoice = await invoices.create(
          { number: 'OF-ORDER', customerId: own.businessId, status: 'Open', customerPurchaseOrderReference: 'SO-1' },
          [],
        );
        return { id: invoice.id, mend: () => update(office, 'SALES', 'salesorders', order.salesorderid, of(own)) };
      },
    },
    {
      name: 'the mapping of invoice lines was enabled',
      mapping: 'POSTEDSALESINV-INV',
      code: 'NO_LINE_MAPPING',
      bring: async () => {
        const id = await office.tandem.mappingId('POSTEDSALESLINE-INV');
        const enable = (enabled: boolean) =>
          office.tandem.mutate('updateIntegrationTableMapping', 'UpdateIntegrationTableMappingInput', { id, enabled });
        await enable(false);
        const invoices = new PostedInvoices(office.tandem);
        await invoices.createMissing();
        const [customer] = await office.couplings('CUSTOMER', 'state: [COUPLED]');
        const invoice = await invoices.create(
          { number: 'WITHOUT-LINES', customerId: customer?.businessId, status: 'Open' },
          [],
        );
        return { id: invoice.id, mend: () => enable(true) };
      },
    },
  ];

  test.each(troubles)('$name ($code)', async (trouble) => {
    const { id, mend } = await trouble.bring();
    await office.parked(trouble, id);
    expect((await office.coupling(trouble.mapping, id))?.['nextAttemptAt']).not.toBeNull();
    await mend();
    await office.goesOn(trouble, id);
  });
});
