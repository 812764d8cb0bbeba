import { describe, expect, test } from 'vitest';
import { ConnectorPool } from '../../../src/connection-setup/connector-pool.js';
import { HostNotAllowedError } from '../../../src/connection-setup/endpoint-access.js';
import { UnreadableSecretError } from '../../../src/connection-setup/sealed-secret.js';
import { RunFailedError } from '../../../src/synch/describe-error.js';
import { connectionSetup, mapping } from '../api/records.js';
import { runningApi } from '../api/running-api.js';

const running = runningApi();

describe('a system that cannot be opened', () => {
  const setup = connectionSetup();
  const poolOf = (error: Error) =>
    new ConnectorPool({ byId: async () => setup, rememberIdentities: async () => undefined }, () => {
      throw error;
    });

  test.each([
    [
      'SECRET_UNREADABLE',
      new UnreadableSecretError({ connectionSetupId: 'c', side: 'SALES' }, 'it was sealed with another key'),
    ],
    ['HOST_NOT_ALLOWED', new HostNotAllowedError('nav.example.org')],
  ])('%s: runs and people are told what to mend', async (code, error) => {
    const pool = poolOf(error);
    const { signal } = new AbortController();
    for (const asked of [pool.connect(setup.id, signal), pool.look(setup.id, 'SALES', signal)]) {
      const failed = await asked.catch((thrown: unknown) => thrown);
      expect(failed).toBeInstanceOf(RunFailedError);
      expect((failed as RunFailedError).error).toMatchObject({ class: 'CONFIGURATION', code, message: error.message });
    }
  });
});

test('what is read live of a system whose secret cannot be read is null with SYSTEM_UNAVAILABLE', async () => {
  const setup = connectionSetup();
  await running.services.connectionSetups.insert(setup);
  const customers = mapping(setup.id, 'CUSTOMER');
  await running.services.mappings.insert(customers);
  const { data, errors } = await running.ask(
    '{ integrationTableMapping(name: "CUSTOMER") { findRecords(side: SALES) { title } } }',
  );
  expect(data).toEqual({ integrationTableMapping: { findRecords: null } });
  expect(errors).toMatchObject([
    { extensions: { code: 'SYSTEM_UNAVAILABLE' }, message: expect.stringContaining('enter it again') },
  ]);
});
