import { type AnyVariables, stringifyDocument, type TypedDocumentNode } from '@urql/core';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef } from 'react';

interface Shown {
  readonly document: TypedDocumentNode<unknown, AnyVariables>;
  readonly variables: AnyVariables;
}

interface ShownOperations {
  readonly show: (shown: Shown) => () => void;
  readonly text: () => string;
}

const ShownOperationsContext = createContext<ShownOperations | null>(null);

/** Knows which queries the page on screen is made of, so that they can be copied and asked elsewhere. */
export function ShownOperationsProvider({ children }: { readonly children: ReactNode }) {
  const shown = useRef(new Set<Shown>());
  const value = useMemo<ShownOperations>(
    () => ({
      show: (operation) => {
        shown.current.add(operation);
        return () => shown.current.delete(operation);
      },
      text: () => [...shown.current].map(operationText).join('\n\n'),
    }),
    [],
  );
  return <ShownOperationsContext value={value}>{children}</ShownOperationsContext>;
}

function operationText({ document, variables }: Shown): string {
  const given = Object.entries(variables ?? {}).filter(([, value]) => value !== undefined);
  const comment = given.length === 0 ? '' : `# variables: ${JSON.stringify(Object.fromEntries(given))}\n`;
  return comment + stringifyDocument(document).trim();
}

export function useShownOperation() {
  const operations = useContext(ShownOperationsContext);
  return useCallback(
    <Data, Variables extends AnyVariables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) =>
      operations?.show({ document: document as TypedDocumentNode<unknown, AnyVariables>, variables }),
    [operations],
  );
}

/** The operations on screen as one text, with their variables as comments. */
export const useShownText = (): (() => string) => {
  const operations = useContext(ShownOperationsContext);
  return () => operations?.text() ?? '';
};
