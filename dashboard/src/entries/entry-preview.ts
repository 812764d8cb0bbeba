import { graphql, type VariablesOf } from '../graphql/graphql';
import type { UserError } from '../graphql/use-action';
import { usePreview } from '../graphql/use-preview';

const PreviewEntry = graphql(`
  query PreviewEntry($input: PreviewJobQueueEntryInput!) {
    previewJobQueueEntry(input: $input) { code message field }
  }
`);

type Input = VariablesOf<typeof PreviewEntry>['input'];

/** What the service would refuse of an entry, asked while it is filled in; null before it is known. */
export const useEntryProblems = (input: Input): readonly UserError[] | null => usePreview(PreviewEntry, input);
