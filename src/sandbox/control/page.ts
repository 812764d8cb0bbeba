import { NAV_ACCESS_KEY, NAV_INSTANCE, navUsers } from '../nav/service.js';
import { defaultSettings } from '../settings.js';
import { clients, TENANT } from '../tokens.js';

interface Route {
  readonly route: string;
  readonly about: string;
  readonly example?: string;
}

const controls: readonly Route[] = [
  { route: 'GET /control', about: 'What runs here: addresses, tables with their numbers of rows, seed, data folder.' },
  { route: 'GET /control/cases', about: 'The records that the data contains on purpose, and what becomes of them.' },
  {
    route: 'POST /control/reset',
    about: 'Fresh data. Counters, faults and change tokens end; settings and access tokens stay.',
    example:
      '{"seed": "autumn", "sizes": {"customers": 120, "accounts": 150, "people": 200, "contacts": 275, "items": 100, "products": 45, "invoices": 60}}',
  },
  {
    route: 'POST /control/edit',
    about:
      'A change by somebody else, with the rules of the system: create, update or delete. <code>committedLateSeconds</code> gives a row of Business Central an older time of change, as a long transaction does; a calculated value (<code>balanceDue</code>, <code>inventory</code>, <code>capacity</code>) changes without moving etag and time. Posted documents, exchange rates and the local currency (<code>localCurrencyCode</code> of <code>generalLedgerSetup</code>), which the API only shows, can be changed here.',
    example:
      '{"system": "SALES", "entitySet": "accounts", "action": "update", "id": "…", "values": {"telephone1": "+49 555 1"}}',
  },
  {
    route: 'POST /control/faults',
    about:
      'Adds one fault or a list of them. A fault matches by <code>system</code> (BUSINESS, SALES), <code>method</code>, <code>entitySet</code>, <code>path</code> (regular expression on the address below the service), <code>operation</code> (read, create, update, delete, batch, token); those on create, update, delete and read also strike single operations inside a batch. <code>nth</code> is the first match to strike, <code>times</code> how often (once with <code>nth</code>, else always), <code>probability</code> with <code>seed</code> a share of the matches. Effects: <code>{"kind":"delay","ms":500}</code>, <code>{"kind":"status","status":429,"retryAfterSeconds":2}</code> (502, 503 and 504 in HTML; <code>html</code> decides otherwise), <code>{"kind":"error","status":400,"code":"0x80040265","message":"…"}</code>, <code>resetBefore</code> (the connection ends, nothing was done), <code>resetAfter</code> (it was done, no answer), <code>hang</code>, <code>{"kind":"trickle","ms":200}</code> (the answer comes in pieces), <code>truncate</code>, <code>invalidJson</code>, <code>wrongContentType</code>.',
    example:
      '{"system": "SALES", "entitySet": "accounts", "operation": "create", "nth": 1, "effect": {"kind": "resetAfter"}}',
  },
  {
    route: 'GET /control/faults',
    about: 'The faults that are planned, how many operations each one matched and struck.',
  },
  { route: 'DELETE /control/faults', about: 'Forgets all faults.' },
  {
    route: 'GET /control/requests',
    about:
      'Counts by system, method and entity set, of requests and of the operations inside them, and the requests that are open now.',
  },
  { route: 'DELETE /control/requests', about: 'Sets the counters back to zero.' },
  {
    route: 'GET /control/requests/log?last=N',
    about:
      'The last requests with their times, status and header <code>x-tandem-run-id</code>; while the setting <code>keepBodies</code> is on, also with what each write sent.',
  },
  {
    route: 'GET /control/events',
    about: 'A stream of lines of JSON: one when a request begins (before anything is done), one when it ends.',
  },
  {
    route: 'GET /control/settings',
    about:
      'All settings: latency, clock offset, page sizes, limits, and switches for what real systems do differently.',
  },
  {
    route: 'POST /control/settings',
    about: 'Changes the given settings until the sandbox ends.',
    example:
      '{"SALES": {"maxPageSize": 50, "limits": {"enforced": true, "requests": 20}}, "BUSINESS": {"companionApi": false}}',
  },
  { route: 'DELETE /control/settings', about: 'Sets all settings back to their defaults.' },
  { route: 'POST /control/expire-deltas', about: 'Every change token of Dataverse that was given so far is expired.' },
];

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The sandbox's own page: where everything is, and what can be done with it. */
export function page(host: string): string {
  const base = `http://${escape(host)}`;
  const addresses: readonly (readonly [string, string])[] = [
    ['Business Central, API v2.0', `${base}/v2.0/${TENANT}/production/api/v2.0/`],
    ['Business Central, custom API', `${base}/v2.0/${TENANT}/production/api/tandem/companion/v1.0/`],
    ['Dynamics NAV 2018, OData V4', `${base}/${NAV_INSTANCE}/ODataV4/Company('CRONUS%20International%20Ltd.')/`],
    ['Dataverse Web API', `${base}/api/data/v9.2/`],
    ['Access tokens', `POST ${base}/${TENANT}/oauth2/v2.0/token`],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tandem sandbox</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: .25rem; }
h2 { margin-top: 2.25rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); }
th { white-space: nowrap; font-weight: 600; }
code, pre { font: .9em ui-monospace, monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .5rem .75rem; border-radius: .4rem; overflow-x: auto; margin: .5rem 0 0; white-space: pre-wrap; }
</style>
</head>
<body>
<main>
<h1>Tandem sandbox</h1>
<p>Business Central, Dynamics NAV 2018 and Dataverse on one made-up world, for trying things out and for tests. Nothing here is real, and nothing leaves this machine.</p>
<h2>Addresses</h2>
<table>${addresses.map(([name, address]) => `<tr><th scope="row">${name}</th><td><code>${address}</code></td></tr>`).join('')}</table>
<p>Tokens are given for client credentials. The secret of every client is <code>sandbox-secret</code>; the scope is
<code>https://api.businesscentral.dynamics.com/.default</code> or <code>${base}/.default</code>.</p>
<table>${clients.map(({ id, about }) => `<tr><th scope="row"><code>${id}</code></th><td>${about}</td></tr>`).join('')}</table>
<p>Dynamics NAV takes a user name and its web service access key, which is <code>${NAV_ACCESS_KEY}</code> for
${navUsers.map((user) => `<code>${user}</code>`).join(' and ')}.</p>
<h2>Control</h2>
<p>JSON, without a token. Data are kept over a restart; settings, faults and counters are not.</p>
<table>${controls.map(row).join('')}</table>
<h2>Settings and their defaults</h2>
<p>What real systems do differently from one another, or rarely, is a setting; <code>src/sandbox/settings.ts</code> explains each.</p>
<pre>${escape(JSON.stringify(defaultSettings(), null, 2))}</pre>
<p>Business Central also tells clients of changes: <code>POST …/api/v2.0/subscriptions</code>, to addresses on this machine alone.</p>
</main>
</body>
</html>
`;
}

function row({ route, about, example }: Route): string {
  return `<tr><th scope="row"><code>${escape(route)}</code></th><td>${about}${example === undefined ? '' : `<pre>${escape(example)}</pre>`}</td></tr>`;
}
