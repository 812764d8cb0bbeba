import { useState } from 'react';
import { Panel } from '../design/panel';
import type { UserError } from '../graphql/use-action';
import { useMay } from '../session/session-context';
import { FieldsEditor } from './fields-editor';
import { FilterEditor } from './filter-editor';
import { ProblemLines } from './problem-lines';
import { type DraftEditorProps, SettingsEditor } from './settings-editor';
import { TemplatesEditor } from './templates-editor';
import { TryOutPanel } from './try-out';
import { type MappingPreview, type MappingProblem, type PreviewTarget, problemsAt } from './use-mapping-preview';
import { useFieldsOfTable, useNamesForMappings } from './use-metadata';

export interface WholeEditorProps extends DraftEditorProps {
  readonly target: PreviewTarget;
  readonly preview: MappingPreview;
  /** What saving was refused for. */
  readonly userErrors: readonly UserError[];
}

const shownPlaces = ['tableFilter', 'integrationTableFilter', 'fields', 'templates'];

/** All that may be changed of a mapping, each part with the service's word on it as it is typed. */
export function DraftEditor(props: WholeEditorProps) {
  const { draft, editable, onChange, target, preview } = props;
  const { connectionSetupId, table, integrationTable } = target;
  const businessFields = useFieldsOfTable(connectionSetupId, 'BUSINESS', table);
  const salesFields = useFieldsOfTable(connectionSetupId, 'SALES', integrationTable);
  const { rules, mappings } = useNamesForMappings(connectionSetupId);
  const problems = useProblems(props);
  const part = { draft, editable, onChange, businessFields, salesFields, problems };
  const atFilter = (name: 'tableFilter' | 'integrationTableFilter') => problemsAt(problems, name);
  const warned = problems.filter(({ path }) => path[0] === 'fields').length;
  return (
    <>
      <Panel title="What takes part">
        <SettingsEditor draft={draft} editable={editable} onChange={onChange} mappings={mappings} />
        <ProblemLines of={problems.filter(({ path }) => !shownPlaces.includes(path[0] ?? ''))} />
        <div className="columns">
          <FilterEditor
            side="BUSINESS"
            table={table}
            fields={businessFields}
            filters={draft.tableFilter}
            problems={atFilter('tableFilter')}
            matches={preview.businessMatches}
            editable={editable}
            onChange={(tableFilter) => onChange({ tableFilter })}
          />
          <FilterEditor
            side="SALES"
            table={integrationTable}
            fields={salesFields}
            filters={draft.integrationTableFilter}
            problems={atFilter('integrationTableFilter')}
            matches={preview.salesMatches}
            editable={editable}
            onChange={(integrationTableFilter) => onChange({ integrationTableFilter })}
          />
        </div>
      </Panel>
      <Panel title="Fields" aside={warned > 0 && <span className="text-warn">{warned} to look at</span>}>
        <FieldsEditor {...part} rules={rules} mappings={mappings} />
      </Panel>
      <TryOut target={target} draft={draft} />
      <Panel title="Templates for new records">
        <TemplatesEditor {...part} table={table} integrationTable={integrationTable} />
      </Panel>
    </>
  );
}

/** The preview's problems, and what only saving told. */
function useProblems({ preview, userErrors }: WholeEditorProps): readonly MappingProblem[] {
  const told = new Set(preview.problems.map(({ message }) => message));
  const refused = userErrors
    .filter(({ message }) => !told.has(message))
    .map(({ message, field }) => ({
      severity: 'ERROR' as const,
      code: 'OTHER' as const,
      message,
      path: [...(field ?? [])],
      position: null,
    }));
  return [...preview.problems, ...refused];
}

function TryOut({ target, draft }: Pick<WholeEditorProps, 'target' | 'draft'>) {
  const may = useMay('OPERATOR');
  const [open, setOpen] = useState(false);
  if (!may) return null;
  return (
    <Panel
      title="Try it on a record"
      aside={
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Close' : 'Try it'}
        </button>
      }
    >
      {open ? (
        <TryOutPanel target={target} draft={draft} />
      ) : (
        <p className="faint">What each field of a real record would become. Nothing is written.</p>
      )}
    </Panel>
  );
}
