import { useState } from 'react';
import { Confirm } from '../design/confirm';
import { Icon } from '../design/icon';
import { useNotify } from '../design/notices';
import { Answer, Empty, Page } from '../design/page';
import { Panel } from '../design/panel';
import { graphql } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import { ruleFields } from './rule-fields';
import { RuleForm } from './rule-form';
import { kindWords, parametersInWords, type Rule } from './rule-kinds';

const RulesQuery = graphql(
  `
    query TransformationRules { transformationRules(first: 100) { edges { node { ...RuleFields } } } }
  `,
  [ruleFields],
);

const DeleteRule = graphql(`
  mutation DeleteRule($input: DeleteInput!) {
    deleteTransformationRule(input: $input) { deletedId userErrors { code message field } }
  }
`);

const topics: readonly Topic[] = ['mappings'];

/** The named changes of values that fields of mappings use on their way. */
export function RulesPage() {
  const answer = useLiveQuery({ query: RulesQuery, variables: {}, topics });
  const may = useMay('ADMIN');
  const [edited, setEdited] = useState<Rule | 'NEW' | null>(null);
  const done = (): void => {
    setEdited(null);
    answer.reload();
  };
  return (
    <Page
      title="Transformation rules"
      subtitle="What fields of mappings make of a value on its way"
      actions={
        may && (
          <button type="button" onClick={() => setEdited('NEW')}>
            <Icon name="plus" />
            New rule
          </button>
        )
      }
    >
      <Answer of={answer}>
        {({ transformationRules: { edges } }) => {
          const rules = edges.map(({ node }) => node);
          return (
            <>
              {edited !== null && (
                <RuleForm
                  key={edited === 'NEW' ? '' : edited.id}
                  rule={edited === 'NEW' ? null : edited}
                  codes={rules.map(({ code }) => code)}
                  onDone={done}
                />
              )}
              {rules.length === 0 ? (
                <Empty title="There is no rule yet">The first start of the service makes those that most need.</Empty>
              ) : (
                <Panel title="Rules">
                  <ul className="rule-lines">
                    {rules.map((rule) => (
                      <RuleLine
                        key={rule.id}
                        rule={rule}
                        editable={may}
                        onEdit={() => setEdited(rule)}
                        onDeleted={done}
                      />
                    ))}
                  </ul>
                </Panel>
              )}
            </>
          );
        }}
      </Answer>
    </Page>
  );
}

interface RuleLineProps {
  readonly rule: Rule;
  readonly editable: boolean;
  readonly onEdit: () => void;
  readonly onDeleted: () => void;
}

function RuleLine({ rule, editable, onEdit, onDeleted }: RuleLineProps) {
  const remove = useAction(DeleteRule);
  const notify = useNotify();
  const confirmed = async (): Promise<void> => {
    if ((await remove.run({ input: { id: rule.id, expectedRevision: rule.revision } })) === null) return;
    notify({ tone: 'good', text: `${rule.code} was deleted.` });
    onDeleted();
  };
  return (
    <li data-row>
      <code data-row-focus tabIndex={-1}>
        {rule.code}
      </code>
      <span>
        {kindWords[rule.kind]} <span className="faint">{parametersInWords(rule)}</span>
        {rule.next !== null && <span className="faint">, then {rule.next}</span>}
      </span>
      <span className="soft">{rule.description}</span>
      {editable && (
        <span className="row-actions">
          <button type="button" aria-label={`Change ${rule.code}`} onClick={onEdit}>
            Change
          </button>
          <Confirm
            danger
            label="Delete"
            yes="Delete"
            name={`Delete ${rule.code}`}
            disabled={remove.running}
            question={`Delete the rule ${rule.code}?`}
            onYes={confirmed}
          />
        </span>
      )}
    </li>
  );
}
