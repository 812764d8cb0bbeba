import { graphql } from '../graphql/graphql';
import { endpointFields } from './endpoint-fields';

export const CreateConnection = graphql(`
  mutation CreateConnection($input: CreateConnectionSetupInput!) {
    createConnectionSetup(input: $input) { connectionSetup { id name } userErrors { code message field } }
  }
`);

export const UpdateConnection = graphql(
  `
    mutation UpdateConnection($input: UpdateConnectionSetupInput!) {
      updateConnectionSetup(input: $input) {
        connectionSetup { id name revision business { ...EndpointFields } sales { ...EndpointFields } }
        userErrors { code message field }
      }
    }
  `,
  [endpointFields],
);

export const DeleteConnection = graphql(`
  mutation DeleteConnection($input: DeleteConnectionSetupInput!) {
    deleteConnectionSetup(input: $input) { deletedId userErrors { code message field } }
  }
`);

export const UseDefaultSetup = graphql(`
  mutation UseDefaultSetup($input: ConnectionSetupIdInput!) {
    useDefaultSynchronizationSetup(input: $input) {
      connectionSetup { id revision defaultSetup { mappingName table integrationTable direction jobCode action differences } }
      userErrors { code message field }
    }
  }
`);
