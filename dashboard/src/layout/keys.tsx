import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { places } from './places';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Moves the focus among the rows of the list on screen. A row's first link stands for it. */
function moveRow(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row] a, [data-row] [data-row-focus]')].filter(
    (element, index, all) =>
      all.findIndex((other) => other.closest('[data-row]') === element.closest('[data-row]')) === index,
  );
  const current = rows.findIndex((row) => row.closest('[data-row]')?.contains(document.activeElement));
  const next =
    rows[current === -1 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(current + step, 0), rows.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** Presses what names this key in the focused row, or else on the page, but in no row that nobody stands on. */
function pressAction(key: string): boolean {
  const named = [...document.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(key)}"]:not(:disabled)`)];
  const here = document.activeElement?.closest('[data-row]') ?? null;
  const action =
    named.find((one) => here !== null && here.contains(one)) ?? named.find((one) => one.closest('[data-row]') === null);
  action?.click();
  return action !== undefined;
}

const BETWEEN_KEYS_MS = 1_200;

/** The keys that work everywhere, and the overlay that lists them. */
export function Keys() {
  const [, go] = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [wentAt, setWentAt] = useState(0);

  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]') && event.key !== '?') return;
      const place = places.find(({ key }) => key === event.key);
      if (place && Date.now() - wentAt < BETWEEN_KEYS_MS) {
        setWentAt(0);
        go(place.path);
      } else if (event.key === 'g') setWentAt(Date.now());
      else if (event.key === '?') toggle(dialog.current);
      else if (event.key === 'j') moveRow(1);
      else if (event.key === 'k') moveRow(-1);
      else if (event.key === '/') document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
      else if (!pressAction(event.key)) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [go, wentAt]);

  return (
    <dialog ref={dialog} className="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl>
        {places.map(({ key, title }) => (
          <Key key={key} keys={['g', key]} does={title} />
        ))}
        <Key keys={['j']} does="Next row" />
        <Key keys={['k']} does="Previous row" />
        <Key keys={['Home', 'End']} does="First and last row of a list" />
        <Key keys={['Enter']} does="Open the row" />
        <Key keys={['/']} does="Search" />
        <Key keys={['r']} does="Set the row Ready" />
        <Key keys={['h']} does="Put the row on hold" />
        <Key keys={['o']} does="Run the row once" />
        <Key keys={['x']} does="Choose the row" />
        <Key keys={['p']} does="Hold live lists still, or let them go" />
        <Key keys={['?']} does="This list" />
        <Key keys={['Esc']} does="Close" />
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

function Key({ keys, does }: { readonly keys: readonly string[]; readonly does: string }) {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </div>
  );
}

function toggle(dialog: HTMLDialogElement | null): void {
  if (dialog?.open) dialog.close();
  else dialog?.showModal();
}

/** Opens the overlay from a button, for those who do not know the key yet. */
export const showKeys = (): void => document.querySelector<HTMLDialogElement>('dialog.keys')?.showModal();
