import { Activity, lazy, Suspense } from 'react';
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
import { GoingToProvider } from './session/going-to-provider';
import { HandedOver } from './session/handed-over';
import { OpenSession } from './session/open-session';
import { RefusedSignIn } from './session/refused-sign-in';
import { mayAct, type Session } from './session/session';
import { useSession } from './session/session-context';
import { SignIn, Waiting } from './session/sign-in';
import { answerOf } from './session/sign-in-window';
import { type SignedIn, useStage } from './session/use-stage';

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

export function App() {
  const { stage, enter, leave, refuse } = useStage();
  const back = (): void => (answerOf(location.href) === null ? leave(null) : window.close());
  switch (stage.kind) {
    case 'OUT':
      return <SignIn reason={stage.reason} onSession={enter} />;
    case 'REFUSED':
      return <RefusedSignIn why={stage.why} onBack={back} />;
    case 'GOING':
      return <GoingToProvider onProblem={refuse} />;
    case 'HANDED_OVER':
      return <HandedOver />;
    case 'IN':
      return <SignedInPages key={stage.number} stage={stage} onSession={enter} onEnd={leave} />;
    default:
      return <Waiting />;
  }
}

interface SignedInPagesProps {
  readonly stage: SignedIn;
  readonly onSession: (session: Session) => void;
  readonly onEnd: (reason: string | null) => void;
}

function SignedInPages({ stage: { session, ended }, onSession, onEnd }: SignedInPagesProps) {
  return (
    <>
      {ended !== null && <SignIn reason={ended} keptFor={session.viewer.name} onSession={onSession} />}
      <Activity mode={ended === null ? 'visible' : 'hidden'}>
        <OpenSession session={session} onEnd={onEnd}>
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
      </Activity>
    </>
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
            <Empty title="There is no such page">Choose one of the pages, or press ? for the keys.</Empty>
          </Page>
        </Route>
      </Switch>
    </CrashBoundary>
  );
}
