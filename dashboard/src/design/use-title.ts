import { useEffect } from 'react';

/** What the browser's tab shows. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Tandem`;
  }, [title]);
}
