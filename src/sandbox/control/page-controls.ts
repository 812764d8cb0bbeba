interface Control {
  readonly verb: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly about: string;
  readonly example?: string;
}

/** What can be asked of the sandbox itself. JSON, without a token. */
export const controls: readonly { readonly title: string; readonly controls: readonly Control[] }[] = [
  {
    title: 'Look',
    controls: [
      { verb: 'GET', path: '/control', about: 'Addresses, tables with their numbers of rows, seed, data folder.' },
      {
        verb: 'GET',
        path: '/control/cases',
        about: 'The records that the data contains on purpose, each with its id.',
      },
      {
        verb: 'GET',
        path: '/control/requests',
        about:
          'Counts by system, method and entity set, of requests and of the operations inside them; the requests that are open now.',
      },
      { verb: 'DELETE', path: '/control/requests', about: 'Sets the counters back to zero.' },
      {
        verb: 'GET',
        path: '/control/requests/log?last=20',
        about: 'The last requests with their times, status and header x-tandem-run-id.',
      },
      {
        verb: 'GET',
        path: '/control/events',
        about: 'A stream: a line of JSON when a request begins, before anything is done, and one when it ends.',
      },
    ],
  },
  {
    title: 'Change data',
    controls: [
      {
        verb: 'POST',
        path: '/control/reset',
        about:
          'Fresh data from a seed. Counters, faults and change tokens end; settings and access tokens stay. Customers, accounts, people and contacts may be up to four million each: beyond the first 10,000 they take no memory, but are made whenever they are read. A filter by id, number, name, time of change, or the row that they belong to finds them at once; any other one looks at each row, half a minute for a million, while nobody else is answered. Items, products and invoices are kept in memory, up to 200,000 each.',
        example: '{"seed": "autumn", "sizes": {"customers": 1000000, "accounts": 1000000}}',
      },
      {
        verb: 'POST',
        path: '/control/edit',
        about:
          'A change by somebody else, with the rules of the system. A calculated value (balanceDue, inventory, capacity) changes without moving version and time; posted documents, exchange rates and the local currency (localCurrencyCode of generalLedgerSetup), which the API only shows, can be changed here. committedLateSeconds gives a row of Business Central an older time of change, as a long transaction does.',
        example:
          '{"system": "SALES", "entitySet": "accounts", "action": "update", "id": "…", "values": {"telephone1": "+49 555 1"}}',
      },
      {
        verb: 'POST',
        path: '/control/expire-deltas',
        about: 'Every change token of Dataverse that was given so far is expired.',
      },
    ],
  },
  {
    title: 'Make things fail, or behave otherwise',
    controls: [
      { verb: 'POST', path: '/control/faults', about: 'Plans one fault, or a list of them; see Faults.' },
      {
        verb: 'GET',
        path: '/control/faults',
        about: 'The faults that are planned, how many operations each one matched and struck.',
      },
      { verb: 'DELETE', path: '/control/faults', about: 'Forgets all faults.' },
      { verb: 'GET', path: '/control/settings', about: 'All settings as they are now; see Settings.' },
      {
        verb: 'POST',
        path: '/control/settings',
        about: 'Changes the given settings until the sandbox ends.',
        example:
          '{"SALES": {"maxPageSize": 50, "limits": {"enforced": true, "requests": 20}}, "BUSINESS": {"companionApi": false}}',
      },
      { verb: 'DELETE', path: '/control/settings', about: 'Sets all settings back to their defaults.' },
    ],
  },
];
