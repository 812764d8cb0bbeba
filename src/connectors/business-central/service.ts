import { ConnectorError, type EndpointAccess, type TableName } from '../connector.js';
import { isGuid } from '../odata/canonical.js';
import { chooseCompany } from '../odata/choose-company.js';
import { RequestError } from '../odata/classify.js';
import { Expiring } from '../odata/expiring.js';
import { baseAddress } from '../odata/links.js';
import { type ODataClient, rowsOf, textOf } from '../odata/odata-client.js';
import { type EntitySet, readMetadata } from './metadata.js';

const STANDARD_API = 'api/v2.0/';
/** Offers the fields and tables that the standard API lacks, where the company has installed it. */
const COMPANION_API = 'api/tandem/companion/v1.0/';

/** A replica may lag behind; a read that decides about writes must not. */
export const freshRead = { 'data-access-intent': 'ReadWrite' } as const;

export interface Company {
  readonly id: string;
  readonly name: string;
  readonly systemVersion: string | null;
}

/** Where an entity set is, and what it is like. */
export interface LocatedSet extends EntitySet {
  /** Path of the API from the root of the origin, with a slash at its end. */
  readonly api: string;
  /** Path of the collection below the API. */
  readonly path: string;
}

/** The environment's address, from an address with or without the standard API's path. */
export function environmentAddress(text: string): URL {
  const address = baseAddress(text);
  address.pathname = address.pathname.replace(/\/api\/v2\.0\/$/i, '/');
  return address;
}

/** Finds companies, APIs and entity sets of one environment, and keeps what it found for a while. */
export class BusinessCentralService {
  readonly #client: ODataClient;
  readonly #wanted: EndpointAccess['company'];
  readonly #companies: Expiring<Company>;
  readonly #companionSets: Expiring<ReadonlySet<string>>;
  readonly #metadata: Expiring<ReadonlyMap<string, EntitySet>>;

  constructor(client: ODataClient, company: EndpointAccess['company'], lifetimeMs: number) {
    this.#client = client;
    this.#wanted = company;
    this.#companies = new Expiring(lifetimeMs);
    this.#companionSets = new Expiring(lifetimeMs);
    this.#metadata = new Expiring(lifetimeMs);
  }

  /** Asks the system which company the connection means; never from memory. */
  async askCompany(signal: AbortSignal): Promise<Company> {
    const { body } = await this.#client.getJson(
      `${STANDARD_API}companies?$select=id,name,displayName,systemVersion`,
      signal,
      freshRead,
    );
    return chooseCompany(rowsOf(body).map(companyOf), this.#wanted, isMeant);
  }

  async locate(entitySet: string, signal: AbortSignal): Promise<LocatedSet> {
    const [company, companionSets] = await Promise.all([
      this.#companies.get('company', () => this.askCompany(signal), signal),
      this.#askedCompanionSets(signal),
    ]);
    const api = this.#client.base.pathname + (companionSets.has(entitySet) ? COMPANION_API : STANDARD_API);
    const sets = await this.#setsOf(api, signal);
    const set = sets.get(entitySet);
    if (set === undefined) throw unknownSet(entitySet, companionSets.size > 0);
    return { ...set, api, path: `companies(${company.id})/${entitySet}` };
  }

  /** Name and label of every entity set of both APIs, by name. */
  async tableNames(signal: AbortSignal): Promise<readonly TableName[]> {
    const companionSets = await this.#askedCompanionSets(signal);
    const root = this.#client.base.pathname;
    const apis = [root + STANDARD_API, ...(companionSets.size > 0 ? [root + COMPANION_API] : [])];
    const found = await Promise.all(apis.map((api) => this.#setsOf(api, signal)));
    const labels = new Map(
      found.flatMap((sets) => [...sets.values()].map(({ metadata }) => [metadata.name, metadata.label])),
    );
    return [...labels].map(([name, label]) => ({ name, label })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  #askedCompanionSets(signal: AbortSignal): Promise<ReadonlySet<string>> {
    return this.#companionSets.get('companion', () => this.#askCompanionSets(signal), signal);
  }

  #setsOf(api: string, signal: AbortSignal): Promise<ReadonlyMap<string, EntitySet>> {
    return this.#metadata.get(api, () => this.#askMetadata(api, signal), signal);
  }

  async #askCompanionSets(signal: AbortSignal): Promise<ReadonlySet<string>> {
    try {
      const { body } = await this.#client.getJson(COMPANION_API, signal);
      return new Set(rowsOf(body).map((set) => textOf(set, 'name')));
    } catch (error) {
      // Not installed, or switched off: the standard API then is all there is.
      if (error instanceof RequestError && error.httpStatus !== null && [400, 404, 405].includes(error.httpStatus))
        return new Set();
      throw error;
    }
  }

  async #askMetadata(api: string, signal: AbortSignal): Promise<ReadonlyMap<string, EntitySet>> {
    const request = {
      method: 'GET',
      kind: 'READ',
      path: `${api}$metadata`,
      headers: { accept: 'application/xml' },
    } as const;
    return this.#client.send(request, ({ text }) => readMetadata(text), signal);
  }
}

function companyOf(row: Readonly<Record<string, unknown>>): Company {
  const version = row['systemVersion'];
  return {
    id: textOf(row, 'id').toLowerCase(),
    name: textOf(row, 'name'),
    systemVersion: typeof version === 'string' ? version : null,
  };
}

const isMeant = ({ id, name }: Company, wanted: string): boolean =>
  isGuid(wanted) ? id === wanted.toLowerCase() : name === wanted;

function unknownSet(entitySet: string, hasCompanion: boolean): ConnectorError {
  const remedy = hasCompanion ? '' : '; some tables need the companion API, which is not installed there';
  return new ConnectorError(`Business Central has no entity set "${entitySet}"${remedy}`, {
    errorClass: 'CONFIGURATION',
    code: 'UNKNOWN_TABLE',
  });
}
