import { type FormEvent, useState } from 'react';
import { otherProblems } from '../design/form-problems';
import { useNotify } from '../design/notices';
import { Panel } from '../design/panel';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { withRefusal } from '../graphql/use-preview';
import { entryFields } from './entry-fields';
import { EntryForm, type EntryValues, entryFormFields } from './entry-form';
import type { Entry } from './entry-page';
import { useEntryProblems } from './entry-preview';

const UpdateEntry = graphql(
  `
    mutation UpdateEntry($input: UpdateJobQueueEntryInput!) {
      updateJobQueueEntry(input: $input) {
        jobQueueEntry {
          ...EntryFields
          parameterString
          expiresAt
          rerunDelaySeconds
          whenRetriesExhausted
          recurrenceAnchor
          timeoutSeconds
          revision
          updatedAt
        }
        userErrors { code message field }
      }
    }
  `,
  [entryFields],
);

export interface EntryEditorProps {
  readonly entry: Entry;
  readonly onDone: () => void;
}

/** Changes an entry; only what was edited is sent, and only if nobody else changed the entry meanwhile. */
export function EntryEditor({ entry, onDone }: EntryEditorProps) {
  const [edited, setEdited] = useState<Partial<EntryValues>>({});
  const update = useAction(UpdateEntry, { errorsInForm: true });
  const notify = useNotify();
  const input = { ...edited, id: entry.id, expectedRevision: entry.revision };
  const problems = withRefusal(useEntryProblems({ update: input }), update.refusalOf({ input }));
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const done = await update.run({ input });
    if (done === null) return;
    notify({ tone: 'good', text: `${entry.code} was saved.` });
    onDone();
  };
  return (
    <Panel title="Change the entry">
      <form onSubmit={(event) => void save(event)} noValidate>
        <EntryForm
          value={{ ...entry, ...edited }}
          userErrors={problems}
          onChange={(part) => setEdited({ ...edited, ...part })}
        />
        <p role="alert" className="problem">
          {otherProblems(problems, entryFormFields)}
        </p>
        <div className="actions">
          <button type="submit" className="primary" disabled={update.running || Object.keys(edited).length === 0}>
            Save
          </button>
          <button type="button" onClick={onDone}>
            Cancel
          </button>
        </div>
      </form>
    </Panel>
  );
}
