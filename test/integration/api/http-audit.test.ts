import { serverAudits } from 'graphql-http';
import { describe, expect, test } from 'vitest';
import { runningApi, tokens } from './running-api.js';

const running = runningApi();

const audits = serverAudits({
  url: () => `${running.url}/graphql`,
  fetchFn: (url: string, init: RequestInit) =>
    fetch(url, {
      ...init,
      headers: {
        ...Object.fromEntries(new Headers(init.headers)),
        authorization: `Bearer ${tokens.VIEWER}`,
        // A request that a foreign page could send is refused unless it shows that it is none.
        'apollo-require-preflight': 'yes',
      },
    }),
});

const required = audits.filter(({ name }) => name.startsWith('MUST'));

describe('GraphQL over HTTP', () => {
  test('has rows that every server must pass', () => expect(required.length).toBeGreaterThan(10));

  test.each(required.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn();
    expect(result.status, 'reason' in result ? result.reason : '').toBe('ok');
  });

  test('the rows that a server should pass and this one does not are these', async () => {
    const failed: string[] = [];
    for (const audit of audits.filter(({ name }) => name.startsWith('SHOULD'))) {
      if ((await audit.fn()).status !== 'ok') failed.push(audit.name);
    }
    // Apollo Server answers 400 to what it cannot execute, whatever the client accepts.
    expect(failed).toEqual([
      'SHOULD use 200 status code on document parsing failure when accepting application/json',
      'SHOULD use 200 status code on document validation failure when accepting application/json',
      'SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
    ]);
  });
});
