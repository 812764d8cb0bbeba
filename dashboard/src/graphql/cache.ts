import { type CacheExchangeOpts, cacheExchange } from '@urql/exchange-graphcache';

/** Types without an id: they live inside the object that holds them. */
const valueTypes = [
  'PageInfo',
  'UserError',
  'Viewer',
  'SystemEndpoint',
  'SystemCapabilities',
  'ConnectionTest',
  'ConnectionTestStep',
  'DefaultSetupRow',
  'RequestBudget',
  'DriftSummary',
  'FieldFilter',
  'IntegrationFieldMapping',
  'OptionPair',
  'MappingProblem',
  'RecordTemplate',
  'TemplateValue',
  'ExternalRecord',
  'FieldComparison',
  'AwaitedReference',
  'FieldChange',
  'SynchError',
  'SynchErrorGroup',
  'FullSynchLine',
  'JobQueueEntryCount',
  'TableMetadata',
  'FieldMetadata',
  'OptionMetadata',
  'StatisticsBucket',
  'MappingPreview',
  'RecordCount',
  'RecordTryOut',
  'FieldTryOut',
  'TransformationStep',
  'LiveChange',
  'SetupChange',
];

const keys: CacheExchangeOpts['keys'] = Object.fromEntries(valueTypes.map((type) => [type, () => null]));

/** Every object is kept once, by its id: what a subscription tells is seen at once wherever that object is shown. */
export const normalizedCache = () => cacheExchange({ keys });
