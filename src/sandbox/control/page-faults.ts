/** One thing that can be told of a fault, with what it means. */
interface Told {
  readonly name: string;
  readonly about: string;
}

/** Which operations a fault strikes. */
export const faultConditions: readonly Told[] = [
  { name: '"system": "SALES"', about: 'Dataverse; BUSINESS is Business Central and NAV.' },
  {
    name: '"operation": "create"',
    about:
      'read, create, update, delete, batch or token. All but the last two also strike single operations inside a batch.',
  },
  { name: '"entitySet": "accounts"', about: 'The set that is read or written.' },
  { name: '"method": "PATCH"', about: 'The verb of the request.' },
  { name: '"path": "accounts\\\\("', about: 'A regular expression on the address below the service.' },
  { name: '"nth": 3', about: 'The third operation that matches; once, unless times says otherwise.' },
  { name: '"times": 2', about: 'So often; without nth and times always.' },
  { name: '"probability": 0.1, "seed": "a"', about: 'A tenth of them, the same ones each time.' },
];

/** What becomes of an operation that is struck. */
export const faultEffects: readonly Told[] = [
  { name: '{"kind": "delay", "ms": 500}', about: 'It begins later.' },
  {
    name: '{"kind": "status", "status": 429, "retryAfterSeconds": 2}',
    about:
      'It is refused with this status. 502, 503 and 504 come in HTML, as from a gateway; "html": false decides otherwise.',
  },
  {
    name: '{"kind": "error", "status": 400, "code": "0x80040265", "message": "…"}',
    about: 'It is refused with an error in the form of the system.',
  },
  { name: '{"kind": "resetBefore"}', about: 'The connection ends; nothing was done.' },
  { name: '{"kind": "resetAfter"}', about: 'It is done, and the connection ends without an answer.' },
  { name: '{"kind": "hang"}', about: 'No answer ever comes.' },
  { name: '{"kind": "trickle", "ms": 200}', about: 'The answer comes in small pieces.' },
  { name: '{"kind": "truncate"}', about: 'It is done, and the answer is cut off in its middle.' },
  { name: '{"kind": "invalidJson"}', about: 'It is done, and the answer is no JSON.' },
  { name: '{"kind": "wrongContentType"}', about: 'It is done, and the answer claims to be something else.' },
];
