import type { EntryChange } from '../../job-queue/entry-edit.js';
import type { EntrySetup } from './setup.js';

/** What an entry gets from a setup: code, task and mapping stay as it was created. */
export const entryChange = ({
  code: _code,
  task: _task,
  mapping: _mapping,
  ...change
}: EntrySetup): Required<EntryChange> => change;
