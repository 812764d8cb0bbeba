import type { Values } from '../row.js';
import type { SeedRow } from './business-rows.js';
import {
  type CurrencySeed,
  foreignCurrencies,
  LOCAL_CURRENCY,
  paymentTerms,
  salesPeople,
  shipmentMethods,
  shippingAgents,
} from './catalog.js';
import { countries } from './places.js';
import type { Plan, PlannedAccount } from './plan.js';
import { Random } from './random.js';

/** Ids of what accounts refer to. */
export interface SalesSetup {
  readonly rows: readonly SeedRow[];
  readonly currencyIds: ReadonlyMap<string, string>;
  readonly userIds: ReadonlyMap<string, string>;
  readonly teamId: string;
}

/** Organisation, users, teams and currencies. */
export function salesSetup(random: Random): SalesSetup {
  const businessUnitId = random.guid();
  const currencies = [LOCAL_CURRENCY, ...foreignCurrencies.filter((one) => one.inDataverse)];
  const currencyIds = new Map(currencies.map((one) => [one.code, random.guid()]));
  const users = userValues(businessUnitId).map((values) => ({ table: 'systemuser', id: random.guid(), values }));
  const userIds = new Map(users.map((user) => [String(user.values['internalemailaddress']), user.id]));
  const teamId = random.guid();
  const organizationId = random.guid();
  return {
    currencyIds,
    userIds,
    teamId,
    rows: [
      { table: 'businessunit', id: businessUnitId, values: { name: 'Sandbox' } },
      ...users,
      { table: 'team', id: teamId, values: { name: 'Export desk', businessunitid: businessUnitId } },
      {
        table: 'organization',
        id: organizationId,
        values: {
          name: 'Sandbox',
          basecurrencyid: currencyIds.get(LOCAL_CURRENCY.code) ?? null,
          basecurrencysymbol: LOCAL_CURRENCY.symbol,
          currencydecimalprecision: 2,
          pricingdecimalprecision: 2,
          expirechangetrackingindays: 7,
          createproductswithoutparentinactivestate: false,
        },
      },
      ...currencies.map((one) => ({
        table: 'transactioncurrency',
        id: currencyIds.get(one.code) ?? '',
        values: currencyValues(one, organizationId),
      })),
    ],
  };
}

const currencyValues = (one: CurrencySeed, organizationId: string): Values => ({
  isocurrencycode: one.code,
  currencyname: one.name,
  currencysymbol: one.symbol === '' ? one.code : one.symbol,
  currencyprecision: one.decimals,
  exchangerate: one.rate,
  organizationid: organizationId,
  statecode: 0,
  statuscode: 1,
});

/** The salespeople with an e-mail address, one user not known to the company, three that must not be used, and the two applications. */
function userValues(businessUnitId: string): readonly Values[] {
  const user = (firstname: string, lastname: string, more: Values = {}): Values => {
    const email = `${firstname}.${lastname}@sandbox.example`.toLowerCase();
    return {
      fullname: `${firstname} ${lastname}`,
      firstname,
      lastname,
      internalemailaddress: email,
      personalemailaddress: null,
      mobilephone: null,
      jobtitle: null,
      domainname: email,
      isdisabled: false,
      islicensed: true,
      isintegrationuser: false,
      accessmode: 0,
      applicationid: null,
      businessunitid: businessUnitId,
      ...more,
    };
  };
  const application = (name: string, id: string, isintegrationuser: boolean): Values =>
    user('#', name, {
      domainname: `${id}@sandbox.example`,
      internalemailaddress: `${id}@sandbox.example`,
      isintegrationuser,
      accessmode: 4,
    });
  return [
    ...salesPeople
      .filter((one) => one.email !== '')
      .map((one) => user(one.firstName, one.lastName, { jobtitle: one.jobTitle, mobilephone: '+49 555 020-300' })),
    user('Paula', 'Norden', { jobtitle: 'Marketing' }),
    user('Quentin', 'Former', { isdisabled: true }),
    user('Ruth', 'Unlicensed', { islicensed: false }),
    application('Tandem', 'tandem', true),
    application('Somebody Else', 'somebody-else', false),
  ];
}

/** The accounts of the plan. `customers` are the rows of the same plan: a shared firm shows the same values. */
export function accountRows(
  plan: Plan,
  customers: readonly SeedRow[],
  setup: SalesSetup,
  seed: string,
): readonly SeedRow[] {
  const random = new Random(`${seed} accounts`);
  let otherTypes = 0;
  let teams = 0;
  return plan.accounts.map((account) => {
    const customer = account.customer === undefined ? undefined : customers[account.customer]?.values;
    const type = account.role === 'other' ? (typesOfOthers[otherTypes++ % typesOfOthers.length] ?? null) : 3;
    const ofTeam = account.role === 'customer' && teams++ < 3;
    return {
      table: 'account',
      id: random.guid(),
      values: accountValues(account, customer, type, ofTeam, setup, random),
    };
  });
}

