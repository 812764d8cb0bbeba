import type { Row, Tandem } from './tandem.js';

/** Posted invoices of both systems. Nobody may change one by the API of Business Central: what posting and paying do is done here. */
export class PostedInvoices {
  constructor(private readonly tandem: Tandem) {}

  /** An invoice in Business Central changes as by a payment or a correction. */
  post({ id }: Row, values: Row): Promise<Row> {
    return this.edit({ entitySet: 'salesInvoices', action: 'update', id, values });
  }

  /** A new invoice is posted, with its lines. */
  async create(values: Row, lines: readonly Row[]): Promise<Row> {
    const invoice = await this.edit({ entitySet: 'salesInvoices', action: 'create', values });
    for (const line of lines)
      await this.edit({
        entitySet: 'salesInvoiceLines',
        action: 'create',
        values: { documentId: invoice.id, ...line },
      });
    return invoice;
  }

  all = (): Promise<Row[]> => this.tandem.businessRows('salesInvoices');
  allMade = (): Promise<Row[]> => this.tandem.salesRows('invoices');

  /** What became of an invoice in Dataverse. */
  async made({ number }: Row): Promise<Row> {
    return (await this.allMade()).find(({ invoicenumber }) => invoicenumber === number) ?? {};
  }

  /** All lines in Business Central, each with the number of its invoice. */
  async lines(): Promise<Row[]> {
    const numbers = new Map((await this.all()).map(({ id, number }) => [id, number]));
    const expanded = await this.tandem.businessRows('salesInvoices?$expand=salesInvoiceLines');
    return expanded.flatMap(({ salesInvoiceLines }) =>
      (salesInvoiceLines as Row[]).map((line) => ({ ...line, documentNumber: numbers.get(line.documentId) })),
    );
  }

  /** From now on any run makes the invoices that Dataverse lacks. */
  async createMissing(): Promise<void> {
    const id = await this.tandem.mappingId('POSTEDSALESINV-INV');
    const input = { id, synchOnlyCoupledRecords: false };
    await this.tandem.mutate('updateIntegrationTableMapping', 'UpdateIntegrationTableMappingInput', input);
  }

  private edit(change: Row): Promise<Row> {
    return this.tandem.control('POST', '/edit', { system: 'BUSINESS', ...change });
  }
}
