import type { Values } from '../row.js';
import type { BusinessPerson } from './business-contacts.js';
import { placeOf } from './business-invoices.js';
import type { SeedRow } from './business-rows.js';
import { LOCAL_CURRENCY } from './catalog.js';
import { Random } from './random.js';

const ORDERS = 6;
const OPPORTUNITIES = 12;

/** Orders that are not posted yet, and opportunities, of a company. */
export function openBusiness(
  customers: readonly SeedRow[],
  people: readonly BusinessPerson[],
  seed: string,
): readonly SeedRow[] {
  const random = new Random(`${seed} open business`);
  const buyers = customers.filter(({ values }) => values['blocked'] === ' ').slice(0, ORDERS);
  const contacts = people.filter(({ customer }) => customer !== undefined).slice(0, OPPORTUNITIES);
  return [
    ...buyers.map(({ values }, at) => ({
      table: 'salesOrders',
      id: random.guid(),
      values: orderValues(values, at, random),
    })),
    ...contacts.map(({ row }, at) => ({
      table: 'opportunities',
      id: random.guid(),
      values: opportunityValues(row.values, at, random),
    })),
  ];
}

function orderValues(customer: Values, at: number, random: Random): Values {
  const net = random.whole(100, 50_000) / 10;
  const tax = Math.round(net * 19) / 100;
  return {
    number: `SO-${101_001 + at}`,
    externalDocumentNumber: '',
    orderDate: '2025-09-01',
    postingDate: '2025-09-01',
    requestedDeliveryDate: '2025-09-15',
    customerNumber: customer['number'] ?? '',
    billToCustomerNumber: customer['number'] ?? '',
    billToName: customer['displayName'] ?? '',
    shipToName: customer['displayName'] ?? '',
    shipToContact: customer['contact'] ?? '',
    ...placeOf('sellTo', customer),
    ...placeOf('billTo', customer),
    ...placeOf('shipTo', customer),
    currencyCode: customer['currencyCode'] ?? '',
    paymentTermsCode: customer['paymentTermsCode'] ?? '',
    shipmentMethodCode: customer['shipmentMethodCode'] ?? '',
    salespersonCode: customer['salespersonCode'] ?? '',
    pricesIncludeTax: false,
    partialShipping: true,
    discountAmount: 0,
    totalAmountExcludingTax: net,
    totalTaxAmount: tax,
    totalAmountIncludingTax: Math.round((net + tax) * 100) / 100,
    fullyShipped: false,
    status: at % 2 === 0 ? 'Open' : 'Draft',
    phoneNumber: customer['phoneNumber'] ?? '',
    email: customer['email'] ?? '',
  };
}

const subjects = ['Refit of the reception', 'New branch office', 'Replacement of desks', 'Training rooms'];

const opportunityValues = (contact: Values, at: number, random: Random): Values => ({
  number: `OP${String((at + 1) * 10).padStart(6, '0')}`,
  contactNumber: contact['number'] ?? '',
  salespersonCode: contact['salespersonCode'] ?? '',
  description: `${subjects[at % subjects.length] ?? ''}, phase ${Math.floor(at / subjects.length) + 1}`,
  status: ['Not Started', 'In Progress', 'In Progress', 'Won', 'Lost'][at % 5] ?? 'In Progress',
  creationDate: '2025-06-02',
  estimatedValue: random.whole(10, 400) * 100,
  estimatedClosingDate: '2026-03-31',
});

/** Opportunities and orders that salespeople made in Dataverse. */
export function salesOpportunities(
  accounts: readonly SeedRow[],
  currencyId: string | null,
  priceListId: string | null,
  seed: string,
): readonly SeedRow[] {
  const random = new Random(`${seed} sales opportunities`);
  const active = accounts.filter(({ values }) => values['statecode'] === 0 && values['customertypecode'] === 3);
  return active.slice(0, OPPORTUNITIES).map((account, at): SeedRow => {
    const value = random.whole(10, 400) * 100;
    return {
      table: 'opportunity',
      id: random.guid(),
      values: {
        name: `${subjects[at % subjects.length] ?? ''} at ${String(account.values['name'])}`.slice(0, 300),
        description: null,
        customerid: account.id,
        'customerid:table': 'account',
        parentaccountid: account.id,
        parentcontactid: null,
        pricelevelid: priceListId,
        estimatedvalue: value,
        estimatedvalue_base: value,
        actualvalue: null,
        actualvalue_base: null,
        estimatedclosedate: '2026-03-31',
        actualclosedate: null,
        closeprobability: (at * 10) % 100,
        transactioncurrencyid: currencyId,
        exchangerate: LOCAL_CURRENCY.rate,
        ownerid: account.values['ownerid'] ?? null,
        'ownerid:table': account.values['ownerid:table'] ?? 'systemuser',
        statecode: 0,
        statuscode: 1,
      },
    };
  });
}
