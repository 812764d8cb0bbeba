import { graphql } from '../graphql/graphql';
import { couplingFields } from './coupling-fields';

export const ResolveConflict = graphql(
  `
    mutation ResolveConflict($input: ResolveConflictInput!) {
      resolveConflict(input: $input) {
        coupling { ...CouplingFields conflicts { field integrationField businessValue salesValue lastAgreedValue } }
        run { id }
        userErrors { code message field }
      }
    }
  `,
  [couplingFields],
);

export const RestoreCouplings = graphql(
  `
    mutation RestoreCouplings($input: CouplingSelectionInput!) {
      restoreCouplings(input: $input) { changedCount couplings { ...CouplingFields } userErrors { code message field } }
    }
  `,
  [couplingFields],
);

export const UncoupleRecords = graphql(
  `
    mutation UncoupleRecords($input: CouplingSelectionInput!) {
      uncoupleRecords(input: $input) { changedCount couplings { ...CouplingFields } userErrors { code message field } }
    }
  `,
  [couplingFields],
);

export const SynchronizeCouplings = graphql(`
  mutation SynchronizeCouplings($input: SynchronizeCouplingsInput!) {
    synchronizeCouplings(input: $input) { run { id code } userErrors { code message field } }
  }
`);
