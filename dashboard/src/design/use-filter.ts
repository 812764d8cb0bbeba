import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';

/** A page's filter lives in its address: it can be sent to somebody, and Back undoes it. */
export function useFilter() {
  const [parameters, setParameters] = useSearchParams();
  const one = useCallback((name: string): string => parameters.get(name) ?? '', [parameters]);
  const many = useCallback(
    (name: string): string[] => (parameters.get(name) ?? '').split(',').filter((value) => value !== ''),
    [parameters],
  );
  const set = useCallback(
    (name: string, value: string | readonly string[], { replace = false } = {}) => {
      setParameters(
        (before) => {
          const after = new URLSearchParams(before);
          const text = typeof value === 'string' ? value : value.join(',');
          if (text === '') after.delete(name);
          else after.set(name, text);
          return after;
        },
        { replace },
      );
    },
    [setParameters],
  );
  const setAll = useCallback(
    (values: Readonly<Record<string, string>>) =>
      setParameters((before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(values)) {
          if (value === '') after.delete(name);
          else after.set(name, value);
        }
        return after;
      }),
    [setParameters],
  );
  const clear = useCallback(() => setParameters(new URLSearchParams()), [setParameters]);
  return useMemo(
    () => ({ one, many, set, setAll, clear, isEmpty: parameters.size === 0 }),
    [one, many, set, setAll, clear, parameters],
  );
}

export type Filter = ReturnType<typeof useFilter>;
