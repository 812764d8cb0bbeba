import { CheckField, SelectField, TextField } from '../design/form-fields';
import type { MappingDraft } from './mapping-draft';

export const directions = {
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

export interface DraftEditorProps {
  readonly draft: MappingDraft;
  readonly editable: boolean;
  readonly onChange: (part: Partial<MappingDraft>) => void;
}

/** Whether a mapping runs, which way, for which records, and who wins. */
export function SettingsEditor({
  draft,
  editable,
  onChange,
  mappings,
}: DraftEditorProps & { readonly mappings: readonly string[] }) {
  return (
    <fieldset disabled={!editable}>
      <legend className="unseen">Settings</legend>
      <div className="checks">
        <CheckField label="Enabled" value={draft.enabled} onChange={(enabled) => onChange({ enabled })} />
        <CheckField
          label="Only coupled records"
          value={draft.synchOnlyCoupledRecords}
          onChange={(synchOnlyCoupledRecords) => onChange({ synchOnlyCoupledRecords })}
        />
        <CheckField
          label="A change wakes its sleeping job"
          value={draft.wakeOnChange}
          onChange={(wakeOnChange) => onChange({ wakeOnChange })}
        />
      </div>
      <div className="editor">
        <TextField
          label="Description"
          value={draft.description}
          onChange={(description) => onChange({ description: description ?? '' })}
        />
        <SelectField
          label="Direction"
          words={directions}
          value={draft.direction}
          onChange={(direction) => onChange({ direction })}
        />
        <SelectField
          label="On a conflict"
          words={conflicts}
          value={draft.updateConflictResolution}
          onChange={(updateConflictResolution) => onChange({ updateConflictResolution })}
        />
        <SelectField
          label="When one record was deleted"
          words={deletions}
          value={draft.deletionConflictResolution}
          onChange={(deletionConflictResolution) => onChange({ deletionConflictResolution })}
        />
      </div>
      <details>
        <summary>Runs after {draft.dependsOn.length === 0 ? 'no other mapping' : draft.dependsOn.join(', ')}</summary>
        <div className="checks">
          {mappings.map((name) => (
            <CheckField
              key={name}
              label={name}
              value={draft.dependsOn.includes(name)}
              onChange={(on) =>
                onChange({
                  dependsOn: on ? [...draft.dependsOn, name] : draft.dependsOn.filter((other) => other !== name),
                })
              }
            />
          ))}
        </div>
      </details>
    </fieldset>
  );
}
