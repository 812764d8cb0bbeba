import type { Coupling } from '../../src/coupling/coupling.js';
import type { CouplingChange } from '../../src/coupling/coupling-store.js';
import type { Side } from '../../src/synch/synch-error.js';
import type { SynchStores } from '../../src/synch/synch-run.js';
import type { InMemoryDatabase } from './in-memory-stores.js';
import type { HeldRun, Worker } from './leases.js';
import type { Scenario } from './scenario.js';
import { checkSettled } from './settled-before-cursor.js';
import type { WatchedSystem } from './watched-system.js';
import type { Witness } from './witness.js';

/** The database does not answer. */
export class DatabaseGoneError extends Error {
  override readonly name = 'DatabaseGoneError';
}

/** What a dry run leaves as it is. */
const written: ReadonlySet<string> = new Set([
  'change',
  'insert',
  'remove',
  'replace',
  'makeDue',
  'wakeHolders',
  'takeUpHanging',
  'openSteps',
  'makeWaitingDue',
  'makeConflictsDue',
  'move',
  'note',
]);

/** What calls of stores pass through. */
export interface StoreWorld {
  readonly scenario: Scenario;
  readonly database: InMemoryDatabase;
  readonly witness: Witness;
  readonly systemOf: (side: Side) => WatchedSystem;
  readonly isPeace: () => boolean;
  readonly turn: (worker: Worker) => Promise<void>;
  readonly note: (line: string) => void;
}

/** Who calls a store. */
interface Caller {
  readonly turn: () => Promise<void>;
  readonly runId: string;
  readonly isDryRun: boolean;
}

/** The stores of all workers, with an eye on what is stored. */
export class WatchedStores {
  #calls = 0;

  constructor(private readonly world: StoreWorld) {}

  /** The stores as a run of a worker uses them. */
  of(worker: Worker, run: HeldRun, stores: SynchStores): SynchStores {
    const { runId } = run;
    const caller = { turn: () => this.world.turn(worker), runId, isDryRun: this.world.witness.isDryRun(runId) };
    // What a dry run plans, it keeps there.
    const keeping = { ...caller, isDryRun: false };
    return {
      couplings: this.guarded(caller, stores.couplings),
      stage: this.guarded(keeping, stores.stage),
      cursors: this.guarded(caller, stores.cursors),
      jobs: this.guarded(keeping, stores.jobs),
      deletions: this.guarded(caller, stores.deletions),
      planned: stores.planned,
    };
  }

  /** The couplings as a person's own request uses them, who holds no mapping. */
  ofPerson(turn: () => Promise<void>, couplings: SynchStores['couplings']): SynchStores['couplings'] {
    return this.guarded({ turn, runId: 'a person', isDryRun: false }, couplings);
  }

  /** Each call of a store may be delayed, be the last thing that a worker does, or not be answered. */
  private guarded<T extends object>({ turn, runId, isDryRun }: Caller, store: T): T {
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function' || name === 'matchGroups') return member;
        return async (...parameters: unknown[]) => {
          this.#calls += 1;
          const fault = this.world.isPeace()
            ? undefined
            : this.world.scenario.storeFaults.find(({ call }) => call === this.#calls);
          await turn();
          if (fault?.when === 'before') throw new DatabaseGoneError('the database is gone');
          if (name === 'remove' && 'byRecordIds' in target) this.#noteRemoved(parameters[0] as Coupling[]);
          const result: unknown = await (Reflect.apply(member, target, parameters) as Promise<unknown>);
          if (isDryRun && written.has(String(name)))
            this.world.witness.violate('PLAN', `${runId} is a dry run, and asks for ${String(name)}`);
          this.#seen(String(name), parameters, result, runId);
          if (fault?.when === 'after') throw new DatabaseGoneError('the database is gone');
          await turn();
          return result;
        };
      },
    });
  }

  #noteRemoved(couplings: readonly Coupling[]): void {
    for (const { _id, revision } of couplings) {
      const present = this.world.database.couplings.get(_id);
      if (present?.revision === revision) {
        this.world.note(`coupling ${_id.slice(-4)} is removed`);
        this.world.witness.removed(present);
      }
    }
  }

  #seen(name: string, parameters: readonly unknown[], result: unknown, runId: string): void {
    if (name === 'replace' && result === true) {
      const [removed, { _id }] = parameters as Parameters<SynchStores['couplings']['replace']>;
      this.world.note(`${runId} replaces ${removed.map((one) => one._id.slice(-4)).join(', ')} by ${_id.slice(-4)}`);
      this.world.witness.stored([_id]);
    }
    if (name === 'change' || name === 'insert') {
      const ids = (parameters[0] as readonly (CouplingChange | Coupling)[]).map(({ _id }) => _id);
      for (const id of ids) {
        const coupling = this.world.database.couplings.get(id);
        if (coupling !== undefined)
          this.world.note(
            `${runId} ${name}s ${id.slice(-4)} r${coupling.revision} ${coupling.state} ${coupling.businessId?.slice(-4)}/${coupling.salesId?.slice(-4)} ${coupling.error?.code ?? ''} ${JSON.stringify(coupling.intents.map(({ kind, side }) => `${kind} ${side}`))}${(result as Set<string>).has(id) ? '' : ' REFUSED'}`,
          );
      }
      this.world.witness.stored(ids);
    }
    if (name === 'move' && result === true) {
      const [mappingId, side, cursor] = parameters as [string, Side, { readonly cursor: string }];
      this.world.note(`${runId} moves the cursor of ${side} to ${cursor.cursor}`);
      checkSettled(this.world.witness, this.world.database, this.world.systemOf(side), {
        mappingId,
        side,
        cursor: cursor.cursor,
        runId,
      });
    }
  }
}
