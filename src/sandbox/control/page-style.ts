/** How the sandbox's own page looks: one column of quiet sections, readable on a telephone, light and dark. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f5f6f8, #0f1318);
  --surface: light-dark(#ffffff, #171c23);
  --sunken: light-dark(#eef0f4, #0c1015);
  --line: light-dark(#dfe3ea, #2a313b);
  --text: light-dark(#1a212c, #e6eaf0);
  --soft: light-dark(#4b5565, #aab4c2);
  --accent: light-dark(#1f5cb8, #82b1ff);
  --business: light-dark(#14637a, #6fc7de);
  --sales: light-dark(#6a3fb5, #bfa3f5);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4.5rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
.lead { font-size: 1.1rem; color: var(--soft); max-width: 46rem; margin: 0; }
nav { position: sticky; top: 0; z-index: 1; background: var(--ground); border-bottom: 1px solid var(--line); margin-top: 1.5rem; }
nav ul { max-width: 68rem; margin: 0 auto; padding: .6rem 1.25rem; list-style: none; display: flex; gap: .35rem; overflow-x: auto; scrollbar-width: thin; }
nav a { display: block; padding: .3rem .7rem; border-radius: 999px; color: var(--text); text-decoration: none; white-space: nowrap; }
nav a:hover { background: var(--surface); }
a { color: var(--accent); }
a:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 1.4rem 1.5rem; margin: 1.25rem 0; }
h2 { font-size: 1.25rem; margin: 0 0 .35rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
section > p { max-width: 48rem; }
p { margin: .4rem 0; }
.soft { color: var(--soft); }
dl.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1.25rem 0 0; }
dl.facts dt { color: var(--soft); font-size: .85rem; }
dl.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin-top: .6rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .9rem .5rem 0; border-top: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .85rem; font-weight: 500; border-top: 0; }
th[scope="row"] { font-weight: 600; }
td { min-width: 6rem; }
td.number { min-width: 0; }
tr > :last-child { padding-right: 0; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
code { overflow-wrap: break-word; }
td code { overflow-wrap: anywhere; }
pre { background: var(--sunken); border: 1px solid var(--line); border-radius: 8px; padding: .75rem .9rem; margin: .5rem 0 0; overflow-x: auto; white-space: pre; }
td pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.verb { display: inline-block; min-width: 3.6rem; color: var(--soft); }
.system { display: inline-block; border-radius: 999px; padding: 0 .6rem; font-size: .8rem; border: 1px solid currentColor; white-space: nowrap; }
.BUSINESS { color: var(--business); }
.SALES { color: var(--sales); }
.NAV { color: var(--business); }
details { border-top: 1px solid var(--line); padding: .6rem 0; }
details:first-of-type { margin-top: .6rem; }
summary { cursor: pointer; font-weight: 600; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 0 2rem; }
footer { color: var(--soft); padding-bottom: 3rem; font-size: .9rem; }
@media (max-width: 40rem) {
  header { padding-top: 1.5rem; }
  header, main, footer { padding-inline: .9rem; }
  nav ul { padding-inline: .9rem; }
  section { padding: 1.1rem 1rem; border-radius: 10px; }
}
@media (max-width: 60rem) {
  table.stack, table.stack tbody { display: block; }
  table.stack thead { display: none; }
  code { overflow-wrap: anywhere; }
  table.stack tr { display: block; border-top: 1px solid var(--line); padding: .6rem 0; }
  table.stack th, table.stack td { display: block; border: 0; padding: 0 0 .2rem; text-align: left; }
}
`;
