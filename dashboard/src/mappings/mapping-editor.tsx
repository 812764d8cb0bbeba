import { useState } from 'react';
import { SelectField } from '../design/form-fields';
import { useNotify } from '../design/notices';
import { Panel } from '../design/panel';
import { graphql, type VariablesOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';
import { FilterEditor } from './filter-editor';
import { mappingFields } from './mapping-fields';
import type { Mapping } from './mapping-page';

const UpdateMapping = graphql(
  `
    mutation UpdateMapping($input: UpdateIntegrationTableMappingInput!) {
      updateIntegrationTableMapping(input: $input) {
        integrationTableMapping {
          ...MappingFields
          revision
          updateConflictResolution
          deletionConflictResolution
          wakeOnChange
          warnings { severity code message path }
        }
        userErrors { code message field }
      }
    }
  `,
  [mappingFields],
);

type Input = VariablesOf<typeof UpdateMapping>['input'];
type Edited = Pick<
  Mapping,
  | 'enabled'
  | 'direction'
  | 'synchOnlyCoupledRecords'
  | 'tableFilter'
  | 'integrationTableFilter'
  | 'updateConflictResolution'
  | 'deletionConflictResolution'
  | 'wakeOnChange'
>;

const directions = {
  BIDIRECTIONAL: 'Both ways',
  TO_INTEGRATION_TABLE: 'To Dataverse',
  FROM_INTEGRATION_TABLE: 'To the business system',
} as const;
const conflicts = {
  MERGE_FIELDS: 'Merge; each field’s rule decides',
  NONE: 'List it and leave the pair',
  SEND_TO_INTEGRATION: 'The business system wins',
  GET_FROM_INTEGRATION: 'Dataverse wins',
} as const;
const deletions = {
  NONE: 'Report the pair as broken',
  REMOVE_COUPLING: 'Uncouple',
  RESTORE_RECORDS: 'Make the record again',
  DELETE_COUNTERPART: 'Delete the other one too',
} as const;

/** What takes part and how conflicts are decided; saved as a whole, refused with the reason beside each value. */
export function MappingEditor({ mapping, onSaved }: { readonly mapping: Mapping; readonly onSaved: () => void }) {
  const may = useMay('ADMIN');
  const notify = useNotify();
  const update = useAction(UpdateMapping, { errorsInForm: true });
  const [edited, setEdited] = useState<Partial<Edited>>({});
  const value: Edited = { ...mapping, ...edited };
  const change = (part: Partial<Edited>): void => setEdited({ ...edited, ...part });
  const isChanged = Object.keys(edited).length > 0;

  const save = async (): Promise<void> => {
    const filters = {
      ...(edited.tableFilter && {
        tableFilter: edited.tableFilter.map(({ field, expression }) => ({ field, expression })),
      }),
      ...(edited.integrationTableFilter && {
        integrationTableFilter: edited.integrationTableFilter.map(({ field, expression }) => ({ field, expression })),
      }),
    };
    const input: Input = { ...edited, ...filters, id: mapping.id, expectedRevision: mapping.revision };
    if ((await update.run({ input })) === null) return;
    notify({ tone: 'good', text: `${mapping.name} was saved.` });
    setEdited({});
    onSaved();
  };
  const problems = (path: string) =>
    update.userErrors.filter(({ field }) => field?.[0] === path).map(({ message }) => message);
  return (
    <Panel title="What takes part">
      <fieldset className="editor" disabled={!may}>
        <label className="check">
          <input
            type="checkbox"
            checked={value.enabled}
            onChange={(event) => change({ enabled: event.target.checked })}
          />
          Enabled
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={value.synchOnlyCoupledRecords}
            onChange={(event) => change({ synchOnlyCoupledRecords: event.target.checked })}
          />
          Only coupled records
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={value.wakeOnChange}
            onChange={(event) => change({ wakeOnChange: event.target.checked })}
          />
          A change wakes its sleeping job
        </label>
        <SelectField
          label="Direction"
          words={directions}
          value={value.direction}
          onChange={(direction) => change({ direction })}
        />
        <SelectField
          label="On a conflict"
          words={conflicts}
          value={value.updateConflictResolution}
          onChange={(updateConflictResolution) => change({ updateConflictResolution })}
        />
        <SelectField
          label="When one record was deleted"
          words={deletions}
          value={value.deletionConflictResolution}
          onChange={(deletionConflictResolution) => change({ deletionConflictResolution })}
        />
      </fieldset>
      <div className="columns">
        <FilterEditor
          side="BUSINESS"
          connectionSetupId={mapping.connectionSetup.id}
          table={mapping.table}
          filters={value.tableFilter}
          problems={problems('tableFilter')}
          editable={may}
          onChange={(tableFilter) => change({ tableFilter })}
        />
        <FilterEditor
          side="SALES"
          connectionSetupId={mapping.connectionSetup.id}
          table={mapping.integrationTable}
          filters={value.integrationTableFilter}
          problems={problems('integrationTableFilter')}
          editable={may}
          onChange={(integrationTableFilter) => change({ integrationTableFilter })}
        />
      </div>
      {may && (
        <>
          <p role="alert" className="problem">
            {update.userErrors
              .filter(({ field }) => !['tableFilter', 'integrationTableFilter'].includes(field?.[0] ?? ''))
              .map(({ message }) => message)
              .join(' ')}
          </p>
          <div className="actions">
            <button
              type="button"
              className="primary"
              disabled={!isChanged || update.running}
              onClick={() => void save()}
            >
              Save
            </button>
            <button type="button" disabled={!isChanged} onClick={() => setEdited({})}>
              Undo
            </button>
          </div>
        </>
      )}
    </Panel>
  );
}
