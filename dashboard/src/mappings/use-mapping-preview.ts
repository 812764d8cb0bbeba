import { useMemo } from 'react';
import { useSettled } from '../design/use-settled';
import { graphql, type ResultOf, type VariablesOf } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import type { MappingDraft } from './mapping-draft';

const PreviewQuery = graphql(`
  query PreviewMapping($input: PreviewMappingInput!) {
    previewMapping(input: $input) {
      problems { severity code message path position }
      businessMatches { count precision }
      salesMatches { count precision }
    }
  }
`);

export type PreviewInput = VariablesOf<typeof PreviewQuery>['input'];
export type MappingProblem = ResultOf<typeof PreviewQuery>['previewMapping']['problems'][number];
export type Matches = ResultOf<typeof PreviewQuery>['previewMapping']['businessMatches'];

export interface MappingPreview {
  readonly problems: readonly MappingProblem[];
  /** How many records each filter matches; null where that is not known, undefined before the answer. */
  readonly businessMatches: Matches | undefined;
  readonly salesMatches: Matches | undefined;
}

/** Which mapping is tried out: a stored one with changes, or one that is not there yet. */
export interface PreviewTarget {
  readonly connectionSetupId: string;
  readonly mappingId: string | null;
  readonly table: string;
  readonly integrationTable: string;
}

const topics: readonly Topic[] = [];

/** A draft as previewMapping takes it. */
export function previewInput(target: PreviewTarget, draft: MappingDraft): PreviewInput {
  const { direction, dependsOn, synchOnlyCoupledRecords, tableFilter, integrationTableFilter, fields, templates } =
    draft;
  const { connectionSetupId, mappingId, table, integrationTable } = target;
  const parts = {
    direction,
    dependsOn,
    synchOnlyCoupledRecords,
    tableFilter,
    integrationTableFilter,
    fields,
    templates,
  };
  return {
    connectionSetupId,
    ...(mappingId === null ? { table, integrationTable } : { mappingId }),
    ...(structuredClone(parts) as unknown as Partial<PreviewInput>),
  };
}

/** What the service says of a draft: its problems by the rules of saving, and the records that its filters match now. */
export function useMappingPreview(target: PreviewTarget, draft: MappingDraft): MappingPreview {
  const may = useMay('OPERATOR');
  const key = useSettled(JSON.stringify(previewInput(target, draft)));
  const variables = useMemo(() => ({ input: JSON.parse(key) as PreviewInput }), [key]);
  const isKnown = target.mappingId !== null || (target.table !== '' && target.integrationTable !== '');
  const { data } = useLiveQuery({ query: PreviewQuery, variables, topics, pause: !may || !isKnown });
  return {
    problems: data?.previewMapping.problems ?? [],
    businessMatches: data?.previewMapping.businessMatches,
    salesMatches: data?.previewMapping.salesMatches,
  };
}

/** The problems at a place of the mapping and beneath it. */
export const problemsAt = (problems: readonly MappingProblem[], ...place: readonly string[]): MappingProblem[] =>
  problems.filter(({ path }) => place.every((part, index) => path[index] === part));
