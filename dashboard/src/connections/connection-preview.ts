import { graphql, type VariablesOf } from '../graphql/graphql';
import type { UserError } from '../graphql/use-action';
import { usePreview } from '../graphql/use-preview';
import type { EndpointInput } from './endpoint-fields-form';

const PreviewConnection = graphql(`
  query PreviewConnection($input: PreviewConnectionSetupInput!) {
    previewConnectionSetup(input: $input) { code message field }
  }
`);

type Input = VariablesOf<typeof PreviewConnection>['input'];

/** What the service would refuse of a connection, asked while it is filled in; null before it is known. */
export const useConnectionProblems = (input: Input): readonly UserError[] | null =>
  usePreview(PreviewConnection, input);

/** An end point without its secret: that is sent once, when it is saved. */
export const withoutSecret = (endpoint: EndpointInput): EndpointInput =>
  endpoint.secret ? { ...endpoint, secret: 'typed' } : endpoint;
