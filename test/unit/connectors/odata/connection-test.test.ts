import { expect, test } from 'vitest';
import { ConnectorError, type WriteOutcome, type WriteRequest } from '../../../../src/connectors/connector.js';
import { tryWriting } from '../../../../src/connectors/odata/connection-test.js';

const never = new AbortController().signal;
const error = new ConnectorError('you may not', { errorClass: 'PERMISSION', code: '0x80040220', httpStatus: 403 });

const answering = (outcome: WriteOutcome, asked: WriteRequest[] = []) => ({
  write: (request: WriteRequest) => {
    asked.push(request);
    return Promise.resolve([outcome]);
  },
});

test('writing is tried on a record that does not exist, so that nothing is written', async () => {
  const asked: WriteRequest[] = [];
  expect(await tryWriting(answering({ kind: 'GONE' }, asked), { table: 'accounts', field: 'name' }, never)).toBe(
    'accounts can be written',
  );
  expect(asked).toMatchObject([{ table: 'accounts', operations: [{ kind: 'UPDATE', values: { name: 'Tandem' } }] }]);
});

test.each<WriteOutcome>([
  { kind: 'REFUSED', error },
  { kind: 'UNKNOWN', error },
])('a user who may not write is told by the refusal of the system ($kind)', async (outcome) => {
  await expect(tryWriting(answering(outcome), { table: 'accounts', field: 'name' }, never)).rejects.toBe(error);
});
