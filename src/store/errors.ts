/** MongoDB cannot be used as it is. The message says why and what to do; it holds no user name and no password. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError';
}

/** `MONGODB_URI` is no address that the driver understands. */
export class StoreAddressError extends StoreError {
  override readonly name = 'StoreAddressError';

  constructor(reason: string) {
    super(
      `MONGODB_URI: expected an address such as mongodb://user:password@host:27017/tandem?replicaSet=rs0, ` +
        `but ${reason}. Percent-encode special characters of user name and password.`,
    );
  }
}

/** No member of the replica set answers, or the connection is refused. */
export class StoreUnreachableError extends StoreError {
  override readonly name = 'StoreUnreachableError';

  constructor(
    readonly hosts: string,
    reason: string,
  ) {
    super(
      `MongoDB on ${hosts} cannot be used: ${reason}. Check that it runs, that MONGODB_URI names the right host, port, ` +
        `user and TLS settings, and that no firewall is between; or leave MONGODB_URI empty for the embedded MongoDB.`,
    );
  }
}

/** The server is a standalone: it has no transactions and no change streams. */
export class StandaloneServerError extends StoreError {
  override readonly name = 'StandaloneServerError';

  constructor(readonly hosts: string) {
    super(
      `MongoDB on ${hosts} is a standalone server, but a replica set is required: transactions, change streams and ` +
        `majority writes exist only there. One member is enough: start mongod with --replSet rs0, run rs.initiate() once ` +
        `in mongosh, and set MONGODB_URI to mongodb://${hosts}/?replicaSet=rs0.`,
    );
  }
}

/** The server was started for a replica set that nobody has initiated. */
export class UninitiatedReplicaSetError extends StoreError {
  override readonly name = 'UninitiatedReplicaSetError';

  constructor(readonly hosts: string) {
    super(
      `MongoDB on ${hosts} was started for a replica set that was never initiated. Run rs.initiate() once in mongosh on it.`,
    );
  }
}

/** The server works, but it is not of a kind or version that the product runs on. */
export class UnsuitableServerError extends StoreError {
  override readonly name = 'UnsuitableServerError';
}

/** An index exists that differs from the one declared, or the data do not permit it. */
export class IndexConflictError extends StoreError {
  override readonly name = 'IndexConflictError';

  constructor(
    readonly collection: string,
    readonly index: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`Index ${index} of collection ${collection}: ${reason}`, options);
  }
}
