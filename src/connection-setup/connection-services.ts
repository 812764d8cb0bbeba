import type { Connector, EndpointAccess } from '../connectors/connector.js';
import type { Side } from '../synch/synch-error.js';
import type { ConnectionDataStore } from './connection-data-store.js';
import type { ConnectionSetup } from './connection-setup.js';
import { type ConnectionSetupStore, DuplicateConnectionNameError } from './connection-setup-store.js';
import type { ConnectionTests } from './connection-test.js';
import {
  type ConnectionSetupDraft,
  createConnectionSetup,
  InvalidConnectionSetupError,
} from './create-connection-setup.js';
import { type DefaultSetupDeps, previewDefaultSetup, putDefaultSetupBack } from './default-setup/default-setup.js';
import type { PlannedDefault } from './default-setup/default-setup-plan.js';
import { type Deletion, deleteConnectionSetup } from './delete-connection-setup.js';
import { ConnectionSetupNotFoundError } from './enable-connection-setup.js';
import type { EndpointKeys } from './endpoint-access.js';
import type { SystemMetadata } from './system-metadata.js';
import { testStoredConnection, tryConnection } from './test-connection.js';
import { type ConnectionSetupEdit, endpointsWith, updateConnectionSetup } from './update-connection-setup.js';
import { requireWorking } from './verify-connection.js';

/** What a person can do with connections besides looking at them, enabling and disabling. */
export interface ConnectionServices {
  /** @throws InvalidConnectionSetupError, DuplicateConnectionNameError */
  create(draft: ConnectionSetupDraft): Promise<ConnectionSetup>;
  /** See updateConnectionSetup. */
  update(id: string, edit: ConnectionSetupEdit): Promise<ConnectionSetup>;
  /** Throws what `create` would, and makes nothing. */
  checkNew(draft: ConnectionSetupDraft): Promise<void>;
  /** Throws what `update` would, and changes nothing. */
  checkEdit(id: string, edit: ConnectionSetupEdit): Promise<void>;
  /** See deleteConnectionSetup. */
  remove(id: string, deletion: Deletion): Promise<void>;
  /**
   * Tests what is stored, and remembers the answer; with drafts, these instead, without storing anything.
   *
   * @throws ConnectionSetupNotFoundError, InvalidConnectionSetupError for drafts that could not be stored
   */
  test(id: string, asked: readonly Side[], drafts: EndpointDrafts): Promise<ConnectionTests>;
  /** Passes a connection that may be enabled. @throws ConnectionFailedError, InvalidConnectionSetupError */
  verify(setup: ConnectionSetup): Promise<void>;
  /** See previewDefaultSetup. */
  defaultSetup(setup: ConnectionSetup): Promise<readonly PlannedDefault[]>;
  /** See putDefaultSetupBack; also throws ConnectionSetupNotFoundError. */
  useDefaultSetup(id: string, actor: string): Promise<ConnectionSetup>;
}

/** End points as a person enters them, to try instead of what is stored. */
export type EndpointDrafts = Pick<ConnectionSetupEdit, 'business' | 'sales'>;

export interface ConnectionServicesDeps extends Omit<DefaultSetupDeps, 'systems'> {
  readonly connectionSetups: ConnectionSetupStore;
  readonly data: ConnectionDataStore;
  readonly systems: SystemMetadata;
  readonly keys: EndpointKeys;
  readonly open: (access: EndpointAccess) => Connector;
}

/** Refuses as the store does, and writes nothing. */
function keepingNothing(store: ConnectionSetupStore): Pick<ConnectionSetupStore, 'byId' | 'insert' | 'update'> {
  const refuseNamesake = async (id: string, name: string): Promise<void> => {
    const namesake = await store.byName(name);
    if (namesake !== null && namesake.id !== id) throw new DuplicateConnectionNameError(name);
  };
  return {
    byId: (id) => store.byId(id),
    insert: ({ id, name }) => refuseNamesake(id, name),
    update: async (id, _revision, { name }) => {
      if (name !== undefined) await refuseNamesake(id, name);
      return store.byId(id);
    },
  };
}

/** Puts together what people do with connections. */
export function connectionServices(deps: ConnectionServicesDeps): ConnectionServices {
  const { connectionSetups, data, systems, keys, now } = deps;
  const existing = async (id: string): Promise<ConnectionSetup> => {
    const setup = await connectionSetups.byId(id);
    if (setup === null) throw new ConnectionSetupNotFoundError(id);
    return setup;
  };
  const testStored = async (setup: ConnectionSetup, asked: readonly Side[]): Promise<ConnectionTests> => {
    const tests = await testStoredConnection(setup, asked, deps);
    // Who tests has often just changed something there: a table was published, an API installed.
    systems.forget(setup.id);
    return tests;
  };
  const updating = { connectionSetups, keys, hasCouplings: (id: string) => data.hasCouplings(id), now };
  const nothingKept = keepingNothing(connectionSetups);
  return {
    create: (draft) => createConnectionSetup(draft, deps),
    update: (id, edit) => updateConnectionSetup(id, edit, updating),
    checkNew: async (draft) => {
      await createConnectionSetup(draft, { ...deps, connectionSetups: nothingKept });
    },
    checkEdit: async (id, edit) => {
      await updateConnectionSetup(id, edit, { ...updating, connectionSetups: nothingKept });
    },
    remove: async (id, deletion) => {
      await deleteConnectionSetup(id, deletion, { connectionSetups, data });
      systems.forget(id);
    },
    test: async (id, asked, drafts) => {
      const setup = await existing(id);
      if (drafts.business === undefined && drafts.sales === undefined) return testStored(setup, asked);
      const { endpoints, faults } = endpointsWith(setup, drafts, keys);
      if (faults.length > 0) throw new InvalidConnectionSetupError(faults);
      return (await tryConnection({ ...setup, ...endpoints }, asked, deps)).tests;
    },
    verify: async (setup) => requireWorking(setup, await testStored(setup, ['BUSINESS', 'SALES'])),
    defaultSetup: (setup) => previewDefaultSetup(setup, deps),
    useDefaultSetup: async (id, actor) => {
      const setup = await existing(id);
      await putDefaultSetupBack(setup, actor, deps);
      return setup;
    },
  };
}
