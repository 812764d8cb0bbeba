import type { Answer } from '../http/operation.js';
import type { Segment } from '../odata/query-options.js';
import { rowsOf, type SalesContext } from './context.js';
import { badQuery } from './errors.js';
import { tableNamed } from './tables.js';

const CRM = 'Microsoft.Dynamics.CRM.';

/** Answers the unbound functions that a client asks for its connection test; undefined for other names. */
export function unboundFunction(context: SalesContext, segment: Segment): Answer | undefined {
  switch (segment.name) {
    case 'WhoAmI':
      return answer(context, 'WhoAmIResponse', {
        BusinessUnitId: onlyId(context, 'businessunit'),
        UserId: context.userId,
        OrganizationId: onlyId(context, 'organization'),
      });
    case 'RetrieveVersion':
      return answer(context, 'RetrieveVersionResponse', { Version: '9.2.24091.189' });
    case 'RetrieveTotalRecordCount':
      return totals(context, segment.key ?? '');
    default:
      return undefined;
  }
}

function answer(context: SalesContext, type: string, values: object): Answer {
  return { status: 200, headers: {}, body: { '@odata.context': `${context.base}$metadata#${CRM}${type}`, ...values } };
}

const onlyId = (context: SalesContext, table: string): string => rowsOf(context, table).find(() => true)?.id ?? '';

function totals(context: SalesContext, parameters: string): Answer {
  const list = /^EntityNames=\[(.*)\]$/s.exec(parameters)?.[1];
  if (list === undefined) throw badQuery("RetrieveTotalRecordCount expects EntityNames=['account'].");
  const names = list.split(',').map((name) => name.trim().replaceAll(/['"]/g, ''));
  const unknown = names.find((name) => tableNamed(name) === undefined);
  if (unknown !== undefined) throw badQuery(`The entity with a name = '${unknown}' was not found.`);
  return answer(context, 'RetrieveTotalRecordCountResponse', {
    EntityRecordCountCollection: {
      Count: names.length,
      IsReadOnly: false,
      Keys: names,
      Values: names.map((name) => rowsOf(context, name).size),
    },
  });
}
