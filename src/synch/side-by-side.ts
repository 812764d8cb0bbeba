/** Works on several pieces at a time. After a failure none is begun any more; whatever happens, those under way come to their end. */
export class SideBySide<T> implements AsyncDisposable {
  private readonly underWay = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | null = null;

  constructor(
    private readonly limit: number,
    private readonly work: (piece: T) => Promise<void>,
  ) {}

  /** Begins with a piece as soon as there is a place. Throws what an earlier one failed with. */
  async begin(piece: T): Promise<void> {
    while (this.underWay.size >= this.limit) await Promise.race(this.underWay);
    if (this.failure !== null) return this.end();
    const working: Promise<void> = this.work(piece)
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => this.underWay.delete(working));
    this.underWay.add(working);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Waits for all that is under way. Throws the first failure. */
  async end(): Promise<void> {
    await Promise.all(this.underWay);
    if (this.failure !== null) throw this.failure.error;
  }
}
