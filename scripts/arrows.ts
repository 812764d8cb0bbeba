import { spawnSync } from 'node:child_process';

/**
 * Checks the arrows between the folders. The tool passes without a word when it cannot parse anything, so a run that looked
 * at fewer modules than the source has counts as failed.
 */
const FEWEST_MODULES = 200;

const { stdout, stderr } = spawnSync(
  'depcruise',
  ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src', 'dashboard/src'],
  {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  },
);
const { summary } = JSON.parse(stdout) as {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
};
for (const { from, to, rule } of summary.violations) console.log(`${rule.name}: ${from} -> ${to}`);
if (summary.totalCruised < FEWEST_MODULES)
  console.log(`only ${summary.totalCruised} modules were looked at: the tool does not read the sources. ${stderr}`);
process.exitCode = summary.violations.length === 0 && summary.totalCruised >= FEWEST_MODULES ? 0 : 1;
