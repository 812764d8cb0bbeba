import type { CombinedError } from '@urql/core';
import type { ReactNode } from 'react';
import { errorCode } from '../graphql/client';
import { CopyOperation } from '../layout/copy-operation';
import { useTitle } from './use-title';

export interface PageProps {
  readonly title: string;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, subtitle, actions, children }: PageProps) {
  useTitle(title);
  return (
    <>
      <header className="page-head">
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          {subtitle !== undefined && <p className="subtitle">{subtitle}</p>}
        </div>
        <div className="actions">
          {actions}
          <CopyOperation />
        </div>
      </header>
      {children}
    </>
  );
}

export interface AnswerProps<Data> {
  readonly of: {
    readonly data?: Data | undefined;
    readonly error?: CombinedError | undefined;
    readonly fetching: boolean;
    readonly reload: () => void;
  };
  /** How many lines the answer will take, so that nothing moves when it comes. */
  readonly lines?: number;
  readonly children: (data: Data) => ReactNode;
}

/** What was asked, once it is there; before that its outline, and in its place what went wrong. */
export function Answer<Data>({ of: { data, error, reload }, lines = 8, children }: AnswerProps<Data>) {
  if (data !== undefined && data !== null) return <>{children(data)}</>;
  if (error) return <Failure error={error} onRetry={reload} />;
  return <Outline lines={lines} />;
}

export function Outline({ lines }: { readonly lines: number }) {
  return (
    <div className="outline" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className={`outline-line outline-${line % 3}`} />
      ))}
    </div>
  );
}

const roleNeeded = 'Your token’s role may not see this. Ask whoever gave it to you for one with more rights.';

export function Failure({ error, onRetry }: { readonly error: CombinedError; readonly onRetry: () => void }) {
  const code = errorCode(error);
  if (code === 'FORBIDDEN') return <Empty title="Not for this role">{roleNeeded}</Empty>;
  const text =
    code === 'NETWORK'
      ? 'The service does not answer. This page goes on by itself when it does.'
      : error.graphQLErrors[0]?.message;
  return (
    <div className="empty" role="alert">
      <h2>{code === 'NETWORK' ? 'No connection' : 'That did not work'}</h2>
      <p>{text}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

/** Says why there is nothing here, and what would bring something. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** In place of a page that the role may not see. */
export const NotForRole = () => <Empty title="Not for this role">{roleNeeded}</Empty>;