/** Types of accounts that are no customers: mostly prospects, vendors and partners. */
export const typesOfOthers: readonly (number | null)[] = [8, 8, 8, 11, 11, 5, 9, 8, 11, 12, 5, null, 8, 1, 11];

/** What an account of the plan is made of; `customer` are the values of the customer that is the same firm. */
export function accountValues(
  account: PlannedAccount,
  customer: Values | undefined,
  type: number | null,
  ofTeam: boolean,
  setup: SalesSetup,
  random: Random,
): Values {
  const { firm, role } = account;
  const different = role === 'pairWithDifferences';
  const currency = String(customer?.['currencyCode'] ?? '') || LOCAL_CURRENCY.code;
  const currencyId = setup.currencyIds.get(currency) ?? setup.currencyIds.get(LOCAL_CURRENCY.code) ?? null;
  const limit = Number(customer?.['creditLimit'] ?? 0);
  const rate = foreignCurrencies.find((one) => one.code === currency)?.rate ?? 1;
  const inactive = role === 'inactive' || (role === 'other' && random.chance(0.08));
  return {
    name: role === 'longName' ? longName(firm.name, random) : firm.name.trimEnd(),
    accountnumber: customer !== undefined && random.chance(0.5) ? String(customer['number']) : null,
    customertypecode: type,
    description: null,
    address1_line1: blankAsNull(firm.address.line1),
    address1_line2: blankAsNull(firm.address.line2),
    address1_line3: null,
    address1_city: blankAsNull(firm.address.city),
    address1_stateorprovince: blankAsNull(firm.address.state),
    address1_postalcode: blankAsNull(firm.address.postalCode),
    address1_country: countryOf(account),
    address1_primarycontactname: blankAsNull(firm.contact),
    address1_freighttermscode: optionOf(shipmentMethods, customer?.['shipmentMethodCode']),
    address1_shippingmethodcode: optionOf(shippingAgents, customer?.['shippingAgentCode']),
    paymenttermscode: optionOf(paymentTerms, customer?.['paymentTermsCode']),
    telephone1: different ? `+49 555 ${random.digits(6)}` : blankAsNull(firm.phone),
    telephone2: blankAsNull(firm.mobile),
    fax: blankAsNull(firm.fax),
    emailaddress1:
      different && random.chance(0.5) ? `sales.${random.digits(3)}@sandbox.example` : blankAsNull(firm.email),
    websiteurl: blankAsNull(firm.website),
    creditlimit: customer === undefined ? null : limit,
    creditlimit_base: customer === undefined ? null : Math.round((limit / rate) * 10_000) / 10_000,
    revenue: null,
    revenue_base: null,
    numberofemployees: random.chance(0.5) ? random.whole(1, 900) : null,
    primarycontactid: null,
    parentaccountid: null,
    transactioncurrencyid: currencyId,
    exchangerate: rate,
    ownerid: ofTeam ? setup.teamId : ownerOf(customer, setup, random),
    'ownerid:table': ofTeam ? 'team' : 'systemuser',
    statecode: inactive ? 1 : 0,
    statuscode: inactive ? 2 : 1,
  };
}

const blankAsNull = (text: string): string | null => (text === '' ? null : text);

const optionOf = (list: readonly { readonly code: string; readonly option?: number }[], code: unknown): number | null =>
  list.find((one) => one.code === code)?.option ?? null;

/** The country's code, but for the accounts that were filled by hand with its name. */
function countryOf({ firm, role }: PlannedAccount): string {
  if (role === 'countryTooLong') return 'United Kingdom';
  return role === 'countryUnknown' ? (countries[0]?.name ?? '') : firm.address.country;
}

/** A name between the 100 characters of a customer and the 160 of an account. */
function longName(name: string, random: Random): string {
  const length = random.whole(105, 150);
  return `${name} International Procurement and Distribution Cooperative for Industrial and Agricultural Equipment of the Northern Regions, Branch Office`
    .slice(0, length)
    .trimEnd();
}

/** The user of the customer's salesperson, else any of them. */
function ownerOf(customer: Values | undefined, setup: SalesSetup, random: Random): string | null {
  const person = salesPeople.find((one) => one.code === customer?.['salespersonCode'] && one.email !== '');
  const chosen = person ?? random.pick(salesPeople.filter((one) => one.email !== ''));
  return setup.userIds.get(chosen.email) ?? null;
}
