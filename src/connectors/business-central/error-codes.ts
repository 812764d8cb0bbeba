import type { ErrorDialect, Meaning } from '../odata/classify.js';

const validation: Meaning = { errorClass: 'VALIDATION', situation: 'REFUSED' };
const configuration: Meaning = { errorClass: 'CONFIGURATION', situation: 'REFUSED' };
const permission: Meaning = { errorClass: 'PERMISSION', situation: 'REFUSED' };
const notFound: Meaning = { errorClass: 'NOT_FOUND', situation: 'REFUSED' };
const conflict: Meaning = { errorClass: 'CONFLICT', situation: 'REFUSED' };

/** Codes that the outcome of a write depends on. */
export const businessCentralCodes = {
  entityChanged: 'Request_EntityChanged',
  sameKeyExists: 'Internal_EntityWithSameKeyExists',
  recordNotFound: 'Internal_RecordNotFound',
  dataNotFound: 'Internal_DataNotFoundFilter',
  resourceNotFound: 'BadRequest_ResourceNotFound',
  invalidToken: 'BadRequest_InvalidToken',
} as const;

type CodeTable = readonly (readonly [code: string, meaning: Meaning])[];

/** Error codes as Business Central documentation names them. */
const codes: CodeTable = [
  ['BadRequest_InvalidRequestUrl', configuration],
  ['BadRequest_NotFound', configuration],
  [businessCentralCodes.resourceNotFound, configuration],
  ['BadRequest_InvalidOperation', configuration],
  ['BadRequest_RequiredParamNotProvided', validation],
  // We always send a token: the server or something in between dropped it.
  [businessCentralCodes.invalidToken, { errorClass: 'INTERNAL', situation: 'REFUSED' }],
  ['BadRequest_MethodNotAllowed', configuration],
  ['BadRequest_MethodNotImplemented', configuration],
  [businessCentralCodes.entityChanged, conflict],
  [businessCentralCodes.recordNotFound, notFound],
  [businessCentralCodes.dataNotFound, notFound],
  [businessCentralCodes.sameKeyExists, { errorClass: 'DUPLICATE', situation: 'REFUSED' }],
  ['Internal_InvalidTableRelation', { errorClass: 'DEPENDENCY', situation: 'REFUSED' }],
  ['Internal_CompanyNotFound', configuration],
  ['Internal_TenantUnavailable', { errorClass: 'TRANSIENT', situation: 'NOTHING_DONE' }],
  ['Application_FieldValidationException', validation],
  ['Application_StringExceededLength', validation],
  ['Application_EvaluateException', validation],
  ['Application_InvalidGUID', validation],
  ['Application_FilterErrorException', configuration],
  ['Application_CallbackNotAllowed', configuration],
  ['Authentication_InvalidCredentials', { errorClass: 'AUTHENTICATION', situation: 'UNAUTHORIZED' }],
];

/** What everything without a code of its own gets. */
const generalCodes: CodeTable = [
  ['BadRequest', validation],
  ['Unknown', validation],
  ['Internal_ServerError', { errorClass: 'TRANSIENT', situation: 'FAULT' }],
];

const byLowerCase = (table: CodeTable): ReadonlyMap<string, Meaning> =>
  new Map(table.map(([code, meaning]) => [code.toLowerCase(), meaning]));

export const businessCentralErrors: ErrorDialect = {
  system: 'Business Central',
  codes: byLowerCase(codes),
  // Said with status 401 too, where a new token would change nothing.
  codePatterns: [{ pattern: /^Authorization_/i, meaning: permission }],
  texts: [
    // The transaction of a record that met a lock is rolled back; the text is all that tells it from other refusals.
    { pattern: /locked by another user|deadlock/i, meaning: { errorClass: 'TRANSIENT', situation: 'ROLLED_BACK' } },
    { pattern: /current permissions prevented the action/i, meaning: permission },
  ],
  generalCodes: byLowerCase(generalCodes),
  statuses: new Map(),
  fieldPatterns: [
    /^Field '([^']+)' must/,
    /^The blank "([^"]+)" is not allowed/,
    /^(?:A|The) "([^"]+)" (?:must|does)/,
    /^Control '([^']+)' is read-only/,
    /^The field (.+?) of table /,
    /^(.+?) must have a value in /,
  ],
  normalCode: (code) => code,
};
