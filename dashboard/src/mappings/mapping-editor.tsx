import { useMemo, useState } from 'react';
import { useNotify } from '../design/notices';
import { useAction } from '../graphql/use-action';
import { useMay } from '../session/session-context';
import { DraftEditor } from './draft-editor';
import { changedParts, draftOf, type MappingDraft } from './mapping-draft';
import { UpdateMapping } from './mapping-mutations';
import type { Mapping } from './mapping-page';
import { useMappingPreview } from './use-mapping-preview';

/** Changes a mapping; only the parts that were edited are sent, and only if nobody else changed it meanwhile. */
export function MappingEditor({ mapping, onSaved }: { readonly mapping: Mapping; readonly onSaved: () => void }) {
  const may = useMay('ADMIN');
  const mayTry = useMay('OPERATOR');
  const notify = useNotify();
  const update = useAction(UpdateMapping, { errorsInForm: true });
  const stored = useMemo(() => draftOf(mapping as unknown as MappingDraft), [mapping]);
  const [edited, setEdited] = useState<Partial<MappingDraft>>({});
  // What somebody else saves while this is being edited comes in beneath it: each part is theirs or ours as a whole.
  const [begunAt, setBegunAt] = useState(mapping.revision);
  const draft = { ...stored, ...edited };
  const changed = changedParts(draft, stored);
  const isChanged = Object.keys(changed).length > 0;
  const isOvertaken = isChanged && begunAt !== mapping.revision;
  const { id, table, integrationTable, connectionSetup } = mapping;
  const target = { connectionSetupId: connectionSetup.id, mappingId: id, table, integrationTable };
  const live = useMappingPreview(target, draft);
  const preview = mayTry
    ? live
    : { ...live, problems: mapping.warnings.map((warning) => ({ ...warning, position: null })) };

  const save = async (): Promise<void> => {
    const input = { ...(structuredClone(changed) as object), id, expectedRevision: mapping.revision };
    if ((await update.run({ input })) === null) return;
    notify({ tone: 'good', text: `${mapping.name} was saved.` });
    setEdited({});
    onSaved();
  };
  return (
    <>
      <DraftEditor
        target={target}
        draft={draft}
        preview={preview}
        userErrors={update.userErrors}
        editable={may}
        onChange={(part) => {
          if (!isChanged) setBegunAt(mapping.revision);
          setEdited((before) => ({ ...before, ...part }));
        }}
      />
      {may && isChanged && (
        <div className="save-bar" role="group" aria-label="Unsaved changes">
          <button type="button" className="primary" disabled={update.running} onClick={() => void save()}>
            Save
          </button>
          <button type="button" onClick={() => setEdited({})}>
            Undo
          </button>
          <span className="soft">
            Changed:{' '}
            {Object.keys(changed)
              .map((key) => partWords[key] ?? key)
              .join(', ')}
          </span>
          {isOvertaken && (
            <span role="status" className="text-warn">
              Somebody else saved this mapping meanwhile. What you changed still stands here; saving puts it in the
              place of theirs.
            </span>
          )}
          {update.userErrors.length > 0 && (
            <span role="alert" className="bad-text">
              Not saved: {update.userErrors.map(({ message }) => message).join(' ')}
            </span>
          )}
        </div>
      )}
    </>
  );
}

const partWords: Readonly<Record<string, string>> = {
  tableFilter: 'business filter',
  integrationTableFilter: 'Dataverse filter',
  synchOnlyCoupledRecords: 'which records',
  updateConflictResolution: 'conflicts',
  deletionConflictResolution: 'deletions',
  wakeOnChange: 'waking',
  dependsOn: 'order',
};
