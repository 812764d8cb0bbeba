import { graphql, type ResultOf } from '../graphql/graphql';

/** One write to one record, made or planned. */
export const changeFields = graphql(`
  fragment ChangeFields on RecordChange {
    id
    at
    side
    action
    outcome
    reason
    title
    causedBy
    coupling { id }
    fields { field integrationField before after }
  }
`);

export type ChangeLine = ResultOf<typeof changeFields>;
