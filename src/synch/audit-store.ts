import type { Collection, Db } from 'mongodb';

const COLLECTION = 'audits';

interface AuditDocument {
  readonly _id: string;
  readonly connectionSetupId: string;
  readonly auditedAt: Date;
}

/** Remembers when each mapping was last audited. */
export class AuditStore {
  private readonly audits: Collection<AuditDocument>;

  constructor(db: Db) {
    this.audits = db.collection<AuditDocument>(COLLECTION);
  }

  async save(mapping: { readonly id: string; readonly connectionSetupId: string }, auditedAt: Date): Promise<void> {
    const { id, connectionSetupId } = mapping;
    await this.audits.updateOne({ _id: id }, { $set: { connectionSetupId, auditedAt } }, { upsert: true });
  }
}
