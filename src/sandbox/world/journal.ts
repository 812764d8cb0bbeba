import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fact, Row, Tombstone } from './row.js';

/** One change of the world. A line of the journal holds all changes of one transaction. */
export type Change =
  | { readonly put: Row; readonly table: string }
  | { readonly quiet: Row; readonly table: string }
  | { readonly gone: Tombstone; readonly table: string }
  | { readonly fact: string; readonly value: Fact }
  | { readonly reset: true };

const FILE = 'world.ndjson';
// Lines of a compacted file hold this many rows each, so that no line grows with the size of the world.
const ROWS_A_LINE = 500;

/** Thrown when the data folder holds a journal that is not ours or is damaged before its end. */
export class JournalDamagedError extends Error {
  constructor(file: string, line: number, options?: ErrorOptions) {
    super(
      `${file}, line ${line}: expected a JSON list of changes; move the file away or delete it to begin with fresh data`,
      options,
    );
    this.name = 'JournalDamagedError';
  }
}

/** Reads every acknowledged transaction. A last line without its end was never acknowledged and is left out. */
export async function* readJournal(folder: string): AsyncGenerator<readonly Change[]> {
  const path = join(folder, FILE);
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return;
  await using _closing = { [Symbol.asyncDispose]: () => file.close() };
  let pending: string | undefined;
  let number = 0;
  for await (const line of file.readLines({ autoClose: false })) {
    if (pending !== undefined) yield parse(path, pending, number);
    pending = line;
    number++;
  }
  if (pending === undefined) return;
  const last = parseOrNothing(pending);
  if (last !== undefined) yield last;
}

function parse(path: string, line: string, number: number): readonly Change[] {
  const changes = parseOrNothing(line);
  if (changes === undefined) throw new JournalDamagedError(path, number);
  return changes;
}

function parseOrNothing(line: string): readonly Change[] | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return Array.isArray(parsed) ? (parsed as readonly Change[]) : undefined;
  } catch {
    return undefined;
  }
}

/** The open journal. A line is with the operating system before `append` returns, so a killed process loses nothing. */
export class Journal {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Replaces what is on disk by `state`, in one step, and goes on appending behind it. */
  static begin(folder: string, state: Iterable<Change>): Journal {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, FILE);
    const fresh = `${path}.${process.pid}.tmp`;
    const descriptor = openSync(fresh, 'w');
    for (const line of inLines(state)) writeAll(descriptor, line);
    fsyncSync(descriptor);
    renameSync(fresh, path);
    return new Journal(descriptor);
  }

  append(changes: readonly Change[]): void {
    writeAll(this.#descriptor, `${JSON.stringify(changes)}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function* inLines(changes: Iterable<Change>): Generator<string> {
  let line: Change[] = [];
  for (const change of changes) {
    line.push(change);
    if (line.length === ROWS_A_LINE) {
      yield `${JSON.stringify(line)}\n`;
      line = [];
    }
  }
  if (line.length > 0) yield `${JSON.stringify(line)}\n`;
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}
