import { describe, expect, test } from 'vitest';
import { businessCentralErrors } from '../../../../src/connectors/business-central/error-codes.js';
import { dataverseErrors } from '../../../../src/connectors/dataverse/error-codes.js';
import { classifyAnswer, type ErrorDialect } from '../../../../src/connectors/odata/classify.js';

/** Status, code, text, and what is made of it: the error class and what is known of the request. */
type ErrorRow = readonly [status: number, code: string | null, message: string, errorClass: string, situation: string];

const dataverse: readonly ErrorRow[] = [
  [404, '0x80040217', 'account With Id = 1 Does Not Exist', 'NOT_FOUND', 'REFUSED'],
  [404, '0x80060891', 'A record with the specified key values does not exist', 'NOT_FOUND', 'REFUSED'],
  [404, '0x8006088a', "Resource not found for the segment 'X'.", 'CONFIGURATION', 'REFUSED'],
  [400, '0x0', "Could not find a property named 'X' on type 'Microsoft.Dynamics.CRM.y'.", 'CONFIGURATION', 'REFUSED'],
  [400, '0x80048d19', "Invalid property 'X' was found in entity", 'CONFIGURATION', 'REFUSED'],
  [400, '0x80060888', "Requested API Version 'data' was not understood", 'CONFIGURATION', 'REFUSED'],
  [404, '', 'No HTTP resource was found that matches the request URI', 'NOT_FOUND', 'REFUSED'],
  [400, '0x80060890', 'The key in the request URI is not valid', 'CONFIGURATION', 'REFUSED'],
  [412, '0x80040237', 'A record with matching key values already exists.', 'DUPLICATE', 'REFUSED'],
  [412, '0x80060892', 'Entity Key violated.', 'DUPLICATE', 'REFUSED'],
  [412, '0x80040333', 'A record was not created because a duplicate exists.', 'DUPLICATE', 'REFUSED'],
  [500, '0x80040333', 'A record was not created because a duplicate exists.', 'DUPLICATE', 'REFUSED'],
  [412, '0x80060882', "The version doesn't match the RowVersion property provided.", 'CONFLICT', 'REFUSED'],
  [400, '0x80044331', "The length of the 'subject' attribute exceeded", 'VALIDATION', 'REFUSED'],
  [400, '0x8004431A', 'PicklistValueOutOfRange', 'VALIDATION', 'REFUSED'],
  [400, '0x80044330', 'The value is outside the valid range.', 'VALIDATION', 'REFUSED'],
  [400, '0x80040203', 'Invalid argument', 'VALIDATION', 'REFUSED'],
  [403, '0x80040220', 'Principal user is missing prvCreateAccount privilege', 'PERMISSION', 'REFUSED'],
  [403, '0x80048306', 'Principal does not have WriteAccess right(s)', 'PERMISSION', 'REFUSED'],
  [403, '0x80072560', 'The user is not a member of the organization.', 'PERMISSION', 'REFUSED'],
  [400, '0x80040265', 'text of the plug-in', 'VALIDATION', 'REFUSED'],
  [400, '0x80048d04', 'a plug-in was throttled', 'THROTTLED', 'THROTTLED'],
  [400, '0x80048d03', 'a plug-in found its service unavailable', 'TRANSIENT', 'UNAVAILABLE'],
  [400, '0x80048d07', 'a plug-in timed out', 'TRANSIENT', 'UNAVAILABLE'],
  [400, '0x80048408', 'InvalidStateCodeStatusCode', 'VALIDATION', 'REFUSED'],
  [400, '0x8004F912', 'Active to Draft', 'VALIDATION', 'REFUSED'],
  [400, '0x80043b05', 'The product number can not be null.', 'VALIDATION', 'REFUSED'],
  [400, '0x80043b06', 'ProductProductNumberExists', 'DUPLICATE', 'REFUSED'],
  [400, '0x80043b08', 'same product and unit twice', 'DUPLICATE', 'REFUSED'],
  [400, '0x80048cf3', 'duplicate ISO currency', 'DUPLICATE', 'REFUSED'],
  [400, '0x80044352', 'Version stamp associated with the client has expired.', 'TRANSIENT', 'REFUSED'],
  [410, '0x80044352', 'Version stamp associated with the client has expired.', 'TRANSIENT', 'REFUSED'],
  [500, '0x80044151', 'SQL timeout expired.', 'TRANSIENT', 'ROLLED_BACK'],
  [500, '-2147204783', 'SQL timeout expired.', 'TRANSIENT', 'ROLLED_BACK'],
  [500, '0x80044150', 'Generic SQL error.', 'TRANSIENT', 'ROLLED_BACK'],
  [500, '0x80040216', 'An unexpected error occurred.', 'TRANSIENT', 'FAULT'],
  [429, '0x80072322', 'Number of requests exceeded the limit of 6000', 'THROTTLED', 'THROTTLED'],
  [429, '-2147015902', 'Number of requests exceeded the limit of 6000', 'THROTTLED', 'THROTTLED'],
  [429, '0x80072321', 'Combined execution time exceeded', 'THROTTLED', 'THROTTLED'],
  [429, '0x80072326', 'Number of concurrent requests exceeded the limit of 52.', 'THROTTLED', 'THROTTLED'],
  [429, '0x8005F103', 'Too many requests.', 'THROTTLED', 'THROTTLED'],
  [413, null, '', 'VALIDATION', 'REFUSED'],
  [502, null, '', 'TRANSIENT', 'UNAVAILABLE'],
  [503, null, '', 'TRANSIENT', 'UNAVAILABLE'],
  [504, null, '', 'TRANSIENT', 'UNAVAILABLE'],
  [401, null, '', 'AUTHENTICATION', 'UNAUTHORIZED'],
  [301, null, '', 'CONFIGURATION', 'REFUSED'],
];

