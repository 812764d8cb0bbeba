import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { CrashBoundary } from './design/crash-boundary';
import { Notices } from './design/notices';
import { Empty, NotForRole, Outline, Page } from './design/page';
import { EntriesPage } from './entries/entries-page';
import { EntryPage } from './entries/entry-page';
import { isHere, places } from './layout/places';
import { Shell } from './layout/shell';
import { ShownOperationsProvider } from './layout/shown-operation';
import { OverviewPage } from './overview/overview-page';
import { RunPage } from './runs/run-page';
import { RunsPage } from './runs/runs-page';
import { OpenSession } from './session/open-session';
import { forgetToken, mayAct, type Session, signIn, storedToken, TokenRefusedError } from './session/session';
import { useSession } from './session/session-context';
import { SignIn } from './session/sign-in';

// Pages that few mornings begin with are fetched when they are asked for.
const CouplingsPage = lazy(async () => ({ default: (await import('./couplings/couplings-page')).CouplingsPage }));
const CouplingPage = lazy(async () => ({ default: (await import('./couplings/coupling-page')).CouplingPage }));
const ErrorsPage = lazy(async () => ({ default: (await import('./errors/errors-page')).ErrorsPage }));
const NewEntryPage = lazy(async () => ({ default: (await import('./entries/new-entry-page')).NewEntryPage }));
const SynchJobPage = lazy(async () => ({ default: (await import('./synch-jobs/synch-job-page')).SynchJobPage }));
const MappingsPage = lazy(async () => ({ default: (await import('./mappings/mappings-page')).MappingsPage }));
const MappingPage = lazy(async () => ({ default: (await import('./mappings/mapping-page')).MappingPage }));
const NewMappingPage = lazy(async () => ({
  default: (await import('./mappings/new-mapping-page')).NewMappingPage,
}));
const RulesPage = lazy(async () => ({ default: (await import('./rules/rules-page')).RulesPage }));
const FullListPage = lazy(async () => ({ default: (await import('./full/full-pages')).FullListPage }));
const FullPage = lazy(async () => ({ default: (await import('./full/full-pages')).FullPage }));
const ConnectionsPage = lazy(async () => ({
  default: (await import('./connections/connections-page')).ConnectionsPage,
}));
const ConnectionPage = lazy(async () => ({ default: (await import('./connections/connection-page')).ConnectionPage }));
const NewConnectionPage = lazy(async () => ({
  default: (await import('./connections/new-connection-page')).NewConnectionPage,
}));
const TokensPage = lazy(async () => ({ default: (await import('./tokens/tokens-page')).TokensPage }));
const AuditPage = lazy(async () => ({ default: (await import('./audit/audit-page')).AuditPage }));

type Stage =
  | { readonly kind: 'OUT'; readonly reason: string | null }
  | { readonly kind: 'ASKING' }
  | { readonly kind: 'IN'; readonly session: Session };

const firstStage = (): Stage => (storedToken() === null ? { kind: 'OUT', reason: null } : { kind: 'ASKING' });

export function App() {
  const [stage, setStage] = useState(firstStage);
  const enter = useCallback((session: Session) => setStage({ kind: 'IN', session }), []);
  const leave = useCallback((reason: string | null) => {
    forgetToken();
    setStage({ kind: 'OUT', reason });
  }, []);
  useEffect(() => {
    if (stage.kind !== 'ASKING') return undefined;
    return tryUntilAnswered(storedToken() ?? '', enter, () =>
      leave('The token is no longer valid. Sign in with another one.'),
    );
  }, [stage.kind, enter, leave]);

  if (stage.kind === 'OUT') return <SignIn reason={stage.reason} onSession={enter} />;
  if (stage.kind === 'ASKING') return <Waiting />;
  return (
    <OpenSession key={stage.session.token} session={stage.session} onEnd={leave}>
      <ShownOperationsProvider>
        <Notices>
          <Shell>
            <Suspense fallback={<Outline lines={10} />}>
              <Pages />
            </Suspense>
          </Shell>
        </Notices>
      </ShownOperationsProvider>
    </OpenSession>
  );
}

function Pages() {
  const [here] = useLocation();
  const { viewer } = useSession();
  const place = places.find(({ path }) => isHere(path, here));
  if (place && !mayAct(viewer.role, place.role))
    return (
      <Page title={place.title}>
        <NotForRole />
      </Page>
    );
  return (
    <CrashBoundary key={here}>
      <Switch>
        <Route path="/" component={OverviewPage} />
        <Route path="/entries" component={EntriesPage} />
        <Route path="/entries/new" component={NewEntryPage} />
        <Route path="/entries/:id">{({ id }) => <EntryPage key={id} id={id} />}</Route>
        <Route path="/runs" component={RunsPage} />
        <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={id} />}</Route>
        <Route path="/couplings" component={CouplingsPage} />
        <Route path="/couplings/:id">{({ id }) => <CouplingPage key={id} id={id} />}</Route>
        <Route path="/errors" component={ErrorsPage} />
        <Route path="/synch-jobs/:id">{({ id }) => <SynchJobPage key={id} id={id} />}</Route>
        <Route path="/mappings" component={MappingsPage} />
        <Route path="/mappings/new" component={NewMappingPage} />
        <Route path="/mappings/:id">{({ id }) => <MappingPage key={id} id={id} />}</Route>
        <Route path="/rules" component={RulesPage} />
        <Route path="/full" component={FullListPage} />
        <Route path="/full/:id">{({ id }) => <FullPage key={id} id={id} />}</Route>
        <Route path="/connections" component={ConnectionsPage} />
        <Route path="/connections/new" component={NewConnectionPage} />
        <Route path="/connections/:id">{({ id }) => <ConnectionPage key={id} id={id} />}</Route>
        <Route path="/tokens" component={TokensPage} />
        <Route path="/audit" component={AuditPage} />
        <Route>
          <Page title="Not found">
            <Empty title="There is no such page">Choose one on the left, or press ? for the keys.</Empty>
          </Page>
        </Route>
      </Switch>
    </CrashBoundary>
  );
}

const Waiting = () => (
  <main className="sign-in">
    <Outline lines={3} />
  </main>
);

const RETRY_MS = 1_000;

/** A tab that was open when the service was restarted goes on by itself; only a refusal asks for another token. */
function tryUntilAnswered(token: string, onSession: (session: Session) => void, onRefused: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const attempt = async (): Promise<void> => {
    try {
      const session = await signIn(token);
      if (!stopped) onSession(session);
    } catch (error) {
      if (stopped) return;
      if (error instanceof TokenRefusedError) onRefused();
      else timer = setTimeout(() => void attempt(), RETRY_MS);
    }
  };
  void attempt();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
