import type { SourceRow, WriteOutcome } from '../../connectors/connector.js';
import type { Coupling } from '../../coupling/coupling.js';
import {
  type IntegrationFieldMapping,
  type IntegrationTableMapping,
  tableOn,
} from '../../mapping/integration-table-mapping.js';
import { idOn } from '../pair-work.js';
import { type Side, sides } from '../synch-error.js';
import type { SynchRun } from '../synch-run.js';
import { type Step, stepFailure } from './step.js';

/** The column of a contact in Dataverse that tells its company. */
const PARENT = 'parentcustomerid';

/** How often the records of a company are read again because somebody edited them meanwhile. */
const ATTEMPTS = 3;

/** A contact that was created for a company without a primary contact is its primary contact from then on, on both sides. */
export const becomeFirstContact: Step = async ({ firstContacts }, coupling) => {
  await firstContacts.settle(coupling);
  return {};
};

/** The mapping of the companies, and its field pair that tells the primary contact of one. */
interface Companies {
  readonly mapping: IntegrationTableMapping;
  readonly primary: IntegrationFieldMapping;
}

/** A contact with the pair of its company. */
interface FirstContact {
  readonly contact: Coupling;
  readonly company: Coupling;
}

type RecordsOfCompanies = Readonly<Record<Side, ReadonlyMap<string, SourceRow>>>;

/**
 * The companies of the contacts that were created in a chunk of pairs: those that have no primary contact on either side get
 * the first of theirs. A primary contact that somebody chose, or that waits to be written, is left as it is.
 */
export class FirstContacts {
  private written: Promise<ReadonlyMap<string, WriteOutcome>> | null = null;

  constructor(
    private readonly run: SynchRun,
    private readonly couplings: readonly Coupling[],
  ) {}

  /** Throws StepError where Dataverse does not take the contact as the primary one. */
  async settle({ _id }: Coupling): Promise<void> {
    // All of the chunk at once: the first of several contacts of a company is the one.
    this.written ??= this.#writeAll();
    const outcome = (await this.written).get(_id);
    if (outcome !== undefined && outcome.kind !== 'WRITTEN' && outcome.kind !== 'GONE')
      throw stepFailure('accounts', outcome);
  }

