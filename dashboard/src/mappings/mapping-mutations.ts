import { graphql } from '../graphql/graphql';
import { mappingDetails, mappingFields } from './mapping-fields';

export const CreateMapping = graphql(`
  mutation CreateMapping($input: CreateIntegrationTableMappingInput!) {
    createIntegrationTableMapping(input: $input) {
      integrationTableMapping { id name }
      userErrors { code message field }
    }
  }
`);

export const UpdateMapping = graphql(
  `
    mutation UpdateMapping($input: UpdateIntegrationTableMappingInput!) {
      updateIntegrationTableMapping(input: $input) {
        integrationTableMapping { ...MappingFields ...MappingDetails }
        userErrors { code message field }
      }
    }
  `,
  [mappingFields, mappingDetails],
);

export const DeleteMapping = graphql(`
  mutation DeleteMapping($input: DeleteInput!) {
    deleteIntegrationTableMapping(input: $input) { deletedId userErrors { code message field } }
  }
`);
