import type { ReactNode } from 'react';

export interface SignInCardProps {
  readonly heading: string;
  readonly children: ReactNode;
}

/** The whole window, while no pages are shown. */
export const SignInCard = ({ heading, children }: SignInCardProps) => (
  <main className="sign-in">
    <div className="sign-in-card">
      <img src="/icon.svg" alt="" width="40" height="40" />
      <h1>{heading}</h1>
      {children}
    </div>
  </main>
);
