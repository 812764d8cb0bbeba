import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

export interface Notice {
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

const NoticesContext = createContext<(notice: Notice) => void>(() => undefined);

/** Tells the person in one line what came of what they did. */
export const useNotify = () => useContext(NoticesContext);

const SHOWN_MS = 6_000;
const SHOWN_BAD_MS = 15_000;

export function Notices({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<readonly (Notice & { readonly id: number })[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setShown((before) => before.filter((notice) => notice.id !== id)), []);
  const notify = useCallback(
    (notice: Notice) => {
      next.current += 1;
      const id = next.current;
      setShown((before) => [...before.slice(-3), { ...notice, id }]);
      setTimeout(() => drop(id), notice.tone === 'bad' ? SHOWN_BAD_MS : SHOWN_MS);
    },
    [drop],
  );
  return (
    <NoticesContext value={notify}>
      {children}
      <section className="notices" aria-live="polite" aria-label="Notices">
        {shown.map(({ id, tone, text }) => (
          <p key={id} className={`notice notice-${tone}`}>
            <span>{text}</span>
            <button type="button" className="plain" onClick={() => drop(id)} aria-label="Dismiss">
              ×
            </button>
          </p>
        ))}
      </section>
    </NoticesContext>
  );
}
