import { NAV_ACCESS_KEY, NAV_INSTANCE, navUsers } from '../nav/service.js';
import { defaultSettings, type Settings } from '../settings.js';
import { BUSINESS_SCOPE, clients, SECRET, TENANT } from '../tokens.js';
import type { ExpectedCase } from '../world/generator/expected-case.js';
import { controls } from './page-controls.js';
import { examples } from './page-examples.js';
import { faultConditions, faultEffects } from './page-faults.js';
import { pageStyle } from './page-style.js';
import { settingDescriptions } from './setting-descriptions.js';

/** What the page tells of the sandbox as it is now. */
export interface PageFacts {
  readonly host: string;
  readonly seed: string;
  readonly dataDir: string | undefined;
  readonly companies: readonly string[];
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  readonly cases: readonly ExpectedCase[];
  readonly settings: Settings;
}

const systems = { BUSINESS: 'Business Central, NAV', SALES: 'Dataverse', NAV: 'NAV' } as const;

const sections = [
  ['try', 'Try it'],
  ['addresses', 'Addresses'],
  ['data', 'Data'],
  ['cases', 'Cases'],
  ['control', 'Control'],
  ['faults', 'Faults'],
  ['settings', 'Settings'],
] as const;

/** The sandbox's own page: where everything is, what is in it, and what can be done with it. */
export function page(facts: PageFacts): string {
  const base = `http://${facts.host}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tandem sandbox</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>Tandem sandbox</h1>
<p class="lead">Business Central, Dynamics NAV 2018 and Dataverse on one made-up world, for trying things out and for tests. Nothing here is real, and nothing leaves this machine.</p>
${factsList(facts)}
</header>
<nav aria-label="Sections"><ul>${sections.map(([id, title]) => `<li><a href="#${id}">${title}</a></li>`).join('')}</ul></nav>
<main>
${section('try', 'Try it', `<p class="soft">Each of these can be pasted into a shell as it is.</p>${examples(base).map(exampleText).join('')}`)}
${section('addresses', 'Addresses', addresses(base))}
${section('data', 'Data', dataText(facts))}
${section('cases', 'Cases', casesText(facts.cases))}
${section('control', 'Control', controlText(base))}
${section('faults', 'Faults', faultText())}
${section('settings', 'Settings', settingsText(facts.settings))}
</main>
<footer><p>Data are kept over a restart; settings, faults and counters are not.</p></footer>
</body>
</html>
`;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const code = (text: string): string => `<code>${escape(text)}</code>`;
const block = (text: string): string => `<pre tabindex="0">${escape(text)}</pre>`;
const section = (id: string, title: string, content: string): string =>
  `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>`;
const badge = (system: keyof typeof systems): string => `<span class="system ${system}">${systems[system]}</span>`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = ([first = '', ...rest]: readonly string[]): string =>
    `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  const titles = head.map((title) => `<th scope="col">${title}</th>`).join('');
  return `<table class="stack"><thead><tr>${titles}</tr></thead><tbody>${rows.map(cells).join('')}</tbody></table>`;
}

function factsList({ seed, dataDir, companies, tables }: PageFacts): string {
  const rows = tables.reduce((sum, one) => sum + one.rows, 0);
  const told = [
    ['Companies', companies.join(', ')],
    ['Records', rows.toLocaleString('en')],
    ['Made from the seed', seed],
    ['Kept in', dataDir ?? 'memory alone'],
  ];
  return `<dl class="facts">${told.map(([name = '', value = '']) => `<div><dt>${name}</dt><dd>${escape(value)}</dd></div>`).join('')}</dl>`;
}

const exampleText = ({ title, about, command }: ReturnType<typeof examples>[number]): string =>
  `<h3>${title}</h3><p>${about}</p>${block(command)}`;

function addresses(base: string): string {
  const places = [
    ['Business Central, API v2.0', `${base}/v2.0/${TENANT}/production/api/v2.0/`],
    ['Business Central, custom API', `${base}/v2.0/${TENANT}/production/api/tandem/companion/v1.0/`],
    ['Dynamics NAV 2018, OData V4', `${base}/${NAV_INSTANCE}/ODataV4/`],
    ['Dataverse Web API', `${base}/api/data/v9.2/`],
    ['Access tokens', `POST ${base}/${TENANT}/oauth2/v2.0/token`],
  ];
  return `${table(
    ['Service', 'Address'],
    places.map(([name = '', address = '']) => [name, code(address)]),
  )}
<h3>Sign in</h3>
<p>Tokens are given for client credentials. The secret of every client is ${code(SECRET)}; the scope is
${code(BUSINESS_SCOPE)} or ${code(`${base}/.default`)}.</p>
${table(
  ['Client', 'What it is for'],
  clients.map(({ id, about }) => [code(id), escape(about)]),
)}
<p>Dynamics NAV takes a user name and its web service access key, which is ${code(NAV_ACCESS_KEY)} for
${navUsers.map(code).join(' and ')}.</p>
<p>Business Central also tells clients of changes: ${code('POST …/api/v2.0/subscriptions')}, to addresses on this machine alone.</p>`;
}

function dataText({ tables, companies }: PageFacts): string {
  const ofSide = (side: 'BUSINESS' | 'SALES') => tables.filter(({ name, rows }) => name.startsWith(side) && rows > 0);
  const list = (side: 'BUSINESS' | 'SALES'): string => {
    const sums = new Map<string, number>();
    for (const { name, rows } of ofSide(side)) {
      const title = name.slice(name.lastIndexOf('/') + 1);
      sums.set(title, (sums.get(title) ?? 0) + rows);
    }
    const rows = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `<div><h3>${badge(side)}</h3><table><tbody>${rows
      .map(
        ([title, count]) =>
          `<tr><th scope="row">${escape(title)}</th><td class="number">${count.toLocaleString('en')}</td></tr>`,
      )
      .join('')}</tbody></table></div>`;
  };
  return `<p>Rows by table; those of its ${companies.length} companies together. About six of ten customers have an account that is the same firm. Nothing is coupled at the start.</p>
<div class="columns">${list('BUSINESS')}${list('SALES')}</div>`;
}

/** Records of one case are told together: how many, with the name of the first ones. */
const SHOWN_NAMES = 3;

function casesText(cases: readonly ExpectedCase[]): string {
  const groups = Map.groupBy(cases, (one) => `${one.system} ${one.case}`);
  const rows = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = group.slice(0, SHOWN_NAMES).map(({ name }) => escape(name));
    const more = group.length > names.length ? ` and ${group.length - names.length} more` : '';
    return [
      [
        escape(first.case),
        badge(first.system),
        escape(first.expected),
        `<span class="soft">${names.join(', ')}${more}</span>`,
      ],
    ];
  });
  return `<p>Records that are in the data on purpose, and what the default setup makes of them. <a href="/control/cases">All with their ids</a></p>
${table(['Case', 'System', 'What becomes of it', 'Records'], rows)}`;
}

function controlText(base: string): string {
  const groups = controls.map(({ title, controls: some }) => {
    const rows = some.map(({ verb, path, about, example }) => {
      const shown = `<code><span class="verb">${verb}</span>${escape(path)}</code>`;
      const isLink = verb === 'GET' && path !== '/control/events';
      return [
        isLink ? `<a href="${escape(path)}">${shown}</a>` : shown,
        `${escape(about)}${example === undefined ? '' : block(example)}`,
      ];
    });
    return `<h3>${title}</h3>${table(['Request', 'What it does'], rows)}`;
  });
  return `<p>JSON, without a token, below ${code(base)}.</p>${groups.join('')}`;
}

const faultText = (): string =>
  `<p>${code('POST /control/faults')} plans a fault; what is not told matches. The first one that answers instead of the system ends the search.</p>
<h3>Which operations</h3>${table(
    ['Told', 'Strikes'],
    faultConditions.map(({ name, about }) => [code(name), escape(about)]),
  )}
<h3>What becomes of them: <code>"effect"</code></h3>${table(
    ['Effect', 'What happens'],
    faultEffects.map(({ name, about }) => [code(name), escape(about)]),
  )}`;

type Group = { readonly [name: string]: unknown };
const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface SettingRow {
  readonly path: string;
  readonly about: string;
  readonly now: unknown;
  readonly normal: unknown;
}

function settingRows(about: Group, now: Group, normal: Group, path: string): readonly SettingRow[] {
  return Object.entries(about).flatMap(([name, told]): readonly SettingRow[] => {
    const at = path === '' ? name : `${path}.${name}`;
    const [value, usual] = [now[name], normal[name]];
    return isGroup(told) && isGroup(value) && isGroup(usual)
      ? settingRows(told, value, usual, at)
      : [{ path: at, about: String(told), now: value, normal: usual }];
  });
}

function settingsText(settings: Settings): string {
  const rows = settingRows(
    settingDescriptions,
    settings as unknown as Group,
    defaultSettings() as unknown as Group,
    '',
  );
  const shown = (value: unknown): string => code(JSON.stringify(value));
  const list = (some: readonly SettingRow[]): string =>
    table(
      ['Setting', 'What it does', 'Now'],
      some.map(({ path, about, now, normal }) => [
        code(path.replace(/^(?:SALES|BUSINESS|NAV)\./, '')),
        escape(about),
        JSON.stringify(now) === JSON.stringify(normal)
          ? shown(now)
          : `${shown(now)} <span class="soft">else ${shown(normal)}</span>`,
      ]),
    );
  const ofSystem = (system: keyof typeof systems, title: string): string =>
    `<details><summary>${title} <span class="soft">${code(system)}</span></summary>${list(rows.filter(({ path }) => path.startsWith(`${system}.`)))}</details>`;
  return `<p>What real systems do differently from one another, or rarely. They are back at their defaults after a restart.</p>
${list(rows.filter(({ path }) => !path.includes('.')))}
${ofSystem('SALES', 'Dataverse')}${ofSystem('BUSINESS', 'Business Central')}${ofSystem('NAV', 'Dynamics NAV 2018')}`;
}
