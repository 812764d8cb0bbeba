import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks, readReport, runStep } from './steps.ts';

/**
 * `npm test`: every check and every test; with `--long` the full counts of each claim. The last line is
 * `N passed, N failed`, in which a check counts as one.
 */
const isLong = process.argv.includes('--long');
const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
const reportPath = join(folder, 'report.json');

const passedChecks = checks.map(runStep).filter(Boolean).length;
const { status } = spawnSync(
  'vitest',
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`],
  {
    stdio: 'inherit',
    env: { ...process.env, ...(isLong ? { TEST_LONG: '1' } : {}) },
  },
);
const tests = readReportOr(reportPath);
rmSync(folder, { recursive: true, force: true });

const passed = passedChecks + tests.passed;
const failed = checks.length - passedChecks + Math.max(tests.failed, status === 0 ? 0 : 1);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function readReportOr(path: string): { readonly passed: number; readonly failed: number } {
  try {
    return readReport(path);
  } catch (error) {
    console.log(`the tests left no report: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  }
}
