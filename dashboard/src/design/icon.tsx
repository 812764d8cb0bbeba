const paths = {
  overview: 'M3 11h6V3H3v8Zm0 6h6v-4H3v4Zm8 0h6V9h-6v8Zm0-14v4h6V3h-6Z',
  entries: 'M4 5h12M4 10h12M4 15h7M15 13.5v3.5M13.2 15.2h3.6',
  runs: 'M10 3a7 7 0 1 0 7 7M10 6v4l3 2M13 3h4v4',
  mappings: 'M4 6h9l-2.5-2.5M16 14H7l2.5 2.5M4 6v0M16 14v0',
  rules: 'M3 5h5M3 15h5M8 5c4 0 2 10 6 10h3M14 12l3 3-3 3M8 15c2 0 2.5-2 3-4M12.5 7c.5-1.2 1.2-2 3-2H17',
  couplings:
    'M8.5 11.5a3 3 0 0 0 4.2 0l2.4-2.4a3 3 0 0 0-4.2-4.2l-.9.9M11.5 8.5a3 3 0 0 0-4.2 0l-2.4 2.4a3 3 0 0 0 4.2 4.2l.9-.9',
  errors: 'M10 3.5 17.5 16.5h-15L10 3.5ZM10 8.5v3.5M10 14.2v.3',
  full: 'M5 4.5h4v4H5zM11 11.5h4v4h-4zM11 4.5h4v4h-4zM7 8.5v5h4',
  token: 'M12.5 3a4.5 4.5 0 0 0-4.3 5.8L3 14v3h3l.5-1.5H8V14h1.5l1.7-1.7A4.5 4.5 0 1 0 12.500 3ZM14 6.500h.1',
  audit: 'M5 3h7l3 3v11H5V3ZM8 9h4M8 12h4M8 6h2',
  connections: 'M3 5h14v4H3zM3 11h14v4H3zM6 7h.1M6 13h.1',
  ready: 'M6 4.5v11l9-5.5-9-5.5Z',
  hold: 'M7 4.5v11M13 4.5v11',
  once: 'M4.5 10a5.5 5.5 0 1 0 2-4.2M4.5 4v3h3M9 8v4l3-2-3-2Z',
  cancel: 'M5.5 5.5h9v9h-9z',
  ok: 'M4 10.5 8 14.5 16 5.5',
  wait: 'M10 4v6l3.5 2M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z',
  sleep: 'M15.5 12A6.5 6.5 0 0 1 8 4.5 6.5 6.5 0 1 0 15.5 12Z',
  bad: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  conflict: 'M10 3v8M10 14.5v.5M5 6l-2 4 2 4M15 6l2 4-2 4',
  skip: 'M4 5l6 5-6 5V5ZM11 5l6 5-6 5V5Z',
  broken: 'M8 12 6 14a2.8 2.8 0 0 1-4-4l2-2M12 8l2-2a2.8 2.8 0 0 1 4 4l-2 2M7 4v2M4 7h2M13 16v-2M16 13h-2',
  running: 'M10 3a7 7 0 0 1 7 7',
  copy: 'M7 7h9v9H7zM4 13V4h9',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13 13l4 4',
  theme: 'M10 3a7 7 0 1 0 0 14V3Z',
  out: 'M8 4H4v12h4M9 10h8M14 7l3 3-3 3',
  right: 'M4 10h11M11 6l4 4-4 4',
  left: 'M16 10H5M9 6l-4 4 4 4',
  both: 'M3 10h14M6.5 6.5 3 10l3.5 3.5M13.5 6.5 17 10l-3.5 3.5',
  open: 'M8 5l5 5-5 5',
  plus: 'M10 4v12M4 10h12',
  key: 'M3 6h14v9H3zM6 9h.1M9 9h.1M12 9h.1M14.5 9h.1M6.5 12h7',
  plan: 'M5 3h10v14H5zM8 7h4M8 10h4M8 13h2',
} as const;

export type IconName = keyof typeof paths;

/** A drawing beside a word; it is never alone, so it says nothing to those who do not see it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      className={`icon icon-${name}`}
      viewBox="0 0 20 20"
      width="16"
      height="16"
      aria-hidden="true"
      focusable="false"
    >
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
