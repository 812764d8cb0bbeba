import type { Logger } from 'pino';
import { mutationKeyIndexes } from '../api/mutation-key-store.js';
import { apiTokenIndexes } from '../api-token/api-token-store.js';
import { auditIndexes } from '../audit/audit-store.js';
import type { Config } from '../config.js';
import { ConnectionSetupEntity } from '../connection-setup/connection-setup-entity.js';
import { connectionSetupIndexes } from '../connection-setup/connection-setup-store.js';
import { couplingCountIndexes } from '../coupling/coupling-counts-store.js';
import { couplingListIndexes, retiredCouplingIndexes } from '../coupling/coupling-queries.js';
import { couplingIndexes } from '../coupling/coupling-store.js';
import { jobQueueIndexes } from '../job-queue/indexes.js';
import { IntegrationTableMappingEntity } from '../mapping/mapping-entity.js';
import { mappingIndexes } from '../mapping/mapping-store.js';
import { transformationRuleIndexes } from '../mapping/transformation-rule-store.js';
import { noticeIndexes } from '../notification/notice-store.js';
import { processMetricsIndexes } from '../observability/process-metrics-store.js';
import { systemUseIndexes } from '../request-budget/system-use-store.js';
import { statisticsIndexes } from '../statistics/statistics-queries.js';
import { goneObjectIndexes } from '../store/gone-objects.js';
import { dropRetiredIndexes, ensureIndexes, type IndexSpec } from '../store/indexes.js';
import { longTextIndexes } from '../store/long-texts-store.js';
import { openEmbeddedMongod } from '../store/mongod/embedded-mongod.js';
import { openStore, type Store } from '../store/store.js';
import { deletionIndexes } from '../synch/deletion-store.js';
import { driftIndexes } from '../synch/drift-queries.js';
import { plannedCouplingIndexes } from '../synch/dry-run/planned-coupling-store.js';
import { errorGroupIndexes } from '../synch/error-groups-queries.js';
import { fullSynchronizationIndexes } from '../synch/full-synchronization-store.js';
import { matchAmbiguityIndexes } from '../synch/match-ambiguity-queries.js';
import { recordChangeIndexes } from '../synch/record-change-queries.js';
import { stageIndexes } from '../synch/stage-store.js';
import { synchListIndexes } from '../synch/synch-queries.js';

const entities = [ConnectionSetupEntity, IntegrationTableMappingEntity];

/** Every index that the service reads by. */
export const allIndexes: readonly IndexSpec[] = [
  ...connectionSetupIndexes,
  ...mappingIndexes,
  ...transformationRuleIndexes,
  ...jobQueueIndexes,
  ...couplingIndexes,
  ...couplingListIndexes,
  ...couplingCountIndexes,
  ...deletionIndexes,
  ...stageIndexes,
  ...synchListIndexes,
  ...matchAmbiguityIndexes,
  ...recordChangeIndexes,
  ...driftIndexes,
  ...plannedCouplingIndexes,
  ...errorGroupIndexes,
  ...fullSynchronizationIndexes,
  ...apiTokenIndexes,
  ...auditIndexes,
  ...statisticsIndexes,
  ...mutationKeyIndexes,
  ...processMetricsIndexes,
  ...systemUseIndexes,
  ...noticeIndexes,
  ...longTextIndexes,
  ...goneObjectIndexes,
];

/** The MongoDB of the configuration, or the embedded one, with all indexes; closed with `opened`. */
export async function openDatabase(
  { mongodb, dataDir }: Pick<Config, 'mongodb' | 'dataDir'>,
  opened: AsyncDisposableStack,
  logger: Logger,
  report: (line: string) => void,
): Promise<Store> {
  const uri = mongodb.uri ?? (await openEmbedded(mongodb, dataDir, opened, report));
  const store = opened.adopt(await openStore({ uri, entities, report, logger }), (open) => open.close());
  await ensureIndexes(store.db, allIndexes);
  await dropRetiredIndexes(store.db, retiredCouplingIndexes);
  return store;
}

async function openEmbedded(
  { binary, cacheDir }: Config['mongodb'],
  dataDir: string,
  opened: AsyncDisposableStack,
  report: (line: string) => void,
): Promise<string> {
  const mongod = await openEmbeddedMongod({ dataDir, binary, cacheDir, report });
  opened.defer(() => mongod.close());
  return mongod.uri;
}
