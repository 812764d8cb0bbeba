import { createHmac, timingSafeEqual } from 'node:crypto';

/** Makes and opens texts that only this world can make: page tokens and access tokens. */
export class Seal {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** `content` as an opaque text. `context` is not in it, but has to be the same when it is opened. */
  close(content: unknown, context = ''): string {
    const body = Buffer.from(JSON.stringify(content), 'utf8').toString('base64url');
    return `${body}.${this.#sign(body, context)}`;
  }

  /** What was closed, or undefined when the text or its context was altered. */
  open(text: string, context = ''): unknown {
    const [body = '', signature = '', ...rest] = text.split('.');
    const expected = Buffer.from(this.#sign(body, context));
    const got = Buffer.from(signature);
    if (rest.length > 0 || got.length !== expected.length || !timingSafeEqual(got, expected)) return undefined;
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  }

  #sign(body: string, context: string): string {
    return createHmac('sha256', this.#secret)
      .update(body)
      .update('\0')
      .update(context)
      .digest('base64url')
      .slice(0, 22);
  }
}
