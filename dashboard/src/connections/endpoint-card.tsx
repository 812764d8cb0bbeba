import { Facts } from '../design/facts';
import { Moment } from '../design/moment';
import type { Endpoint } from './endpoint-fields';
import { TestSteps } from './test-steps';

const kinds = { BUSINESS_CENTRAL: 'Business Central', NAV_ODATA: 'Dynamics NAV', DATAVERSE: 'Dataverse' } as const;
const capabilityWords = {
  changeTracking: 'tell changes',
  deletions: 'tell deletions',
  batch: 'take batches',
  bulkWrite: 'take many rows at once',
  clientAssignedIds: 'take our ids',
} as const;

/** One of the two systems as it is set up, with its last test. */
export function EndpointCard({ side, endpoint }: { readonly side: 'BUSINESS' | 'SALES'; readonly endpoint: Endpoint }) {
  const { lastTest, capabilities } = endpoint;
  const able = (Object.keys(capabilityWords) as (keyof typeof capabilityWords)[]).filter(
    (name) => capabilities?.[name],
  );
  return (
    <div className="endpoint">
      <h3 className={side.toLowerCase()}>{kinds[endpoint.kind]}</h3>
      <Facts
        of={[
          ['Address', <code key="a">{endpoint.baseUrl}</code>],
          ...(endpoint.company === null ? [] : [['Company', endpoint.company] as const]),
          ['Signs in', endpoint.userName ?? endpoint.clientId ?? 'without a name'],
          ['Secret', endpoint.hasSecret ? 'stored' : 'none'],
          ['Last test', lastTest === null ? 'never' : <Moment key="t" at={lastTest.at} relative />],
          ...(able.length === 0 ? [] : [['Able to', able.map((name) => capabilityWords[name]).join(', ')] as const]),
        ]}
      />
      {lastTest && <TestSteps test={lastTest} />}
    </div>
  );
}
