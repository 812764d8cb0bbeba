/** How requests to one system say who asks. */
export interface Authorization {
  /** Value of the Authorization header; null when none is sent. Throws ConnectorError AUTHENTICATION or CONFIGURATION. */
  header(signal: AbortSignal): Promise<string | null>;
  /** The system refused this header. True when another one can be had, so that one repeat makes sense. */
  refused(header: string | null): boolean;
  /** The text without any secret in it: a system may quote what it was sent. */
  redact(text: string): string;
  close(): void;
}

export const noAuthorization: Authorization = {
  header: async () => null,
  refused: () => false,
  redact: (text) => text,
  close: () => undefined,
};

/** User name with password, or with a web service access key. */
export function basicAuthorization(userName: string, secret: string): Authorization {
  const encoded = Buffer.from(`${userName}:${secret}`, 'utf8').toString('base64');
  return {
    header: async () => `Basic ${encoded}`,
    refused: () => false,
    redact: (text) => without(text, [secret, encoded]),
    close: () => undefined,
  };
}

/** Shorter texts are no secrets but would be found by chance in any message. */
const SHORTEST_SECRET = 4;

export const without = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
