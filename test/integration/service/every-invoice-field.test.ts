import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostedInvoices } from '../../support/posted-invoices.js';
import { type Row, Tandem } from '../../support/tandem.js';

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/** A field pair of posted invoices, and what a person enters on one side and finds on the other. */
interface Case {
  /** What is entered in the business system: another value, and blank in its form. */
  readonly entered: Row;
  readonly blank?: Row;
  /** What Dataverse shows then, in the column that the API of Dataverse reads the field by. */
  readonly column: string;
  readonly shown: unknown;
  readonly shownBlank?: unknown;
  /** What a person enters in Dataverse, which is put back; nothing where Dataverse itself refuses it. */
  readonly enteredThere?: Row;
}

const text = (field: string, column: string, value = `New ${column}`): Case => ({
  entered: { [field]: value },
  blank: { [field]: '' },
  column,
  shown: value,
  shownBlank: null,
  enteredThere: { [column]: 'Edited there' },
});

const amount = (field: string, column: string, value: number): Case => ({
  entered: { [field]: value },
  blank: { [field]: 0 },
  column,
  shown: value,
  shownBlank: 0,
  enteredThere: { [column]: 1.25 },
});

const day = (field: string, column: string, value: string): Case => ({
  entered: { [field]: value },
  blank: { [field]: '0001-01-01' },
  column,
  shown: value,
  shownBlank: null,
  enteredThere: { [column]: '2030-12-31' },
});

const place = (prefix: string, there: string): Record<string, Case> => ({
  [`${prefix}Name - ${there}_name`]: text(`${prefix}Name`, `${there}_name`),
  [`${prefix}AddressLine1 - ${there}_line1`]: text(`${prefix}AddressLine1`, `${there}_line1`),
  [`${prefix}AddressLine2 - ${there}_line2`]: text(`${prefix}AddressLine2`, `${there}_line2`),
  [`${prefix}City - ${there}_city`]: text(`${prefix}City`, `${there}_city`),
  [`${prefix}Country - ${there}_country`]: text(`${prefix}Country`, `${there}_country`, 'NL'),
  [`${prefix}PostCode - ${there}_postalcode`]: text(`${prefix}PostCode`, `${there}_postalcode`, '9876 ZZ'),
  [`${prefix}State - ${there}_stateorprovince`]: text(`${prefix}State`, `${there}_stateorprovince`),
});

/** What does not change once an invoice is made, and why; a test of its own follows each. */
const setOnCreation = {
  'number - invoicenumber': 'a posted invoice keeps its number',
  'currencyId - transactioncurrencyid': 'a posted invoice keeps its currency, as its price list does',
};

