import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One check of the repository: a script of package.json that ends with 0 when all is well. */
export interface Step {
  readonly name: string;
  readonly script: string;
}

/** What has to hold apart from the tests. */
export const checks: readonly Step[] = [
  { name: 'format', script: 'check:format' },
  { name: 'lint', script: 'check:lint' },
  { name: 'types', script: 'check:types' },
  { name: 'arrows between folders', script: 'check:arrows' },
  { name: 'unused code and dependencies', script: 'check:unused' },
  { name: 'emitted schema', script: 'check:schema' },
  { name: 'lint of the schema', script: 'check:schema-lint' },
  { name: 'diagram of the transitions', script: 'check:diagram' },
];

/** Runs a step and shows what it says when it fails. */
export function runStep({ name, script }: Step): boolean {
  const startedAt = performance.now();
  const { status, stdout, stderr, error } = spawnSync('npm', ['run', '--silent', script], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const passed = status === 0;
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (!passed) console.log([stdout, stderr, error?.message].filter(Boolean).join('\n'));
  return passed;
}

/** Counts of a test run, from Vitest's JSON report. */
export function readReport(path: string): { readonly passed: number; readonly failed: number } {
  const report = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
    readonly numFailedTestSuites: number;
  };
  // A file that could not even be loaded has no failed tests, only a failed suite.
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, Math.min(1, report.numFailedTestSuites)),
  };
}
