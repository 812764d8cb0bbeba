import { ConnectorError, type EndpointAccess, type TableName } from '../connector.js';
import { chooseCompany } from '../odata/choose-company.js';
import { Expiring } from '../odata/expiring.js';
import { baseAddress } from '../odata/links.js';
import { type ODataClient, rowsOf, textOf } from '../odata/odata-client.js';
import { COMPANIES, type NavService, type NavServices, readServices } from './metadata.js';

/** A service, and where it is. */
export interface LocatedService extends NavService {
  /** Path of the collection below the base address. */
  readonly path: string;
  /** Path of the service that shows the table Integration Record of the same company; null where none is published. */
  readonly integrationRecords: string | null;
}

/** The address of the web services, from an address with or without their path. */
export function webServicesAddress(text: string): URL {
  const address = baseAddress(text);
  if (!/\/ODataV4\/$/i.test(address.pathname)) address.pathname += 'ODataV4/';
  return address;
}

/** Finds companies and services of one server, and keeps what it found for a while. */
export class NavServer {
  readonly #client: ODataClient;
  readonly #wanted: EndpointAccess['company'];
  readonly #companies: Expiring<string>;
  readonly #services: Expiring<NavServices>;
  #hasIntegrationRecords = false;

  constructor(client: ODataClient, company: EndpointAccess['company'], lifetimeMs: number) {
    this.#client = client;
    this.#wanted = company;
    this.#companies = new Expiring(lifetimeMs);
    this.#services = new Expiring(lifetimeMs);
  }

  /** Whether a page of the table Integration Record was found when the services were last read. */
  get hasIntegrationRecords(): boolean {
    return this.#hasIntegrationRecords;
  }

  /** Asks the server which company the connection means; never from memory. A company of NAV has no id but its name. */
  async askCompany(signal: AbortSignal): Promise<string> {
    const { body } = await this.#client.getJson(COMPANIES, signal);
    const companies = rowsOf(body).map((row) => ({ name: textOf(row, 'Name') }));
    return chooseCompany(companies, this.#wanted, ({ name }, wanted) => name === wanted).name;
  }

  async locate(name: string, signal: AbortSignal): Promise<LocatedService> {
    const [company, services] = await Promise.all([
      this.#companies.get('company', () => this.askCompany(signal), signal),
      this.services(signal),
    ]);
    const service = services.byName.get(name);
    if (service === undefined) throw unknownService(name, [...services.byName.keys()]);
    const path = `${COMPANIES}('${encodeURIComponent(company.replaceAll("'", "''"))}')/`;
    const records = services.integrationRecords;
    return {
      ...service,
      path: path + encodeURIComponent(name),
      integrationRecords: records === null ? null : path + encodeURIComponent(records),
    };
  }

  services(signal: AbortSignal): Promise<NavServices> {
    return this.#services.get('services', () => this.#askServices(signal), signal);
  }

  async #askServices(signal: AbortSignal): Promise<NavServices> {
    const request = {
      method: 'GET',
      kind: 'READ',
      path: '$metadata',
      headers: { accept: 'application/xml' },
    } as const;
    const services = await this.#client.send(request, ({ text }) => readServices(text), signal);
    this.#hasIntegrationRecords = services.integrationRecords !== null;
    return services;
  }

  /** Every service by name, and what it stands for. */
  async tableNames(signal: AbortSignal): Promise<readonly TableName[]> {
    const { byName, standingFor } = await this.services(signal);
    const meanings = new Map([...standingFor].map(([standsFor, name]) => [name, standsFor]));
    return [...byName.values()]
      .map(({ metadata: { name, label } }) => {
        const standsFor = meanings.get(name);
        return { name, label, ...(standsFor === undefined ? {} : { standsFor }) };
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

const unknownService = (name: string, published: readonly string[]): ConnectorError =>
  new ConnectorError(
    `Dynamics NAV has no web service "${name}"; published are ${published.length === 0 ? 'none' : published.join(', ')}. ` +
      'Publish the page in Web Services under this name, or name another service',
    { errorClass: 'CONFIGURATION', code: 'UNKNOWN_TABLE' },
  );
