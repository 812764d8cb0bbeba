import { randomUUID } from 'node:crypto';
import type { Answer, Headers } from '../http/operation.js';

/** What Business Central answers instead of doing what was asked. */
export class BusinessError extends Error {
  override readonly name = 'BusinessError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Texts in another language of the client; codes stay the same. */
const german: Readonly<Record<string, string>> = {
  Authentication_InvalidCredentials: 'Der Server hat die Anmeldeinformationen des Clients abgelehnt.',
  Request_EntityChanged: 'Ein anderer Benutzer hat den Datensatz bereits geändert.',
  Internal_RecordNotFound: 'Der Datensatz ist nicht vorhanden.',
  Internal_EntityWithSameKeyExists: 'Der Datensatz ist bereits vorhanden.',
  BadRequest_ResourceNotFound: 'Die Ressource wurde nicht gefunden.',
};

export function errorAnswer(error: BusinessError, headers: Headers): Answer {
  const translated = /^de\b/i.test(headers.get('accept-language') ?? '') ? german[error.code] : undefined;
  return {
    status: error.status,
    headers: { 'Content-Type': 'application/json; odata.metadata=minimal', ...error.headers },
    body: { error: { code: error.code, message: `${translated ?? error.message}  CorrelationId:  ${randomUUID()}.` } },
  };
}

export const badRequest = (message: string): BusinessError => new BusinessError(400, 'BadRequest', message);

export const badUrl = (message: string): BusinessError =>
  new BusinessError(400, 'BadRequest_InvalidRequestUrl', message);

export const unknownSegment = (segment: string): BusinessError =>
  new BusinessError(404, 'BadRequest_ResourceNotFound', `Resource not found for the segment '${segment}'.`);

export const unknownProperty = (name: string, entityType: string): BusinessError =>
  badRequest(`Could not find a property named '${name}' on type 'Microsoft.NAV.${entityType}'.`);

export const recordNotFound = (caption: string, id: string): BusinessError =>
  new BusinessError(
    404,
    'Internal_RecordNotFound',
    `The ${caption} does not exist. Identification fields and values: Id='${id}'`,
  );

export const alreadyExists = (caption: string, field: string, value: string): BusinessError =>
  new BusinessError(
    400,
    'Internal_EntityWithSameKeyExists',
    `The ${caption} already exists. Identification fields and values: ${field}='${value}'`,
  );

export const companyNotFound = (company: string): BusinessError =>
  new BusinessError(404, 'Internal_CompanyNotFound', `Cannot find company '${company}'.`);

export const dialog = (message: string): BusinessError =>
  new BusinessError(400, 'Application_DialogException', message);

export const fieldValidation = (message: string): BusinessError =>
  new BusinessError(400, 'Application_FieldValidationException', message);

export const tooLong = (value: string, length: number): BusinessError =>
  new BusinessError(
    400,
    'Application_StringExceededLength',
    `The length of the string is ${value.length}, but it must be less than or equal to ${length} characters. Value: ${value}`,
  );

export const relationMissing = (field: string, caption: string, value: string, related: string): BusinessError =>
  new BusinessError(
    400,
    'Internal_InvalidTableRelation',
    `The field ${field} of table ${caption} contains a value (${value}) that cannot be found in the related table (${related}).`,
  );

export const readOnlyControl = (name: string): BusinessError =>
  new BusinessError(400, 'BadRequest_InvalidOperation', `Control '${name}' is read-only.`);

export const invalidCredentials = (): BusinessError =>
  new BusinessError(401, 'Authentication_InvalidCredentials', 'The server has rejected the client credentials.', {
    'WWW-Authenticate':
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
  });