describe('every field of posted invoices and their lines', () => {
  let tandem: Tandem;
  let invoices: PostedInvoices;
  let invoice: Row;
  let cases: Readonly<Record<string, Case>>;

  beforeAll(async () => {
    tandem = await Tandem.open();
    invoices = new PostedInvoices(tandem);
    await tandem.start();
    await tandem.firstSynchronization();
    invoice = await openInvoice();
    cases = await casesFor(invoice);
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('is checked here', async () => {
    const covered = [...Object.keys(cases), ...Object.keys(setOnCreation)];
    expect(await fieldsOf('POSTEDSALESINV-INV')).toEqual(covered.toSorted());
    expect(await fieldsOf('POSTEDSALESLINE-INV')).toEqual(Object.keys(lineFields).toSorted());
  });

  test('travels: an edit in the business system is in Dataverse after one run', async () => {
    await invoices.post(invoice, Object.assign({}, ...Object.values(cases).map(({ entered }) => entered)));
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await shown()).toEqual(expected(({ shown: value }) => value));
  });

  test('travels as blank too; the owner of an invoice stays, and the customer cannot be blank', async () => {
    await invoices.post(invoice, Object.assign({}, ...Object.values(cases).map(({ blank = {} }) => blank)));
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await shown()).toEqual(expected(({ shown: value, shownBlank = value }) => shownBlank));
  });

  test('gets the value of its source back when it is edited in Dataverse', async () => {
    // Without a salesperson the invoice is whoever's it is made.
    await invoices.post(invoice, cases['salespersonId - ownerid']?.entered ?? {});
    await tandem.runOnce('POSTEDSALESINV-INV');
    const salesId = String((await invoices.made(invoice)).invoiceid);
    const before = await shown();
    const edit: Row = Object.assign({}, ...Object.values(cases).map(({ enteredThere = {} }) => enteredThere));
    expect(Object.keys(edit).length).toBeGreaterThanOrEqual(Object.keys(cases).length - 1);
    await tandem.editAsPerson('SALES', 'invoices', salesId, edit);
    expect(await shown()).not.toEqual(before);
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await shown()).toEqual(before);
    await tandem.control('DELETE', '/requests');
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await tandem.writeRequests()).toBe(0);
  });

  test('of how much is paid closes the invoice and opens it again', async () => {
    await invoices.post(invoice, { remainingAmount: 0 });
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await invoices.made(invoice)).toMatchObject({ statecode: 2, statuscode: 100_001 });
    await tandem.editAsPerson('SALES', 'invoices', String((await invoices.made(invoice)).invoiceid), {
      statecode: 0,
      statuscode: 4,
    });
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await invoices.made(invoice)).toMatchObject({ statecode: 2, statuscode: 100_001 });
  });

  test('that is set on creation arrives with a new invoice: number and currency; its lines with all of theirs', async () => {
    await invoices.createMissing();
    const currency = await coupledCurrency();
    const lines = [
      { lineType: 'Item', lineObjectNumber: await soldItem(), quantity: 2.5, unitPrice: 40, discountAmount: 10 },
      { lineType: 'Comment', description: 'Thank you', quantity: 0, unitPrice: 0, discountAmount: 0 },
    ];
    const foreign = await newInvoice('PSI-910001', { currencyId: currency.businessId }, lines);
    const local = await newInvoice('PSI-910002', {}, lines);
    await tandem.runOnce('POSTEDSALESINV-INV');
    const [organization] = await tandem.salesRows('organizations');
    for (const [one, expectedCurrency] of [
      [foreign, currency.salesId],
      [local, organization?._basecurrencyid_value],
    ] as const) {
      const { invoiceid, invoicenumber, _transactioncurrencyid_value } = await invoices.made(one);
      expect({ invoicenumber, currency: _transactioncurrencyid_value }).toEqual({
        invoicenumber: one.number,
        currency: expectedCurrency,
      });
      const own = (await tandem.salesRows('invoicedetails')).filter((line) => line._invoiceid_value === invoiceid);
      expect(own).toHaveLength(lines.length);
      for (const [at, given] of linesWithAmounts(lines).entries())
        for (const [names, value] of Object.entries(lineFields))
          expect({
            names,
            value: own.find(({ lineitemnumber }) => lineitemnumber === at + 1)?.[columnOf(names)],
          }).toEqual({ names, value: value(given) });
    }
  });

  async function casesFor({ customerId }: Row): Promise<Readonly<Record<string, Case>>> {
    const couplings = async (mapping: string) =>
      tandem.all('couplings', 'businessId salesId', `filter: { mapping: ["${mapping}"], state: [COUPLED] }`);
    const [customer] = (await couplings('CUSTOMER')).filter(({ businessId }) => businessId !== customerId);
    const before = await invoices.made(invoice);
    const [owner, account] = [String(before._ownerid_value), String(before._customerid_value)];
    const [salesperson] = (await couplings('SALESPEOPLE')).filter(({ salesId }) => salesId !== owner);
    const [agent] = await couplings('SHIPPING AGENT');
    const [terms] = await couplings('PAYMENT TERMS');
    const total = 1_190;
    return {
      'customerId - customerid': {
        entered: { customerId: customer?.businessId },
        column: '_customerid_value',
        shown: customer?.salesId,
        enteredThere: {
          'customerid_account@odata.bind': `/accounts(${account})`,
        },
      },
      'salespersonId - ownerid': {
        entered: { salespersonId: salesperson?.businessId },
        // Not Null: whoever owns it keeps it.
        blank: { salespersonId: ZERO_GUID },
        column: '_ownerid_value',
        shown: salesperson?.salesId,
        enteredThere: { 'ownerid@odata.bind': `/systemusers(${owner})` },
      },
      'dueDate - duedate': day('dueDate', 'duedate', '2031-05-01'),
      'shipmentDate - datedelivered': day('shipmentDate', 'datedelivered', '2031-04-01'),
      ...place('shipTo', 'shipto'),
      ...place('billTo', 'billto'),
      'totalAmountExcludingTax - totalamountlessfreight': amount(
        'totalAmountExcludingTax',
        'totalamountlessfreight',
        1_000,
      ),
      'totalAmountIncludingTax - totalamount': {
        ...amount('totalAmountIncludingTax', 'totalamount', total),
        // An invoice of nothing is paid; how that travels is the next case.
        blank: {},
        shownBlank: total,
      },
      'discountAmount - discountamount': amount('discountAmount', 'discountamount', 12.5),
      'shippingAgentId - shippingmethodcode': {
        entered: { shippingAgentId: agent?.businessId },
        blank: { shippingAgentId: ZERO_GUID },
        column: 'shippingmethodcode',
        shown: Number(agent?.salesId),
        shownBlank: null,
        enteredThere: { shippingmethodcode: 5 },
      },
      'paymentTermsId - paymenttermscode': {
        entered: { paymentTermsId: terms?.businessId },
        blank: { paymentTermsId: ZERO_GUID },
        column: 'paymenttermscode',
        shown: Number(terms?.salesId),
        shownBlank: null,
        enteredThere: { paymenttermscode: 4 },
      },
      'paymentStatus - statecode': { entered: { remainingAmount: total }, column: 'statecode', shown: 0 },
      'paymentStatus - statuscode': {
        entered: { remainingAmount: total },
        column: 'statuscode',
        shown: 4,
        enteredThere: { statuscode: 1 },
      },
    };
  }

  /** What Dataverse shows of the invoice, by field pair. */
  async function shown(): Promise<Row> {
    const row = await invoices.made(invoice);
    return expected(({ column }) => row[column]);
  }

  const expected = (of: (one: Case) => unknown): Row =>
    Object.fromEntries(Object.entries(cases).map(([names, one]) => [names, of(one)]));

  async function fieldsOf(name: string): Promise<string[]> {
    const { integrationTableMapping } = await tandem.ask(
      'query($name: String!) { integrationTableMapping(name: $name) { fields { field integrationField enabled } } }',
      { name },
    );
    return (integrationTableMapping.fields as Record<string, any>[])
      .filter(({ enabled }) => enabled)
      .map(({ field, integrationField }) => `${field} - ${integrationField}`)
      .toSorted();
  }

  async function openInvoice(): Promise<Row> {
    const posted = await invoices.all();
    const open = new Set(
      (await invoices.allMade()).filter(({ statecode }) => statecode === 0).map((row) => row.invoicenumber),
    );
    const found = posted.find(({ number, currencyCode }) => open.has(number) && currencyCode === 'EUR');
    if (found === undefined) throw new Error('no invoice in the local currency is open');
    return found;
  }

  function newInvoice(number: string, values: Row, lines: readonly Row[]): Promise<Row> {
    const header = { number, customerId: invoice.customerId, status: 'Open', remainingAmount: 107.1, ...values };
    const totals = { totalAmountExcludingTax: 90, totalTaxAmount: 17.1, totalAmountIncludingTax: 107.1 };
    return invoices.create(
      { ...header, ...totals },
      linesWithAmounts(lines).map((line, at) => ({ sequence: at + 1, ...line })),
    );
  }

  async function coupledCurrency(): Promise<Row> {
    const [currency] = await tandem.all(
      'couplings',
      'businessId salesId',
      'filter: { mapping: ["CURRENCY"], state: [COUPLED] }',
    );
    return currency ?? {};
  }

  async function soldItem(): Promise<unknown> {
    return (await invoices.lines()).find(({ lineType }) => lineType === 'Item')?.lineObjectNumber;
  }
});

/** What a line of an invoice in Dataverse has of its line in the business system, by field pair. */
const lineFields: Readonly<Record<string, (line: Row) => unknown>> = {
  'quantity - quantity': ({ quantity }) => quantity,
  'discountAmount - manualdiscountamount': ({ discountAmount }) => discountAmount,
  'unitPrice - priceperunit': ({ unitPrice }) => unitPrice,
  ' - ispriceoverridden': () => true,
  // Before discounts, as Dynamics NAV fills it.
  'netAmount - baseamount': ({ netAmount, discountAmount }) => Number(netAmount) + Number(discountAmount),
  'netAmountIncludingTax - extendedamount': ({ netAmountIncludingTax }) => netAmountIncludingTax,
};

const columnOf = (names: string): string => names.split(' - ')[1] ?? '';

const linesWithAmounts = (lines: readonly Row[]): readonly Row[] =>
  lines.map((line) => {
    const netAmount = Number(line.quantity) * Number(line.unitPrice) - Number(line.discountAmount);
    return { ...line, netAmount, netAmountIncludingTax: Math.round(netAmount * 119) / 100 };
  });
