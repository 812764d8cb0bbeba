import type { SeedRow } from './business-rows.js';
import { FUND_CURRENCY, MISSING_CURRENCY, shippingAgents } from './catalog.js';
import { type About, businessCase, type ExpectedCase } from './expected-case.js';
import { AMBIGUOUS_CUSTOMER, type Plan } from './plan.js';

/** The cases among currencies, shipping agents, customers and accounts. */
export function partyCases(
  plan: Plan,
  customers: readonly SeedRow[],
  accounts: readonly SeedRow[],
  setup: readonly SeedRow[],
): readonly ExpectedCase[] {
  const cases: ExpectedCase[] = [];
  const fund = setup.find((row) => row.table === 'currencies' && row.values['code'] === FUND_CURRENCY);
  if (fund !== undefined)
    cases.push({
      case: 'currency code longer than 5',
      system: 'BUSINESS',
      entitySet: 'currencies',
      id: fund.id,
      name: FUND_CURRENCY,
      expected: 'VALIDATION: a code is never cut',
    });
  const withoutOption = new Set(shippingAgents.flatMap(({ code, option }) => (option === undefined ? [code] : [])));
  for (const row of setup) {
    const code = String(row.values['code']);
    if (row.table === 'shippingAgents' && withoutOption.has(code))
      cases.push(businessCase('shippingAgents', row, code, agentWithoutOption));
  }
  for (const [at, { role }] of plan.customers.entries()) {
    const row = customers[at];
    const about = aboutCustomer[role];
    if (row !== undefined && about !== undefined)
      cases.push({
        case: about[0],
        system: 'BUSINESS',
        entitySet: 'customers',
        id: row.id,
        name: String(row.values['number']),
        expected: about[1],
      });
  }
  const twin = customers[AMBIGUOUS_CUSTOMER];
  if (twin !== undefined && plan.accounts.some(({ role }) => role === 'ambiguous'))
    cases.push({
      case: 'two accounts with the name and city of one customer',
      system: 'BUSINESS',
      entitySet: 'customers',
      id: twin.id,
      name: String(twin.values['number']),
      expected: 'neither coupled nor created by matching, listed as DUPLICATE',
    });
  for (const [at, { role, customer }] of plan.accounts.entries()) {
    const row = accounts[at];
    const about = customer === AMBIGUOUS_CUSTOMER ? ambiguousAccount : aboutAccount(role, row);
    if (row !== undefined && about !== undefined)
      cases.push({
        case: about[0],
        system: 'SALES',
        entitySet: 'accounts',
        id: row.id,
        name: String(row.values['name']),
        expected: about[1],
      });
  }
  return cases;
}

const agentWithoutOption: About = [
  'shipping agent without equal option',
  'option stays blank, the records that name it succeed',
];

const ambiguousAccount: About = [
  'one of two accounts with the same name and city',
  'neither coupled nor created by matching, listed as DUPLICATE',
];

const aboutCustomer: Readonly<Record<string, About>> = {
  blockedAll: ['customer blocked with All', 'outside the filter: not looked at'],
  blockedShip: ['customer blocked with Ship', 'outside the filter: not looked at'],
  blockedInvoice: ['customer blocked with Invoice', 'outside the filter: not looked at'],
  salespersonWithoutUser: ['customer whose salesperson is not coupled', 'WAITING, rest of the run goes on'],
  fundCurrency: ['customer with a currency that cannot be coupled', 'WAITING, rest of the run goes on'],
  missingCurrency: [
    `customer with the currency ${MISSING_CURRENCY}, which Dataverse lacks at first`,
    'coupled once currencies were synchronized',
  ],
};

function aboutAccount(role: string, row: SeedRow | undefined): About | undefined {
  switch (role) {
    case 'pairWithDifferences':
      return [
        'account of a known customer that differs in phone or e-mail',
        'coupled by name and city; the differing fields follow the strategy of the mapping',
      ];
    case 'longName':
      return ['name longer than the 100 characters of a customer', 'cut, the pair agrees, never written back'];
    case 'countryTooLong':
      return ['country longer than 10 characters', 'VALIDATION: a code is never cut'];
    case 'countryUnknown':
      return ['country as a name that is no code of a country', 'VALIDATION: refused by Business Central'];
    case 'inactive':
      return ['inactive account of type Customer', 'outside the filter: not looked at'];
    case 'other':
      return row?.values['customertypecode'] === 8
        ? ['account of type Prospect', 'outside the filter: not looked at']
        : undefined;
    default:
      return undefined;
  }
}
