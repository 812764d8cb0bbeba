import { Component, type ReactNode } from 'react';

interface CrashBoundaryProps {
  readonly children: ReactNode;
}

/** Keeps the navigation alive when a page breaks: the rest of the service is still there to be used. */
export class CrashBoundary extends Component<CrashBoundaryProps, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <div className="empty" role="alert">
        <h2>This page broke</h2>
        <p>The service itself goes on. Load the page again; when it breaks again, please report what you did.</p>
        <button type="button" onClick={() => location.reload()}>
          Load again
        </button>
      </div>
    );
  }
}
