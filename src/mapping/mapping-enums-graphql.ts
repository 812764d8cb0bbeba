import { graphqlEnum } from '../api/graphql-enum.js';
import type {
  DeletionConflictResolution,
  FieldConflictRule,
  MappingKind,
  SynchDirection,
  UpdateConflictResolution,
} from './integration-table-mapping.js';

export const SynchDirectionEnum = graphqlEnum<SynchDirection>(
  'SynchDirection',
  'Which way values go, seen from the business system. What a job does is never BIDIRECTIONAL: such a run is two jobs, TO_INTEGRATION_TABLE first.',
  {
    BIDIRECTIONAL: 'Both ways.',
    TO_INTEGRATION_TABLE: 'From the business system to Dataverse.',
    FROM_INTEGRATION_TABLE: 'From Dataverse to the business system.',
  },
);

export const MappingKindEnum = graphqlEnum<MappingKind>('MappingKind', 'What a mapping couples.', {
  TABLE: 'Records with records.',
  OPTION:
    'Records of a code table with the values of a Dataverse choice column (payment terms, shipment methods, shipping agents).',
});

export const UpdateConflictResolutionEnum = graphqlEnum<UpdateConflictResolution>(
  'UpdateConflictResolution',
  'How the conflicting fields of a pair are decided; changes of different fields are always merged.',
  {
    NONE: 'Leaves the pair untouched and lists it as a conflict.',
    SEND_TO_INTEGRATION: 'The business system wins.',
    GET_FROM_INTEGRATION: 'Dataverse wins.',
    MERGE_FIELDS: "Asks each field's conflictRule; the default.",
  },
);

export const DeletionConflictResolutionEnum = graphqlEnum<DeletionConflictResolution>(
  'DeletionConflictResolution',
  'What happens when one record of a coupled pair was deleted.',
  {
    NONE: 'The pair is reported as BROKEN.',
    REMOVE_COUPLING: 'The pair is forgotten; the other record stays.',
    RESTORE_RECORDS: 'The record is created again from the other one.',
    DELETE_COUNTERPART: 'The other record is deleted too.',
  },
);

export const FieldConflictRuleEnum = graphqlEnum<FieldConflictRule>(
  'FieldConflictRule',
  'How one conflicting field is decided.',
  {
    INHERIT: 'As the mapping says; under MERGE_FIELDS the same as ASK.',
    BUSINESS_WINS: 'The value of the business system is kept.',
    SALES_WINS: 'The value of Dataverse is kept.',
    NEWEST_WINS: 'The value of the record that was changed last is kept.',
    ASK: 'The field is left to a person.',
  },
);
