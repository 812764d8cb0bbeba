/** The arrows between the folders. A rule that nobody may break is a rule that a check holds. */

/** Pure modules: they decide and never do. What they import is pure too. */
const pure = [
  '^src/mapping/(decimal|field-value|integration-table-mapping)\\.ts$',
  '^src/mapping/filter/',
  '^src/mapping/transformation/',
  '^src/connection-setup/setup-document/(setup|setup-differences|plan-setup-import|write-setup-document|entry-change)\\.ts$',
  '^src/coupling/(coupling|coupling-filter|stored-coupling|external-record|record-url)\\.ts$',
  '^src/synch/(synch-error|stored-change|watch-news|made-again-news|synch-job|convert-value|compiled-mapping|field-base|mass-deletion|plan-pair|decide-field|conflict-winner|pair-values|sources-under-change|untranslated|loop-breaker|compare-pair|compose-record|match-keys|match-ambiguity|bases-after-write|coupling-states|record-title|recoupled-pair|compiled-field|option-map|offered-name|references|table-rules|unit-group-fault|within-rules|steps/(our-id|invoice-line|invoice-source)|full-synchronization-(plan|choice|line-end))\\.ts$',
  '^src/status-stream/live-change\\.ts$',
  '^src/job-queue/(job-queue-entry|transitions|entry-rules|entry-edit|schedule|schedule-window|local-time|cron|job-queue-errors)\\.ts$',
  '^src/observability/without-secrets\\.ts$',
];
const purePath = `(${pure.join('|')})`;

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(src|dashboard)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'rules-are-pure',
      comment: 'planner, schedule, transitions, filters and matching import rules only',
      severity: 'error',
      from: { path: purePath },
      to: { path: '^(src|node_modules)/', pathNot: [...pure, '^node_modules/(luxon|@types/luxon|cron-parser|re2js)/'] },
    },
    {
      name: 'driver-in-store-files',
      comment: 'the MongoDB driver is known to src/store, to *-store.ts and to *-queries.ts',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/store/', '-(store|queries)\\.ts$'] },
      to: { path: '^node_modules/mongodb/' },
    },
    {
      name: 'resolvers-are-wired-once',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/api/resolvers\\.ts$' },
      to: { path: '-resolver\\.ts$', pathNot: '^src/api/viewer-resolver\\.ts$' },
    },
    {
      name: 'resolvers-reach-no-other-store',
      comment: 'a resolver imports the helpers of api and its own slice; of other slices only their types',
      severity: 'error',
      from: { path: '^src/([^/]+)/[^/]+-resolver\\.ts$' },
      to: { path: '^src/(?!api/|$1/)[^/]+/[^/]+-(store|queries|resolver)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sandbox-stands-alone',
      comment: 'product code never knows that it talks to the sandbox, and the sandbox knows no product code',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/sandbox/' },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'sandbox-imports-no-product',
      severity: 'error',
      from: { path: '^src/sandbox/' },
      to: { path: '^src/', pathNot: '^src/sandbox/' },
    },
    {
      name: 'dashboard-is-a-client',
      comment: 'the dashboard knows the service by its public GraphQL API alone',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: { path: '^src/' },
    },
    {
      name: 'nobody-imports-the-dashboard',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^dashboard/' },
    },
    {
      name: 'connectors-know-rules-only',
      severity: 'error',
      from: { path: '^src/connectors/' },
      to: { path: '^src/', pathNot: ['^src/connectors/', ...pure] },
    },
    {
      name: 'composition-root-is-the-top',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/start/', '^src/main\\.ts$'] },
      to: { path: '^src/(start/|main\\.ts)' },
    },
    {
      name: 'http-in-api-and-connectors',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/connectors/odata/', '^src/sandbox/'] },
      to: { path: '^node_modules/undici/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.build.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
