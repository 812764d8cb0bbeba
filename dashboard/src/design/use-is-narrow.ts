import { useSyncExternalStore } from 'react';

// As in the style sheets: below this the navigation lies on top and tables keep their narrow columns only.
const query = window.matchMedia('(max-width: 820px)');

const subscribe = (listener: () => void): (() => void) => {
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
};

/** Whether the page is as narrow as a telephone's. */
export const useIsNarrow = (): boolean => useSyncExternalStore(subscribe, () => query.matches);
