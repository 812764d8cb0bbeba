import { useState } from 'react';
import { useClient } from 'urql';
import { useLocation } from 'wouter';
import { Confirm } from '../design/confirm';
import type { SynchDirection } from '../design/direction';
import { useNotify } from '../design/notices';
import { Answer, Empty } from '../design/page';
import { Panel } from '../design/panel';
import { graphql, type ResultOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import { changeIdsOf } from './plan-changes';
import {
  choiceOf,
  chosenCount,
  groupKey,
  isChosen,
  isDone,
  type PlanChoice,
  type PlanGroup,
  requestOf,
  toggled,
} from './plan-choice';
import { PlanGroupList } from './plan-group-list';
import { UndoActions } from './undo-jobs';

const PlanQuery = graphql(`
  query Plan($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ... on SynchJob {
        id
        kind
        direction
        basedOn { id }
        INSERT: changes(first: 1, filter: { action: [INSERT] }) { totalCount }
        MODIFY: changes(first: 1, filter: { action: [MODIFY] }) { totalCount }
        DELETE: changes(first: 1, filter: { action: [DELETE] }) { totalCount }
        COUPLE: changes(first: 1, filter: { action: [COUPLE] }) { totalCount }
        UNCOUPLE: changes(first: 1, filter: { action: [UNCOUPLE] }) { totalCount }
        CONFLICT: changes(first: 1, filter: { action: [CONFLICT] }) { totalCount }
        SKIP: changes(first: 1, filter: { action: [SKIP] }) { totalCount }
        FAIL: changes(first: 1, filter: { action: [FAIL] }) { totalCount }
      }
    }
  }
`);

const ApplyPlan = graphql(`
  mutation ApplyDryRun($input: ApplyDryRunInput!) {
    applyDryRun(input: $input) { run { id code } userErrors { code message field } }
  }
`);

const topics: readonly Topic[] = ['synchJobs'];
const actions = ['INSERT', 'MODIFY', 'DELETE', 'COUPLE', 'UNCOUPLE', 'CONFLICT', 'SKIP', 'FAIL'] as const;
const actionWords = {
  INSERT: 'Would be created',
  MODIFY: 'Would be changed',
  DELETE: 'Would be deleted',
  COUPLE: 'Would be coupled',
  UNCOUPLE: 'Would be uncoupled',
  CONFLICT: 'Stay in conflict',
  SKIP: 'Would be left out',
  FAIL: 'Would fail',
} as const;
// Up to here the changes of a group are on screen at once.
const MOST_OPEN = 20;
// As many changes may be named one by one.
const MOST_IDS = 1_000;

interface ShownGroup extends PlanGroup {
  readonly direction: SynchDirection;
}

/** What a dry run would do, by kind; applied whole or in part. A planned undo is done whole. */
export function PlanPanel({ jobIds }: { readonly jobIds: readonly string[] }) {
  const answer = useLiveQuery({ query: PlanQuery, variables: { ids: [...jobIds] }, topics });
  const [choice, setChoice] = useState<PlanChoice>({});
  const mayApply = useMay('OPERATOR');
  return (
    <Panel title="Plan" className="plan">
      <Answer of={answer}>
        {(data) => {
          const jobs = jobsOf(data);
          const groups = groupsOf(jobs);
          const undone = jobs.flatMap(({ kind, basedOn }) => (kind === 'UNDO' && basedOn ? [basedOn] : []));
          const may = mayApply && undone.length === 0;
          if (groups.length === 0) return <Empty title="Nothing would be done">Both systems agree already.</Empty>;
          return (
            <>
              {groups.map((group) => (
                <Group
                  key={groupKey(group)}
                  group={group}
                  choice={choice}
                  onChoose={may && isDone(group.action) ? setChoice : undefined}
                />
              ))}
              {may && groups.some(({ action }) => isDone(action)) && <ApplyBar groups={groups} choice={choice} />}
              {undone.length > 0 && (
                <div className="apply-bar">
                  <UndoActions jobs={undone} planned />
                </div>
              )}
            </>
          );
        }}
      </Answer>
    </Panel>
  );
}

const jobsOf = ({ nodes }: ResultOf<typeof PlanQuery>) =>
  nodes.flatMap((node) => (node?.__typename === 'SynchJob' ? [node] : []));

function groupsOf(jobs: ReturnType<typeof jobsOf>): readonly ShownGroup[] {
  return actions.flatMap((action) =>
    jobs
      .map((job) => ({ jobId: job.id, direction: job.direction, action, count: job[action].totalCount }))
      .filter(({ count }) => count > 0),
  );
}

interface GroupProps {
  readonly group: ShownGroup;
  readonly choice: PlanChoice;
  readonly onChoose?: ((choice: PlanChoice) => void) | undefined;
}

function Group({ group, choice, onChoose }: GroupProps) {
  const [open, setOpen] = useState(group.count <= MOST_OPEN);
  const chosen = choiceOf(choice, group);
  const count = chosenCount(choice, group);
  const title = `${actionWords[group.action]} ${group.direction === 'TO_INTEGRATION_TABLE' ? 'in Dataverse' : 'in the business system'}`;
  return (
    <section className="plan-group" aria-label={title}>
      <header>
        {onChoose && (
          <input
            type="checkbox"
            aria-label={`Apply all: ${title}`}
            checked={count === group.count}
            ref={(box) => {
              if (box) box.indeterminate = count > 0 && count < group.count;
            }}
            onChange={() =>
              onChoose({ ...choice, [groupKey(group)]: { whole: count < group.count, except: new Set() } })
            }
          />
        )}
        <button type="button" className="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          <b>{group.count.toLocaleString()}</b> {title}
        </button>
        {onChoose && count < group.count && <span className="soft">{count.toLocaleString()} chosen</span>}
      </header>
      {open && (
        <PlanGroupList
          group={group}
          isChosen={(id) => onChoose === undefined || isChosen(chosen, id)}
          onToggle={onChoose && ((id) => onChoose(toggled(choice, group, id)))}
        />
      )}
    </section>
  );
}

function ApplyBar({ groups, choice }: { readonly groups: readonly ShownGroup[]; readonly choice: PlanChoice }) {
  const client = useClient();
  const notify = useNotify();
  const apply = useAction(ApplyPlan);
  const [, go] = useLocation();
  const doable = groups.filter(({ action }) => isDone(action));
  const all = doable.reduce((sum, { count }) => sum + count, 0);
  const chosen = doable.reduce((sum, group) => sum + chosenCount(choice, group), 0);
  const changes = `${chosen.toLocaleString()} ${chosen === 1 ? 'change' : 'changes'}`;

  const start = async (): Promise<void> => {
    const request = requestOf(choice, doable);
    if (request.by === 'ID' && chosen > MOST_IDS)
      return notify({
        tone: 'bad',
        text: `Single changes of one kind together with whole other kinds can be at most ${MOST_IDS.toLocaleString()}. Apply the kinds first, and the single changes after them.`,
      });
    const input =
      request.by === 'KIND'
        ? {
            synchJobIds: request.synchJobIds,
            filter: { action: request.action },
            exceptChangeIds: request.exceptChangeIds,
          }
        : {
            synchJobIds: [...new Set(doable.map(({ jobId }) => jobId))],
            changeIds: [
              ...request.changeIds,
              ...(await Promise.all(request.wholeGroups.map((group) => changeIdsOf(client, group))))
                .flat()
                .filter((id) => doable.every((group) => !leavesOut(choice, group, id))),
            ],
          };
    const done = await apply.run({ input });
    const run = done?.applyDryRun.run;
    if (run) go(`/runs/${run.id}`);
  };
  return (
    <div className="apply-bar">
      <Confirm
        primary
        label={chosen === all ? `Apply all ${changes}` : `Apply ${changes}`}
        yes="Apply"
        disabled={apply.running || chosen === 0}
        question={`Write ${changes} as planned? What changed on either side since the plan was made is left as it is, and listed.`}
        onYes={start}
      />
      <span className="soft">
        {chosen.toLocaleString()} of {all.toLocaleString()} chosen
      </span>
    </div>
  );
}

const leavesOut = (choice: PlanChoice, group: PlanGroup, changeId: string): boolean => {
  const { whole, except } = choiceOf(choice, group);
  return whole && except.has(changeId);
};
