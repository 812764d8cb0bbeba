import { useState } from 'react';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'tandem.theme';
const order: readonly Theme[] = ['system', 'light', 'dark'];

const stored = (): Theme => order.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';

export function applyTheme(theme: Theme = stored()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** The theme, and the way to the next one: as the system has it, light, dark. */
export function useTheme(): { readonly theme: Theme; readonly next: () => void } {
  const [theme, setTheme] = useState(stored);
  const next = (): void => {
    const following = order[(order.indexOf(theme) + 1) % order.length] ?? 'system';
    localStorage.setItem(KEY, following);
    applyTheme(following);
    setTheme(following);
  };
  return { theme, next };
}
