import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBatch, writeBatch } from '../../../../src/connectors/dataverse/multipart.js';

const part = (boundary: string, status: number, body: string, eol = '\r\n') =>
  [
    `--${boundary}`,
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `HTTP/1.1 ${status} Status`,
    'OData-Version: 4.0',
    'REQ_ID: 7',
    '',
    body,
    '',
  ].join(eol);

describe('a batch answer', () => {
  test.each([
    ['CRLF', '\r\n', 'multipart/mixed; boundary=batchresponse_1'],
    ['LF', '\n', 'multipart/mixed; boundary="batchresponse_1"'],
    ['a content type without boundary', '\r\n', 'multipart/mixed'],
  ])('with %s is read', (_name, eol, contentType) => {
    const text = `${part('batchresponse_1', 200, '{"name":"x"}', eol)}${part('batchresponse_1', 412, '{"error":{}}', eol)}--batchresponse_1--${eol}`;
    expect(readBatch(text, contentType)).toEqual([
      { status: 200, headers: { 'odata-version': '4.0', req_id: '7' }, text: '{"name":"x"}' },
      { status: 412, headers: { 'odata-version': '4.0', req_id: '7' }, text: '{"error":{}}' },
    ]);
  });

  test('without a body in a part is read', () => {
    const text = `${part('b', 204, '')}--b--\r\n`;
    expect(
      readBatch(text, 'multipart/mixed;boundary=b').map(({ status, text: body }) => [status, body.trim()]),
    ).toEqual([[204, '']]);
  });

  test('with a change set inside is flattened', () => {
    const inner = `${part('changesetresponse_2', 204, '')}--changesetresponse_2--\r\n`;
    const text = `--b\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n${inner}\r\n${part('b', 200, '{}')}--b--`;
    expect(readBatch(text, 'multipart/mixed; boundary=b').map(({ status }) => status)).toEqual([204, 200]);
  });

  test('that was cut off has no half part', () => {
    const whole = `${part('b', 200, '{"a":1}')}${part('b', 200, '{"a":2}')}--b--\r\n`;
    const cut = whole.slice(0, whole.indexOf('"a":2'));
    expect(readBatch(cut, 'multipart/mixed; boundary=b')).toHaveLength(1);
  });

  test('may hold the text of its boundary in a body', () => {
    const body = '{"name":"x --b-- y"}';
    expect(readBatch(`${part('b', 200, body)}--b--`, 'multipart/mixed; boundary=b')[0]?.text).toBe(body);
  });

  test.each(['', 'no multipart', '{"error":{}}'])('%j holds no part', (text) => {
    expect(readBatch(text, undefined)).toEqual([]);
  });
});

describe('a batch request', () => {
  test('is written with CRLF and one part an operation', () => {
    const text = writeBatch('batch_1', [
      { method: 'PATCH', path: '/api/data/v9.2/accounts(1)', headers: { 'If-Match': 'W/"1"' }, body: '{"name":"ä"}' },
      { method: 'DELETE', path: '/api/data/v9.2/accounts(2)', headers: {} },
    ]);
    expect(text.split('\r\n')).toEqual([
      '--batch_1',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      'PATCH /api/data/v9.2/accounts(1) HTTP/1.1',
      'If-Match: W/"1"',
      '',
      '{"name":"ä"}',
      '--batch_1',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      'DELETE /api/data/v9.2/accounts(2) HTTP/1.1',
      '',
      '',
      '--batch_1--',
      '',
    ]);
  });

  test('comes back with every body as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), (bodies) => {
        const text = `${bodies.map((body) => part('b', 200, JSON.stringify(body))).join('')}--b--\r\n`;
        expect(readBatch(text, 'multipart/mixed; boundary=b').map((read) => read.text)).toEqual(
          bodies.map((body) => JSON.stringify(body)),
        );
      }),
    );
  });
});
