import { type ReactNode, useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { Icon } from '../design/icon';
import { mayAct } from '../session/session';
import { useSession } from '../session/session-context';
import { Keys, showKeys } from './keys';
import { LiveMark, StaleBar } from './live-mark';
import { isHere, places } from './places';
import { useTheme } from './theme';

export function Shell({ children }: { readonly children: ReactNode }) {
  const [here] = useLocation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  // Whoever goes to another page by key or by screen reader stands at its beginning.
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    // On a telephone the places lie beside each other, more than fit.
    document.querySelector('nav [aria-current=page]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [here]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Side here={here} />
      <div className="content">
        <StaleBar />
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <Keys />
    </div>
  );
}

function Side({ here }: { readonly here: string }) {
  const { viewer, signOut } = useSession();
  const { theme, next } = useTheme();
  return (
    <header className="side">
      <div className="brand">
        <img src="/icon.svg" alt="" width="22" height="22" />
        <span>Tandem</span>
      </div>
      <nav aria-label="Pages">
        <ul>
          {places
            .filter(({ role }) => mayAct(viewer.role, role))
            .map(({ path, title, icon, key }) => (
              <li key={path}>
                <Link href={path} aria-current={isHere(path, here) ? 'page' : undefined} title={`g ${key}`}>
                  <Icon name={icon} />
                  {title}
                </Link>
              </li>
            ))}
        </ul>
      </nav>
      <div className="side-foot">
        <LiveMark />
        <p className="who">
          {viewer.name} <span className="faint">{viewer.role.toLowerCase()}</span>
        </p>
        <div className="side-tools">
          <button type="button" className="quiet" onClick={next} title="Change the theme">
            <Icon name="theme" />
            {theme}
          </button>
          <button type="button" className="quiet" onClick={showKeys} title="Keys (?)">
            <Icon name="key" />
            Keys
          </button>
          <button type="button" className="quiet" onClick={signOut} title="Forget the token in this tab">
            <Icon name="out" />
            Out
          </button>
        </div>
      </div>
    </header>
  );
}