const businessCentral: readonly ErrorRow[] = [
  [400, 'BadRequest', 'Invalid Request Body', 'VALIDATION', 'REFUSED'],
  [400, 'BadRequest_InvalidRequestUrl', 'query syntax', 'CONFIGURATION', 'REFUSED'],
  [404, 'BadRequest_NotFound', 'query syntax', 'CONFIGURATION', 'REFUSED'],
  [404, 'BadRequest_ResourceNotFound', "Resource not found for the segment 'x'", 'CONFIGURATION', 'REFUSED'],
  [400, 'BadRequest_InvalidOperation', "Control 'Last Date Modified' is read-only", 'CONFIGURATION', 'REFUSED'],
  [400, 'BadRequest_RequiredParamNotProvided', "Field 'taxable' must not be blank or empty.", 'VALIDATION', 'REFUSED'],
  [400, 'BadRequest_InvalidToken', 'Could not validate the client concurrency token', 'INTERNAL', 'REFUSED'],
  [405, 'BadRequest_MethodNotAllowed', '', 'CONFIGURATION', 'REFUSED'],
  [501, 'BadRequest_MethodNotImplemented', '', 'CONFIGURATION', 'REFUSED'],
  [409, 'Request_EntityChanged', 'Another user has already changed the record.', 'CONFLICT', 'REFUSED'],
  [412, 'Request_EntityChanged', 'Another user has already changed the record.', 'CONFLICT', 'REFUSED'],
  [404, 'Internal_RecordNotFound', 'The Customer does not exist.', 'NOT_FOUND', 'REFUSED'],
  [400, 'Internal_DataNotFoundFilter', 'nothing within the filter', 'NOT_FOUND', 'REFUSED'],
  [400, 'Internal_EntityWithSameKeyExists', 'The Customer already exists.', 'DUPLICATE', 'REFUSED'],
  [
    400,
    'Internal_InvalidTableRelation',
    'cannot be found in the related table (Payment Terms).',
    'DEPENDENCY',
    'REFUSED',
  ],
  [404, 'Internal_CompanyNotFound', 'Cannot find company', 'CONFIGURATION', 'REFUSED'],
  [500, 'Internal_ServerError', '', 'TRANSIENT', 'FAULT'],
  [503, 'Internal_TenantUnavailable', '', 'TRANSIENT', 'NOTHING_DONE'],
  [400, 'Application_DialogException', 'A "displayName" must be provided.', 'VALIDATION', 'REFUSED'],
  [400, 'Application_DialogException', 'it was locked by another user.', 'TRANSIENT', 'ROLLED_BACK'],
  [500, 'Internal_ServerError', 'The operation was chosen as deadlock victim', 'TRANSIENT', 'ROLLED_BACK'],
  [400, 'Application_DialogException', 'Sorry, the current permissions prevented the action.', 'PERMISSION', 'REFUSED'],
  [400, 'Application_FieldValidationException', 'must have a value in Customer', 'VALIDATION', 'REFUSED'],
  [400, 'Application_StringExceededLength', 'The length of the string is 57', 'VALIDATION', 'REFUSED'],
  [400, 'Application_EvaluateException', '', 'VALIDATION', 'REFUSED'],
  [400, 'Application_InvalidGUID', '', 'VALIDATION', 'REFUSED'],
  [400, 'Application_FilterErrorException', '', 'CONFIGURATION', 'REFUSED'],
  [400, 'Application_CallbackNotAllowed', 'page asked a question', 'CONFIGURATION', 'REFUSED'],
  [401, 'Authentication_InvalidCredentials', '', 'AUTHENTICATION', 'UNAUTHORIZED'],
  [401, 'Authorization_RequestDenied', '', 'PERMISSION', 'REFUSED'],
  [403, 'Authorization_RequestDenied', '', 'PERMISSION', 'REFUSED'],
  [400, 'Unknown', "'Invalid Type' is not an option.", 'VALIDATION', 'REFUSED'],
  [429, null, '', 'THROTTLED', 'THROTTLED'],
  [408, null, '', 'TRANSIENT', 'UNAVAILABLE'],
  [503, null, '', 'TRANSIENT', 'UNAVAILABLE'],
  [504, null, '', 'TRANSIENT', 'UNAVAILABLE'],
];

describe.each<readonly [string, ErrorDialect, readonly ErrorRow[]]>([
  ['Dataverse', dataverseErrors, dataverse],
  ['Business Central and NAV', businessCentralErrors, businessCentral],
])('errors of %s are classified by code, then by text, then by status', (_system, dialect, rows) => {
  test.each(rows)('%i %s "%s" is %s, %s', (status, code, message, errorClass, situation) => {
    const body = code === null ? '<html>not JSON</html>' : { error: { code, message } };
    expect(classifyAnswer({ status, headers: {}, body }, dialect)).toMatchObject({ errorClass, situation });
  });
});
