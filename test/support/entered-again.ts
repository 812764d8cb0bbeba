import type { System } from './person.js';
import type { Row } from './tandem.js';

const bound = (entitySet: string, id: unknown): string => `/${entitySet}(${String(id)})`;

const product = (row: Row): Row => ({
  productnumber: row.productnumber,
  name: row.name,
  producttypecode: row.producttypecode,
  quantitydecimal: row.quantitydecimal,
  'defaultuomscheduleid@odata.bind': bound('uomschedules', row._defaultuomscheduleid_value),
  'defaultuomid@odata.bind': bound('uoms', row._defaultuomid_value),
});

/** What people enter again of a record that they deleted: its number, code or name, and what a record has to have. */
const enteredAgain: Readonly<Record<System, Readonly<Record<string, (row: Row) => Row>>>> = {
  BUSINESS: {
    CURRENCY: ({ code, displayName, symbol }) => ({ code, displayName, symbol }),
    UNITOFMEASURE: ({ code, displayName }) => ({ code, displayName }),
    SALESPEOPLE: ({ code, displayName, email }) => ({ code, displayName, email }),
    'CUSTPRCGRP-PRICE': ({ code, description }) => ({ code, description }),
    CUSTOMER: ({ number, displayName, city }) => ({ number, displayName, city }),
    CONTACTS: ({ number, type, firstName, surname, email, customerId }) => ({
      number,
      type,
      firstName,
      surname,
      email,
      customerId,
    }),
    'RESOURCE-PRODUCT': ({ number, name, unitPrice, baseUnitOfMeasureId }) => ({
      number,
      name,
      unitPrice,
      baseUnitOfMeasureId,
    }),
    'ITEM-PRODUCT': ({ number, displayName, unitPrice, baseUnitOfMeasureId }) => ({
      number,
      displayName,
      unitPrice,
      baseUnitOfMeasureId,
    }),
    'SALESPRC-PRODPRICE': ({ itemId, salesType, salesCode, unitPrice, startingDate, unitOfMeasureCode }) => ({
      itemId,
      salesType,
      salesCode,
      unitPrice,
      startingDate,
      unitOfMeasureCode,
    }),
  },
  SALES: {
    CURRENCY: ({ isocurrencycode, currencyname, currencysymbol, currencyprecision, exchangerate }) => ({
      isocurrencycode,
      currencyname,
      currencysymbol,
      currencyprecision,
      exchangerate,
    }),
    UNITOFMEASURE: ({ name, baseuomname }) => ({ name, baseuomname }),
    'CUSTPRCGRP-PRICE': ({ name }) => ({ name }),
    CUSTOMER: ({ name, address1_city, customertypecode }) => ({ name, address1_city, customertypecode }),
    CONTACTS: ({ firstname, lastname, emailaddress1, _parentcustomerid_value: company }) => ({
      firstname,
      lastname,
      emailaddress1,
      ...(company === null ? {} : { 'parentcustomerid_account@odata.bind': bound('accounts', company) }),
    }),
    'RESOURCE-PRODUCT': product,
    'ITEM-PRODUCT': product,
  },
};

/** The values with which a deleted record is entered again; undefined where nobody does so. */
export const valuesToEnterAgain = (mapping: string, system: System, row: Row): Row | undefined =>
  enteredAgain[system][mapping]?.(row);

/** What a record is told by, so that it should not stand there twice, by mapping and system. */
const toldBy: Readonly<Record<string, Readonly<Record<System, readonly string[]>>>> = {
  CURRENCY: { BUSINESS: ['code'], SALES: ['isocurrencycode'] },
  UNITOFMEASURE: { BUSINESS: ['code'], SALES: ['name'] },
  CUSTOMER: { BUSINESS: ['displayName', 'city'], SALES: ['name', 'address1_city'] },
  CONTACTS: {
    BUSINESS: ['firstName', 'surname', 'email', 'customerId'],
    SALES: ['firstname', 'lastname', 'emailaddress1', '_parentcustomerid_value'],
  },
  'RESOURCE-PRODUCT': { BUSINESS: ['number'], SALES: ['productnumber'] },
  'ITEM-PRODUCT': { BUSINESS: ['number'], SALES: ['productnumber'] },
  'CUSTPRCGRP-PRICE': { BUSINESS: ['code'], SALES: ['name'] },
};

/** The number or name of a record; undefined for records that may well be alike. */
export const numberOf = (mapping: string, system: System, row: Row): string | undefined => {
  const columns = toldBy[mapping]?.[system];
  return columns === undefined ? undefined : JSON.stringify(columns.map((column) => row[column] ?? ''));
};
