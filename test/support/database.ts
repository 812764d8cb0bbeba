import { createHash } from 'node:crypto';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, inject } from 'vitest';

/** The database of one test file. `db` and `client` may be used from `beforeAll` on. */
export interface TestDatabase {
  /** Address of the replica set, without the database's name. */
  readonly uri: string;
  /** Name of the file's own database. */
  readonly name: string;
  readonly client: MongoClient;
  readonly db: Db;
}

/**
 * Gives the calling test file a database of its own, empty before its first test and dropped after its last one. Call it
 * once, at the top of the file or of a `describe`, before other `beforeAll`s that need it.
 */
export function testDatabase(): TestDatabase {
  const uri = inject('mongoUri');
  const name = databaseNameOf(expect.getState().testPath);
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 10_000 });
  const db = client.db(name);

  beforeAll(async () => {
    await db.dropDatabase();
  });
  afterAll(async () => {
    await db.dropDatabase();
    await client.close();
  });
  return { uri, name, client, db };
}

// Files run at the same time on one server. The path, not the file's name, keeps two files of one name apart; the hash
// keeps the name below MongoDB's limit of 63 bytes.
function databaseNameOf(testPath: string | undefined): string {
  if (testPath === undefined) throw new Error('testDatabase() was called outside of a test file');
  return `test_${createHash('sha256').update(testPath).digest('hex').slice(0, 16)}`;
}
