import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostedInvoices } from '../../support/posted-invoices.js';
import { type Row, Tandem } from '../../support/tandem.js';

const state = { OPEN: [0, 4], PARTIAL: [2, 100_002], PAID: [2, 100_001] } as const;

const localPriceList = 'Business Central Default Price List';

describe('posted invoices', () => {
  let tandem: Tandem;
  let invoices: PostedInvoices;

  beforeAll(async () => {
    tandem = await Tandem.open();
    invoices = new PostedInvoices(tandem);
    await tandem.start();
    await tandem.firstSynchronization();
  });
  afterAll(() => tandem[Symbol.asyncDispose]());

  test('are invoices of Dataverse after the first synchronization, each with its status by what is paid', async () => {
    const posted = (await invoices.all()).filter(isPosted);
    const blocked = posted.filter(({ hasBlockedLine }) => hasBlockedLine === true);
    const made = await invoices.allMade();
    expect(blocked).toHaveLength(2);
    expect(new Set(made.map(({ invoicenumber }) => invoicenumber))).toEqual(
      new Set(posted.filter((one) => !blocked.includes(one)).map(({ number }) => number)),
    );
    for (const one of made) {
      const source = posted.find(({ number }) => number === one.invoicenumber);
      expect([one.statecode, one.statuscode]).toEqual(state[statusOf(source)]);
      expect(one).toMatchObject({
        name: source?.number,
        totalamount: source?.totalAmountIncludingTax,
        totalamountlessfreight: source?.totalAmountExcludingTax,
        totaltax: expect.closeTo(Number(source?.totalTaxAmount), 2),
        freightamount: 0,
      });
    }
    expect(new Set(made.map(({ statuscode }) => statuscode))).toEqual(new Set([4, 100_001, 100_002]));
  });

  test('with a blocked line are refused and listed, and drafts are not looked at', async () => {
    const listed = await tandem.all(
      'couplings',
      'salesId error { class code field }',
      'filter: { mapping: ["POSTEDSALESINV-INV"], state: [FAILED, SKIPPED] }',
    );
    expect(listed).toHaveLength(2);
    for (const one of listed)
      expect(one).toEqual({
        salesId: null,
        error: { class: 'VALIDATION', code: 'BLOCKED_LINE', field: 'hasBlockedLine' },
      });
  });

  test('have their lines, of products or as write-in products, with the amounts that the lines had', async () => {
    const made = await invoices.allMade();
    const lines = await tandem.salesRows('invoicedetails');
    const products = new Map((await tandem.salesRows('products')).map((row) => [row.productid, row]));
    const sources = await invoices.lines();
    let compared = 0;
    for (const { invoiceid, invoicenumber, shipto_city, _pricelevelid_value: list } of made) {
      const own = lines.filter(({ _invoiceid_value }) => _invoiceid_value === invoiceid);
      const expected = sources.filter(({ documentNumber }) => documentNumber === invoicenumber);
      expect(own).toHaveLength(expected.length);
      for (const source of expected) {
        const line = own.find(({ lineitemnumber }) => lineitemnumber === source.sequence);
        compared += 1;
        expect(line).toMatchObject({
          quantity: source.quantity,
          priceperunit: expect.closeTo(Number(source.unitPrice), 2),
          manualdiscountamount: source.discountAmount,
          baseamount: expect.closeTo(Number(source.netAmount) + Number(source.discountAmount), 2),
          extendedamount: source.netAmountIncludingTax,
          tax: source.netTaxAmount,
          ispriceoverridden: true,
          shipto_city,
        });
        const product = products.get(line?._productid_value);
        if (source.lineType === 'Item' || source.lineType === 'Resource') {
          expect(product?.productnumber).toBe(source.lineObjectNumber);
          expect(line).toMatchObject({ isproductoverridden: false, _uomid_value: product?._defaultuomid_value });
        } else {
          expect(line).toMatchObject({ isproductoverridden: true, productdescription: textOf(source) });
        }
      }
      expect(list).not.toBeNull();
    }
    expect(compared).toBeGreaterThan(150);
    expect(lines).toHaveLength(compared);
  });

  test('are on the default price list in the local currency and on one by its code in another, with a price for each product', async () => {
    const lists = new Map((await tandem.salesRows('pricelevels')).map((row) => [row.pricelevelid, row]));
    const currencies = new Map(
      (await tandem.salesRows('transactioncurrencies')).map((row) => [row.transactioncurrencyid, row.isocurrencycode]),
    );
    const prices = new Set(
      (await tandem.salesRows('productpricelevels')).map(
        (row) => `${String(row._pricelevelid_value)} ${String(row._productid_value)} ${String(row._uomid_value)}`,
      ),
    );
    const used = new Set<unknown>();
    const listOf = new Map<unknown, unknown>();
    for (const {
      invoiceid,
      _pricelevelid_value: id,
      _transactioncurrencyid_value: currency,
    } of await invoices.allMade()) {
      const code = String(currencies.get(currency));
      expect(lists.get(id)?.name).toBe(code === 'EUR' ? localPriceList : `Price List in ${code}`);
      used.add(code);
      listOf.set(invoiceid, id);
    }
    expect(used.size).toBeGreaterThan(1);
    for (const line of await tandem.salesRows('invoicedetails')) {
      if (line.isproductoverridden === true) continue;
      const key = [listOf.get(line._invoiceid_value), line._productid_value, line._uomid_value].map(String).join(' ');
      expect(prices.has(key)).toBe(true);
    }
  });

  test('are written once: their lines are coupled, and a further run writes nothing', async () => {
    const coupled = await tandem.all(
      'couplings',
      'state businessId salesId',
      'filter: { mapping: ["POSTEDSALESLINE-INV"] }',
    );
    expect(coupled).toHaveLength((await tandem.salesRows('invoicedetails')).length);
    expect(coupled.filter((one) => one.state !== 'COUPLED')).toEqual([]);
    await tandem.runOnce('POSTEDSALESINV-INV');
    await tandem.control('DELETE', '/requests');
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await tandem.writeRequests()).toBe(0);
  });

  test('are closed by a payment that comes later, and opened when it is taken back', async () => {
    const invoice = await openInvoice();
    await invoices.post(invoice, { remainingAmount: Number(invoice.totalAmountIncludingTax) / 4 });
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await madeStatus(invoice)).toEqual(state.PARTIAL);
    await invoices.post(invoice, { remainingAmount: 0, status: 'Paid' });
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await madeStatus(invoice)).toEqual(state.PAID);
    await invoices.post(invoice, { remainingAmount: invoice.totalAmountIncludingTax, status: 'Open' });
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await madeStatus(invoice)).toEqual(state.OPEN);
  });

  test('that are closed take no other change: it is listed, and arrives once the invoice is open again', async () => {
    const invoice = await openInvoice();
    const total = invoice.totalAmountIncludingTax;
    await invoices.post(invoice, { remainingAmount: 0, dueDate: '2031-05-01', shipToName: 'Dock 7' });
    await tandem.runOnce('POSTEDSALESINV-INV');
    // The payment and the rest went in one write, while the invoice was open still.
    expect(await invoices.made(invoice)).toMatchObject({ statecode: 2, shipto_name: 'Dock 7', duedate: '2031-05-01' });
    await invoices.post(invoice, { shipToName: 'Dock 8' });
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await invoices.made(invoice)).toMatchObject({ statecode: 2, shipto_name: 'Dock 7' });
    expect(await couplingOf(invoice)).toEqual({ state: 'SKIPPED', error: { class: 'VALIDATION', code: 'READ_ONLY' } });
    await invoices.post(invoice, { remainingAmount: total });
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await invoices.made(invoice)).toMatchObject({ statecode: 0, shipto_name: 'Dock 8' });
    expect(await couplingOf(invoice)).toEqual({ state: 'COUPLED', error: null });
  });

  test('that name a sales order of Dataverse take its name, price list and opportunity; of another customer they are refused', async () => {
    const [own, other] = (await invoices.allMade()).map((one) => one._customerid_value);
    // An order is in the currency of its price list, and a new invoice in the local one.
    const list = (await tandem.salesRows('pricelevels')).find(({ name }) => name === localPriceList);
    await order('SO-OWN', own, list?.pricelevelid);
    await order(
      'SO-OTHER',
      (await invoices.allMade()).find((one) => one._customerid_value !== own)?._customerid_value ?? other,
    );
    const customer = await customerOf(own);
    const right = await newInvoice('PSI-900001', customer, 'SO-OWN');
    const wrong = await newInvoice('PSI-900002', customer, 'SO-OTHER');
    await invoices.createMissing();
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await invoices.made(right)).toMatchObject({
      name: 'Order SO-OWN',
      _pricelevelid_value: list?.pricelevelid,
      _salesorderid_value: expect.any(String),
    });
    expect(await couplingOf(right)).toEqual({ state: 'COUPLED', error: null });
    expect(await couplingOf(wrong)).toEqual({
      state: 'FAILED',
      error: { class: 'VALIDATION', code: 'ORDER_OF_OTHER_CUSTOMER' },
    });
    await invoices.post(wrong, { customerPurchaseOrderReference: 'by telephone' });
    await tandem.runOnce('POSTEDSALESINV-INV');
    expect(await couplingOf(wrong)).toEqual({ state: 'COUPLED', error: null });
    expect((await invoices.allMade()).filter(({ invoicenumber }) => invoicenumber === 'PSI-900002')).toHaveLength(1);
  });

  test('take their lines along: the mapping of the lines is never run alone', async () => {
    const { integrationTableMapping } = await tandem.ask(
      '{ integrationTableMapping(name: "POSTEDSALESLINE-INV") { id } }',
    );
    const { synchronizeMapping } = await tandem.ask(
      'mutation($input: SynchronizeMappingInput!) { synchronizeMapping(input: $input) { run { code } userErrors { message } } }',
      { input: { id: integrationTableMapping.id } },
    );
    expect(synchronizeMapping).toEqual({
      run: null,
      userErrors: [{ message: expect.stringContaining('its records go with those of invoices') }],
    });
  });

  test('are audited with their lines: an audit of the connection succeeds and compares every coupling', async () => {
    const { integrationTableMapping: lines } = await tandem.ask(
      '{ integrationTableMapping(name: "POSTEDSALESLINE-INV") { connectionSetup { id } } }',
    );
    const { createJobQueueEntry } = await tandem.ask(
      'mutation($input: CreateJobQueueEntryInput!) { createJobQueueEntry(input: $input) { userErrors { message } } }',
      { input: { code: 'AUDIT ALL', task: 'AUDIT', connectionSetupId: lines.connectionSetup.id } },
    );
    expect(createJobQueueEntry).toEqual({ userErrors: [] });
    const made = await invoices.lines();
    const run = await tandem.runOnce('AUDIT ALL');
    expect(run).toMatchObject({ status: 'SUCCESS' });
    const audits = await tandem.all(
      'synchJobs',
      'status read failed',
      'filter: { kind: [AUDIT], mapping: ["POSTEDSALESLINE-INV"] }',
    );
    expect(audits).not.toHaveLength(0);
    for (const { status, read, failed } of audits) {
      expect({ status, failed }).toEqual({ status: 'SUCCESS', failed: 0 });
      expect(read).toBeGreaterThan(0);
      expect(read).toBeLessThanOrEqual(made.length);
    }
  });

  const isPosted = ({ status }: Row): boolean => status !== 'Draft' && status !== 'In_x0020_Review';
  const statusOf = (row: Row | undefined): keyof typeof state =>
    row?.remainingAmount === 0 ? 'PAID' : row?.remainingAmount === row?.totalAmountIncludingTax ? 'OPEN' : 'PARTIAL';
  const textOf = ({ lineObjectNumber, description }: Row): string =>
    `${[lineObjectNumber, description].filter((part) => part !== '').join(' ')}.`;

  const madeStatus = async (invoice: Row): Promise<unknown[]> => {
    const { statecode, statuscode } = await invoices.made(invoice);
    return [statecode, statuscode];
  };
  const customerOf = async (accountId: unknown): Promise<unknown> => {
    const [coupling] = await tandem.all('couplings', 'businessId', `filter: { salesId: "${String(accountId)}" }`);
    return coupling?.businessId;
  };

  async function openInvoice(): Promise<Row> {
    const numbers = new Set((await invoices.allMade()).map(({ invoicenumber }) => invoicenumber));
    const open = (await invoices.all()).find(
      (one) => numbers.has(one.number) && isPosted(one) && statusOf(one) === 'OPEN',
    );
    if (open === undefined) throw new Error('no invoice is open');
    return open;
  }

  async function couplingOf({ id }: Row): Promise<Row | undefined> {
    const [coupling] = await tandem.all(
      'couplings',
      'state error { class code }',
      `filter: { mapping: ["POSTEDSALESINV-INV"], businessId: "${String(id)}" }`,
    );
    return coupling;
  }

  async function newInvoice(number: string, customerId: unknown, reference: string): Promise<Row> {
    const values = {
      number,
      customerId,
      customerPurchaseOrderReference: reference,
      status: 'Open',
      remainingAmount: 119,
    };
    const totals = { totalAmountExcludingTax: 100, totalTaxAmount: 19, totalAmountIncludingTax: 119 };
    const [line] = await invoices.lines();
    return invoices.create({ ...values, ...totals }, [
      {
        sequence: 10_000,
        lineType: 'Item',
        lineObjectNumber: line?.lineObjectNumber,
        quantity: 1,
        unitPrice: 100,
        netAmount: 100,
        netAmountIncludingTax: 119,
      },
    ]);
  }

  const order = (ordernumber: string, account: unknown, list: unknown = null): Promise<Row> =>
    tandem.control('POST', '/edit', {
      system: 'SALES',
      entitySet: 'salesorders',
      action: 'create',
      values: {
        ordernumber,
        name: `Order ${ordernumber}`,
        'customerid_account@odata.bind': `/accounts(${String(account)})`,
        ...(typeof list === 'string' ? { 'pricelevelid@odata.bind': `/pricelevels(${list})` } : {}),
      },
    }) as Promise<Row>;
});