  /** What became of the accounts that were to be written, by the id of the contact's coupling. */
  async #writeAll(): Promise<ReadonlyMap<string, WriteOutcome>> {
    const outcomes = new Map<string, WriteOutcome>();
    const companies = companiesOf(this.run);
    if (companies === null) return outcomes;
    let open = await this.#firstOfEach(companies);
    for (let attempt = 0; attempt < ATTEMPTS && open.length > 0; attempt += 1)
      open = await this.#write(companies, open, outcomes);
    return outcomes;
  }

  async #firstOfEach({ mapping, primary }: Companies): Promise<readonly FirstContact[]> {
    const parents = this.couplings.flatMap((contact) => parentOf(contact) ?? []);
    const accountIds = parents.map(({ SALES }) => SALES);
    const pairs = await this.run.stores.couplings.byRecordIds(mapping.id, 'SALES', accountIds);
    const free = new Map(
      pairs.filter((company) => !hasPrimaryContact(company, primary)).map((company) => [company.salesId, company]),
    );
    return this.couplings.flatMap((contact) => {
      const parent = parentOf(contact);
      const company = free.get(parent?.SALES ?? null);
      if (parent === null || company === undefined || company.businessId !== parent.BUSINESS) return [];
      free.delete(company.salesId);
      return [{ contact, company }];
    });
  }

  /** Answers those whose account somebody changed between reading and writing. */
  async #write(
    companies: Companies,
    candidates: readonly FirstContact[],
    outcomes: Map<string, WriteOutcome>,
  ): Promise<readonly FirstContact[]> {
    const rows = await this.#read(companies, candidates);
    const valueOn = ({ company }: FirstContact, side: Side) =>
      rows[side].get(idOn(company, side) ?? '')?.values[nameOn(companies, side)];
    const isBlank = (one: FirstContact, side: Side): boolean => valueOn(one, side) === null;
    // One that was written already, before a run died, is this contact itself.
    const free = candidates.filter((one) =>
      sides.every((side) => isBlank(one, side) || valueOn(one, side) === idOn(one.contact, side)),
    );
    const toSales = free.filter((one) => isBlank(one, 'SALES'));
    const written = await this.#writeSide(companies, 'SALES', toSales, rows);
    for (const { contact } of candidates) outcomes.delete(contact._id);
    for (const [index, outcome] of written.entries()) outcomes.set(toSales[index]?.contact._id ?? '', outcome);
    const kindOf = ({ contact }: FirstContact) => outcomes.get(contact._id)?.kind ?? 'WRITTEN';
    const toBusiness = free.filter((one) => kindOf(one) === 'WRITTEN' && isBlank(one, 'BUSINESS'));
    await this.#writeCustomers(companies, toBusiness, rows);
    return free.filter((one) => kindOf(one) === 'CHANGED');
  }

  /** The customer that does not take it yet gets it from its account, in the run of the companies. */
  async #writeCustomers(
    companies: Companies,
    candidates: readonly FirstContact[],
    rows: RecordsOfCompanies,
  ): Promise<void> {
    const written = await this.#writeSide(companies, 'BUSINESS', candidates, rows);
    const left = candidates.filter((_, index) => written[index]?.kind !== 'WRITTEN');
    if (left.length === 0) return;
    const { stores, wakeMappings, now } = this.run;
    await stores.couplings.makeDue(
      left.map(({ company }) => company._id),
      now(),
    );
    await wakeMappings([companies.mapping.id]);
  }

  async #read(companies: Companies, candidates: readonly FirstContact[]): Promise<RecordsOfCompanies> {
    const read = async (side: Side): Promise<ReadonlyMap<string, SourceRow>> => {
      const ids = candidates.flatMap(({ company }) => idOn(company, side) ?? []);
      const request = { table: tableOn(companies.mapping, side), fields: [nameOn(companies, side)], ids };
      const found = await this.run.connectors[side].readByIds(request, this.run.signal);
      return new Map(found.map((row) => [row.id, row]));
    };
    return { BUSINESS: await read('BUSINESS'), SALES: await read('SALES') };
  }

  async #writeSide(
    companies: Companies,
    side: Side,
    candidates: readonly FirstContact[],
    rows: RecordsOfCompanies,
  ): Promise<readonly WriteOutcome[]> {
    if (candidates.length === 0) return [];
    const name = nameOn(companies, side);
    const operations = candidates.map(({ contact, company }) => {
      const id = idOn(company, side) ?? '';
      const version = rows[side].get(id)?.version ?? '';
      return { kind: 'UPDATE' as const, id, version, values: { [name]: idOn(contact, side) } };
    });
    this.run.assertHeld();
    const table = tableOn(companies.mapping, side);
    const request = { table, fields: [name], operations, runId: this.run.runId };
    return this.run.connectors[side].write(request, this.run.signal);
  }
}

/** Null where no mapping couples companies, or where a value of one side would not be the other's too. */
function companiesOf({ compiled }: SynchRun): Companies | null {
  const parent = compiled.fields.find(({ integrationField }) => integrationField === PARENT);
  const mapping = compiled.lookups.get(parent?.lookup?.mappingName ?? '');
  const primary = mapping?.fields.find(({ lookup, enabled }) => enabled && lookup === compiled.mapping.name);
  if (mapping === undefined || !mapping.enabled || primary === undefined) return null;
  return [mapping.direction, primary.direction].every((direction) => direction === 'BIDIRECTIONAL')
    ? { mapping, primary }
    : null;
}

const nameOn = ({ primary }: Companies, side: Side): string =>
  side === 'BUSINESS' ? primary.field : primary.integrationField;

/** Ids of the company of a contact, as both sides last agreed on it. */
function parentOf({ bases }: Coupling): Readonly<Record<Side, string>> | null {
  const base = bases.find(({ integrationField }) => integrationField === PARENT);
  return typeof base?.business === 'string' && typeof base.sales === 'string'
    ? { BUSINESS: base.business, SALES: base.sales }
    : null;
}

/** What both sides last agreed on, or what is blank only until it can be written. */
function hasPrimaryContact({ bases }: Coupling, { field, integrationField }: IntegrationFieldMapping): boolean {
  const base = bases.find((one) => one.field === field && one.integrationField === integrationField);
  return base !== undefined && (base.business !== null || base.sales !== null || base.cleared !== undefined);
}
