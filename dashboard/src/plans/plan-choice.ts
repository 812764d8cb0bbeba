/** What a dry run would do and an applied one does; the others are only told. */
export const doneActions = ['INSERT', 'MODIFY', 'DELETE', 'COUPLE', 'UNCOUPLE'] as const;
export const toldActions = ['CONFLICT', 'SKIP', 'FAIL'] as const;
export type DoneAction = (typeof doneActions)[number];
export type PlanAction = DoneAction | (typeof toldActions)[number];

/** The changes of one kind that one synch job planned. */
export interface PlanGroup {
  readonly jobId: string;
  readonly action: PlanAction;
  readonly count: number;
}

/** Whether the whole group is chosen, and the changes for which the opposite holds. */
export interface GroupChoice {
  readonly whole: boolean;
  readonly except: ReadonlySet<string>;
}

export type PlanChoice = Readonly<Record<string, GroupChoice>>;

export const wholeGroup: GroupChoice = { whole: true, except: new Set() };

export const groupKey = ({ jobId, action }: Pick<PlanGroup, 'jobId' | 'action'>): string => `${jobId} ${action}`;

export const isDone = (action: PlanAction): action is DoneAction =>
  (doneActions as readonly PlanAction[]).includes(action);

export const choiceOf = (choice: PlanChoice, group: PlanGroup): GroupChoice => choice[groupKey(group)] ?? wholeGroup;

export const isChosen = ({ whole, except }: GroupChoice, changeId: string): boolean => whole !== except.has(changeId);

/** How many changes of the group are chosen. */
export const chosenCount = (choice: PlanChoice, group: PlanGroup): number => {
  const { whole, except } = choiceOf(choice, group);
  return whole ? group.count - except.size : except.size;
};

/** The choice after one change was chosen, or left out. */
export function toggled(choice: PlanChoice, group: PlanGroup, changeId: string): PlanChoice {
  const { whole, except } = choiceOf(choice, group);
  const after = new Set(except);
  if (!after.delete(changeId)) after.add(changeId);
  return { ...choice, [groupKey(group)]: { whole, except: after } };
}

/** What the service is asked to apply: by kind, or, where the choice is no product of jobs and kinds, change by change. */
export type PlanRequest =
  | {
      readonly by: 'KIND';
      readonly synchJobIds: string[];
      readonly action: DoneAction[];
      readonly exceptChangeIds: string[];
    }
  | { readonly by: 'ID'; readonly wholeGroups: readonly PlanGroup[]; readonly changeIds: string[] };

/** Turns a choice into the shortest request that says it. */
export function requestOf(choice: PlanChoice, all: readonly PlanGroup[]): PlanRequest {
  const groups = all.filter(({ action, count }) => isDone(action) && count > 0);
  const whole = groups.filter((group) => choiceOf(choice, group).whole);
  const single = groups.filter((group) => !choiceOf(choice, group).whole);
  const changeIds = single.flatMap((group) => [...choiceOf(choice, group).except]);
  const jobs = new Set(whole.map(({ jobId }) => jobId));
  const actions = new Set(whole.map(({ action }) => action));
  const isProduct = !single.some(({ jobId, action }) => jobs.has(jobId) && actions.has(action));
  if (changeIds.length > 0 || !isProduct) return { by: 'ID', wholeGroups: whole, changeIds };
  return {
    by: 'KIND',
    synchJobIds: [...jobs],
    action: [...actions].filter(isDone),
    exceptChangeIds: whole.flatMap((group) => [...choiceOf(choice, group).except]),
  };
}
