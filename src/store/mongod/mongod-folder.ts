import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.js';

/** What is known of the mongod of a data folder, kept so that other processes find it. */
export interface MongodState {
  readonly port: number;
  /** The program that last opened the data. Another major version may not be able to open them. */
  readonly binary: string;
}

const mongodStateSchema = z.object({ port: z.number(), binary: z.string() });
const identitySchema = z.object({ pid: z.number(), startedAt: z.string() });

/**
 * The files of one embedded MongoDB. They are how processes that share a data folder find each other:
 *
 *     DATA_DIR/mongod/                 the data
 *     DATA_DIR/mongod.log              MongoDB's log, and mongod.log.1, the one before
 *     DATA_DIR/mongod-state/server     port and program
 *     DATA_DIR/mongod-state/keeper     the process that watches and ends mongod
 *     DATA_DIR/mongod-state/closing    the keeper that is ending mongod just now
 *     DATA_DIR/mongod-state/clients/   one empty file for each client; its name is the process
 *
 * Each file is written whole and renamed into its place. All of them but the data may be lost at any time.
 */
export class MongodFolder {
  readonly dataDir: string;
  readonly dbPath: string;
  readonly logPath: string;
  readonly oldLogPath: string;
  readonly keeperLogPath: string;
  readonly #state: string;
  readonly #clients: string;

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
    this.dbPath = join(this.dataDir, 'mongod');
    this.logPath = join(this.dataDir, 'mongod.log');
    this.oldLogPath = `${this.logPath}.1`;
    this.keeperLogPath = join(this.dataDir, 'mongod-keeper.log');
    this.#state = join(this.dataDir, 'mongod-state');
    this.#clients = join(this.#state, 'clients');
  }

  /**
   * Makes the folders that are missing, closed to other users of the machine: records of both systems will be in them.
   * Links in the path are followed, so that two ways to write one folder lead to one mongod.
   */
  static open(dataDir: string): MongodFolder {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const folder = new MongodFolder(realpathSync(dataDir));
    mkdirSync(folder.dbPath, { recursive: true, mode: 0o700 });
    mkdirSync(folder.#clients, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** The folder without making anything: `dataDir` has to be one that `open` returned. */
  static at(dataDir: string): MongodFolder {
    return new MongodFolder(dataDir);
  }

  readServer(): MongodState | undefined {
    return this.#read('server', mongodStateSchema);
  }

  writeServer(state: MongodState): void {
    this.#write('server', state);
  }

  readKeeper(): ProcessIdentity | undefined {
    return this.#read('keeper', identitySchema);
  }

  /** Makes this process the keeper. Of several that do it at once the last one is; the others see that on reading again. */
  claimKeeper(): void {
    this.#write('keeper', ownIdentity());
  }

  removeKeeper(): void {
    this.#remove('keeper');
  }

  readClosing(): ProcessIdentity | undefined {
    return this.#read('closing', identitySchema);
  }

  writeClosing(): void {
    this.#write('closing', ownIdentity());
  }

  removeClosing(): void {
    this.#remove('closing');
  }

  /** Says that this process uses the mongod. Returns how to say that it no longer does. */
  addClient(): () => void {
    const { pid, startedAt } = ownIdentity();
    const file = join(this.#clients, `${pid}-${startedAt}-${randomBytes(4).toString('hex')}`);
    writeFileSync(file, '', { mode: 0o600 });
    return () => rmSync(file, { force: true });
  }

  /** Whether any client lives. Files of clients that have died are removed. */
  hasLivingClient(): boolean {
    let found = false;
    for (const name of this.#clientNames()) {
      const [pid, startedAt] = name.split('-');
      if (isAlive({ pid: Number(pid), startedAt: startedAt ?? '' })) found = true;
      else rmSync(join(this.#clients, name), { force: true });
    }
    return found;
  }

  /** The number of the process that MongoDB itself notes beside its data; it may have ended long ago. */
  pidInLock(): number | undefined {
    try {
      const pid = Number.parseInt(readFileSync(join(this.dbPath, 'mongod.lock'), 'utf8'), 10);
      return Number.isNaN(pid) ? undefined : pid;
    } catch {
      return undefined;
    }
  }

  #clientNames(): string[] {
    try {
      return readdirSync(this.#clients);
    } catch {
      return [];
    }
  }

  #read<T>(name: string, schema: z.ZodType<T>): T | undefined {
    try {
      return schema.parse(JSON.parse(readFileSync(join(this.#state, name), 'utf8')));
    } catch {
      // Not there, or damaged: either way nothing is known, and what is needed will be found out anew.
      return undefined;
    }
  }

  #write(name: string, content: unknown): void {
    const draft = join(this.#state, `${name}.${process.pid}.${randomBytes(4).toString('hex')}`);
    writeFileSync(draft, JSON.stringify(content), { mode: 0o600 });
    renameSync(draft, join(this.#state, name));
  }

  #remove(name: string): void {
    rmSync(join(this.#state, name), { force: true });
  }
}
