import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jobQueueEntryStatuses } from './job-queue-entry.js';
import { type EntryEvent, statusAfter, transitions } from './transitions.js';

/** The table of transitions as a Mermaid diagram: one arrow for each pair of statuses, with the events that lead along it. */
export function transitionDiagram(): string {
  const arrows = jobQueueEntryStatuses.flatMap((from) => {
    const events = Object.keys(transitions[from]) as EntryEvent[];
    const targets = [...new Set(events.map((event) => statusAfter(from, event)))];
    return targets.map(
      (to) => `    ${from} --> ${to}: ${events.filter((event) => statusAfter(from, event) === to).join(', ')}`,
    );
  });
  return ['stateDiagram-v2', '    [*] --> ON_HOLD: created', '    [*] --> READY: created, accepted', ...arrows].join(
    '\n',
  );
}

const PAGE = 'docs/job-queue.md';
const BLOCK = /(?<=```mermaid\n)[\s\S]*?(?=\n```)/;

// The command: puts the diagram into the page, or with --check tells whether the page has the present one.
async function main(args: readonly string[]): Promise<number> {
  const path = resolve(PAGE);
  const page = await readFile(path, 'utf8');
  const present = page.replace(BLOCK, () => transitionDiagram());
  if (!BLOCK.test(page)) {
    process.stderr.write(`${PAGE} has no block of the language mermaid for the diagram of the transitions\n`);
    return 1;
  }
  if (!args.includes('--check')) await writeFile(path, present);
  else if (page !== present) {
    process.stderr.write(`the diagram in ${PAGE} is not that of the code; run "npm run diagram" and commit it\n`);
    return 1;
  }
  return 0;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2));
}
