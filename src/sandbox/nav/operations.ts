import { type CompanyContext, rowsOf } from '../business-central/context.js';
import type { EntitySetDefinition } from '../business-central/entity-set.js';
import { BusinessError, companyNotFound, unknownSegment } from '../business-central/errors.js';
import { countRows, listRows, showRow } from '../business-central/read.js';
import { checkVersion, insert, type Payload, parsePayload, remove, update } from '../business-central/write.js';
import type { Answer, Operation } from '../http/operation.js';
import { preferencesOf } from '../http/operation.js';
import { parsePath, type Segment } from '../odata/query-options.js';
import { businessTable, textOf } from '../world/world.js';
import { rowOfKey } from './keys.js';
import { metadataDocument, serviceDocument } from './metadata.js';
import { type NavContext, navContext } from './nav-context.js';
import type { Page } from './page.js';

/** Does one operation of the web services inside the caller's transaction. */
export function performOrThrow(context: NavContext, operation: Operation): Answer {
  const [first, ...rest] = parsePath(operation.path);
  if (first === undefined) return serviceDocument(context.base, context.published);
  if (first.name === '$metadata') return metadataDocument(context.published);
  if (first.name !== 'Company') return onService(defaultCompany(context), first, rest, operation);
  if (first.key === undefined) return listCompanies(context, operation);
  const company = companyNamed(context, first.key);
  const [service, ...others] = rest;
  if (service === undefined) return showCompany(context, company.name);
  return onService(navContext(context, company.id, company.name), service, others, operation);
}

const companiesOf = (context: NavContext) =>
  [...context.world.table(businessTable('', 'companies')).rows()]
    .map(({ id, values }) => ({ id, name: textOf(values['name']) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

function listCompanies(context: NavContext, { method }: Operation): Answer {
  if (method !== 'GET') throw notAllowed(method);
  const value = companiesOf(context).map(({ name }) => ({ Name: name }));
  return { status: 200, headers: {}, body: { '@odata.context': `${context.base}$metadata#Company`, value } };
}

const showCompany = (context: NavContext, name: string): Answer => ({
  status: 200,
  headers: {},
  body: { '@odata.context': `${context.base}$metadata#Company/$entity`, Name: name },
});

function companyNamed(context: NavContext, key: string): { readonly id: string; readonly name: string } {
  const name = key.replace(/^(?:Name=)?'(.*)'$/s, '$1').replaceAll("''", "'");
  const found = companiesOf(context).find((company) => company.name === name);
  if (found === undefined) throw companyNotFound(name);
  return found;
}

function defaultCompany(context: NavContext): CompanyContext & NavContext {
  const [first] = companiesOf(context);
  if (first === undefined) throw companyNotFound('');
  return navContext(context, first.id, first.name);
}

type NavCompany = CompanyContext & NavContext;

function onService(
  context: NavCompany,
  { name, key }: Segment,
  rest: readonly Segment[],
  operation: Operation,
): Answer {
  const page = context.published.find(({ set }) => set.entitySet === name);
  if (page === undefined) throw unknownSegment(name);
  if (key !== undefined) return onRow(context, page, key, rest, operation);
  if (rest[0]?.name === '$count' && operation.method === 'GET') return countRows(context, page.set, operation);
  if (rest[0] !== undefined) throw unknownSegment(rest[0].name);
  if (operation.method === 'GET')
    return listRows(context, page.set, operation.path.replace(/^\/|\/$/g, ''), withPageSize(context, operation));
  if (operation.method !== 'POST') throw notAllowed(operation.method);
  const payload = checked(context, page.set, parsePayload(operation.body));
  return showRow(context, page.set, insert(context, page.set, payload), operation, 201);
}

function onRow(context: NavCompany, page: Page, key: string, rest: readonly Segment[], operation: Operation): Answer {
  const row = rowOfKey(context, page, key);
  if (rest[0] !== undefined) throw unknownSegment(rest[0].name);
  switch (operation.method) {
    case 'GET':
      return showRow(context, page.set, row, operation);
    case 'PATCH':
    case 'PUT': {
      checkVersion(context, row, operation.headers);
      const payload = checked(context, page.set, parsePayload(operation.body));
      return showRow(context, page.set, update(context, page.set, row, payload), operation);
    }
    case 'DELETE':
      checkVersion(context, row, operation.headers);
      remove(context, page.set, rowsOf(context, page.set.table).get(row.id) ?? row);
      return { status: 204, headers: {} };
    default:
      throw notAllowed(operation.method);
  }
}

/** A page that asks the user something cannot be used through a web service. */
function checked(context: NavContext, set: EntitySetDefinition, payload: Payload): Payload {
  const { asksAbout, blankOption } = context.nav;
  const asked = Object.keys(payload).find((field) => asksAbout.includes(`${set.entitySet}.${field}`));
  if (asked !== undefined)
    throw new BusinessError(
      400,
      'Application_CallbackNotAllowed',
      `Microsoft Dynamics NAV Server attempted to issue a client callback to show a confirmation dialog box: Do you want to change ${asked}?`,
    );
  // A blank option comes as it is told, and as a blank.
  const options = set.properties.filter(({ kind, members }) => kind === 'enum' && members?.[0] === ' ');
  const blank = options.filter(({ name }) => payload[name] === blankOption).map(({ name }) => [name, ' '] as const);
  return blank.length === 0 ? payload : { ...payload, ...Object.fromEntries(blank) };
}

/** The server's page size is the largest; whether a client may ask for a smaller one depends on the build. */
function withPageSize({ nav }: NavContext, operation: Operation): Operation {
  const wanted = Number(preferencesOf(operation.headers).get('odata.maxpagesize') ?? Number.NaN);
  const size = nav.respectsMaxPageSize && wanted >= 1 ? Math.min(wanted, nav.maxPageSize) : nav.maxPageSize;
  const headers = new Map(operation.headers);
  headers.set('prefer', `odata.maxpagesize=${Math.floor(size)}`);
  return { ...operation, headers };
}

const notAllowed = (method: string): BusinessError =>
  new BusinessError(405, 'BadRequest_MethodNotAllowed', `The method ${method} is not allowed here.`);
