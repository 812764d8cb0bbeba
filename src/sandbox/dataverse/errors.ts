import { randomUUID } from 'node:crypto';
import type { Answer } from '../http/operation.js';

/** What Dataverse answers instead of doing what was asked. Thrown inside operations and turned into an answer at their end. */
export class DataverseError extends Error {
  override readonly name = 'DataverseError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The answer of an error. `annotated` adds the details that come only when asked for. */
export function errorAnswer(error: DataverseError, annotated: boolean): Answer {
  const details = annotated
    ? {
        '@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus': '0',
        '@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode': '0',
        '@Microsoft.PowerApps.CDS.HelpLink': `http://go.microsoft.com/fwlink/?LinkID=398563&error=${error.code}`,
        '@Microsoft.PowerApps.CDS.TraceText': '',
        '@Microsoft.PowerApps.CDS.InnerError.Message': error.message,
      }
    : {};
  return {
    status: error.status,
    headers: { 'Content-Type': 'application/json; odata.metadata=minimal', REQ_ID: randomUUID(), ...error.headers },
    body: { error: { code: error.code, message: error.message, ...details } },
  };
}

export const rowNotFound = (table: string, id: string): DataverseError =>
  new DataverseError(404, '0x80040217', `${table} With Id = ${id} Does Not Exist`);

export const keyNotFound = (table: string): DataverseError =>
  new DataverseError(404, '0x80060891', `A record with the specified key values does not exist in ${table} entity`);

export const unknownSegment = (segment: string): DataverseError =>
  new DataverseError(404, '0x8006088a', `Resource not found for the segment '${segment}'.`);

export const unknownProperty = (property: string, table: string): DataverseError =>
  new DataverseError(
    400,
    '0x0',
    `Could not find a property named '${property}' on type 'Microsoft.Dynamics.CRM.${table}'.`,
  );

export const badQuery = (message: string): DataverseError => new DataverseError(400, '0x0', message);

export const badPayload = (entitySet: string, reason: string): DataverseError =>
  new DataverseError(
    400,
    '0x80048d19',
    `Error identified in Payload provided by the user for Entity :'${entitySet}', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.OData.ODataException: ${reason}`,
  );

export const invalidProperty = (entitySet: string, property: string, table: string): DataverseError =>
  new DataverseError(
    400,
    '0x80048d19',
    `Error identified in Payload provided by the user for Entity :'${entitySet}', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.Crm.CrmException: Invalid property '${property}' was found in entity 'Microsoft.Dynamics.CRM.${table}'.`,
  );

export const duplicateRow = (): DataverseError =>
  new DataverseError(412, '0x80040237', 'A record with matching key values already exists.');

export const versionMismatch = (): DataverseError =>
  new DataverseError(
    412,
    '0x80060882',
    "The version of the existing record doesn't match the RowVersion property provided.",
  );

export const keyViolated = (key: string, columns: string): DataverseError =>
  new DataverseError(
    412,
    '0x80060892',
    `Entity Key ${key} violated. A record with the same value for ${columns} already exists. A duplicate record cannot be created. Select one or more unique values and try again.`,
  );

export const keyNotDefined = (table: string): DataverseError =>
  new DataverseError(
    400,
    '0x80060890',
    `The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.${table}'. Ensure that the names and number of key properties match the declared or alternate key properties for the resource 'Microsoft.Dynamics.CRM.${table}'.`,
  );

export const textTooLong = (column: string, table: string, maxLength: number): DataverseError =>
  new DataverseError(
    400,
    '0x80044331',
    `A validation error occurred.  The length of the '${column}' attribute of the '${table}' entity exceeded the maximum allowed length of '${maxLength}'.`,
  );

export const outOfRange = (column: string, value: number, table: string, min: number, max: number): DataverseError =>
  new DataverseError(
    400,
    '0x80044330',
    `A validation error occurred. The value ${value} of '${column}' on record of type '${table}' is outside the valid range. Accepted Values: ${min} to ${max}`,
  );

export const unknownChoice = (
  column: string,
  value: number,
  table: string,
  values: readonly number[],
): DataverseError =>
  new DataverseError(
    400,
    '0x8004431A',
    `A validation error occurred. The value ${value} of '${column}' on record of type '${table}' is outside the valid range. Accepted Values: ${values.join(',')}`,
  );

export const requiredMissing = (column: string, table: string): DataverseError =>
  new DataverseError(400, '0x80040203', `Required field '${column}' is missing for record of type '${table}'.`);

export const privilegeMissing = (userId: string, verb: string, table: string, objectTypeCode: number): DataverseError =>
  new DataverseError(
    403,
    '0x80040220',
    `Principal user (Id=${userId}, type=8) is missing prv${verb}${table} privilege on OTC=${objectTypeCode} for entity '${table}'. context.Caller=${userId}`,
  );

export const accessMissing = (userId: string, right: string, table: string, id: string): DataverseError =>
  new DataverseError(
    403,
    '0x80048306',
    `Principal with id ${userId} does not have ${right} right(s) for record with id ${id} of entity ${table}`,
  );

export const expiredVersionStamp = (status: number): DataverseError =>
  new DataverseError(
    status,
    '0x80044352',
    'Version stamp associated with the client has expired. Please perform a full sync.',
  );
