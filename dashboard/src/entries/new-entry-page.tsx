import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { CheckField, SelectField, TextField } from '../design/form-fields';
import { otherProblems, problemAt } from '../design/form-problems';
import { useNotify } from '../design/notices';
import { Answer, Empty, NotForRole, Page } from '../design/page';
import { Panel } from '../design/panel';
import { graphql, type ResultOf, type VariablesOf } from '../graphql/graphql';
import { useAction } from '../graphql/use-action';
import { useLiveQuery } from '../graphql/use-live-query';
import { withRefusal } from '../graphql/use-preview';
import type { Topic } from '../live/live-feed';
import { useMay } from '../session/session-context';
import { EntryForm, type EntryValues, entryFormFields } from './entry-form';
import { useEntryProblems } from './entry-preview';

const PlacesQuery = graphql(`
  query PlacesOfEntries {
    connectionSetups(first: 50) { edges { node { id name } } }
    integrationTableMappings(first: 100) { edges { node { id name connectionSetup { id name } } } }
  }
`);

const CreateEntry = graphql(`
  mutation CreateEntry($input: CreateJobQueueEntryInput!) {
    createJobQueueEntry(input: $input) { jobQueueEntry { id code } userErrors { code message field } }
  }
`);

type Places = ResultOf<typeof PlacesQuery>;
type Task = VariablesOf<typeof CreateEntry>['input']['task'];

// The other tasks are only of single runs, which are started where their records are seen.
const tasks = {
  INTEGRATION_SYNCH: 'Synchronize a mapping',
  FULL_SYNCH: 'Synchronize all mappings fully',
  MATCH_COUPLING: 'Couple by matching',
  UNCOUPLE: 'Uncouple a mapping',
  AUDIT: 'Compare all pairs, write nothing',
  RETENTION: 'Delete old history',
} as const satisfies Partial<Record<Task, string>>;
const ofMapping: readonly Task[] = ['INTEGRATION_SYNCH', 'MATCH_COUPLING', 'UNCOUPLE'];
const topics: readonly Topic[] = ['connections', 'mappings'];

const placeFields: readonly string[] = ['mappingId', 'connectionSetupId'];

const empty: EntryValues = {
  description: '',
  runOn: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'],
  startingTime: null,
  endingTime: null,
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  minutesBetweenRuns: 30,
  cron: null,
  earliestStartAt: null,
  expiresAt: null,
  inactivityTimeoutMinutes: 5,
  maximumRetries: 3,
  rerunDelaySeconds: 30,
  timeoutSeconds: null,
  categoryCode: null,
  parameterString: null,
  priority: 'NORMAL',
  recurrenceAnchor: 'END_OF_RUN',
  whenRetriesExhausted: 'STOP',
};

/** A new entry, On hold until somebody sets it Ready, unless told otherwise. */
export function NewEntryPage() {
  const may = useMay('ADMIN');
  return (
    <Page title="New job queue entry" subtitle="What runs, when, and what happens when it fails">
      {may ? <NewEntry /> : <NotForRole />}
    </Page>
  );
}

function NewEntry() {
  const answer = useLiveQuery({ query: PlacesQuery, variables: {}, topics });
  return (
    <Answer of={answer}>
      {(places) =>
        places.connectionSetups.edges.length === 0 ? (
          <Empty title="There is no connection yet">
            An entry works on a connection: <Link href="/connections/new">make that first</Link>.
          </Empty>
        ) : (
          <EntryOf places={places} />
        )
      }
    </Answer>
  );
}

function EntryOf({ places: { connectionSetups, integrationTableMappings } }: { readonly places: Places }) {
  const [value, setValue] = useState(empty);
  const [code, setCode] = useState<string | null>(null);
  const [task, setTask] = useState<keyof typeof tasks>('INTEGRATION_SYNCH');
  const [place, setPlace] = useState('');
  const [ready, setReady] = useState(false);
  const create = useAction(CreateEntry, { errorsInForm: true });
  const notify = useNotify();
  const [, go] = useLocation();
  const needsMapping = ofMapping.includes(task);
  const places = needsMapping
    ? integrationTableMappings.edges.map(({ node }) => [node.id, `${node.name} (${node.connectionSetup.name})`])
    : connectionSetups.edges.map(({ node }) => [node.id, node.name]);

  const target = place === '' ? {} : needsMapping ? { mappingId: place } : { connectionSetupId: place };
  const status = ready ? ('READY' as const) : ('ON_HOLD' as const);
  const input = { ...value, ...target, code: code ?? '', task, status };
  const preview = useEntryProblems({ create: input });
  const [tried, setTried] = useState(false);
  // What nobody has filled in yet is not wrong yet.
  const untouched = tried ? [] : [...(code === null ? ['code'] : []), ...(place === '' ? placeFields : [])];

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    const done = await create.run({ input });
    const made = done?.createJobQueueEntry.jobQueueEntry;
    if (!made) return;
    notify({ tone: 'good', text: `${made.code} was made.` });
    go(`/entries/${made.id}`);
  };
  const problems = withRefusal(preview, create.refusalOf({ input })).filter(
    ({ field }) => !untouched.includes(field?.[0] ?? ''),
  );
  return (
    <Panel title="The entry">
      <form onSubmit={(event) => void save(event)} noValidate>
        <div className="editor">
          <TextField label="Code" value={code} problem={problemAt(problems, 'code')} onChange={setCode} />
          <SelectField
            label="Task"
            words={tasks}
            value={task}
            problem={problemAt(problems, 'task')}
            onChange={(chosen) => {
              setTask(chosen);
              setPlace('');
            }}
          />
          <SelectField
            label={needsMapping ? 'Mapping' : 'Connection'}
            words={{ '': task === 'RETENTION' ? 'of all connections' : 'choose one', ...Object.fromEntries(places) }}
            value={place}
            problem={problemAt(problems, needsMapping ? 'mappingId' : 'connectionSetupId')}
            onChange={setPlace}
          />
        </div>
        <EntryForm
          value={value}
          userErrors={problems}
          onChange={(part) => setValue((before) => ({ ...before, ...part }))}
        />
        <p role="alert" className="problem">
          {otherProblems(problems, ['code', 'task', 'mappingId', 'connectionSetupId', ...entryFormFields])}
        </p>
        <div className="actions">
          <CheckField label="Ready at once" value={ready} onChange={setReady} />
          <button type="submit" className="primary" disabled={create.running}>
            Make the entry
          </button>
          <button type="button" onClick={() => go('/entries')}>
            Cancel
          </button>
        </div>
      </form>
    </Panel>
  );
}
