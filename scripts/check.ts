import { checks, runStep } from './steps.ts';

/** `npm run check`: format, lint, types, arrows, dead code and the emitted schema. */
const results = checks.map(runStep);
process.exitCode = results.every(Boolean) ? 0 : 1;
