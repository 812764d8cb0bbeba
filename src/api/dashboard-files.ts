import { readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type RequestHandler, Router } from 'express';

/** How people sign in at an OpenID provider; told to everybody who opens the dashboard, before any sign-in. */
export interface OpenIdSignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  /** What else the provider wants in its requests, by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface DashboardOptions {
  /** Where the built dashboard lies. */
  readonly folder: string;
  /** Null: people sign in with a token that they bring. */
  readonly openId: OpenIdSignIn | null;
}

/**
 * What a page of the dashboard may load and where it may send: this service alone, and the OpenID provider where one signs
 * people in. No script and no style stands in a page itself, so nothing that a record holds can ever run.
 */
const contentSecurityPolicy = (openId: OpenIdSignIn | null): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${openId === null ? '' : ` ${new URL(openId.issuer).origin}`}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

// The names of built files change with their content, so a copy of one is never out of date.
const LONG = 'public, max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';

const COMPRESSED = [
  { encoding: 'br', extension: '.br' },
  { encoding: 'gzip', extension: '.gz' },
] as const;

/**
 * Serves the built dashboard at `/`: its files as they are, compressed where the browser takes that, and index.html for
 * every other address, since the pages behind it are made in the browser. The files are open; they hold no data. So is
 * `/sign-in.json`, which tells the page where people sign in.
 */
export function dashboardFiles({ folder, openId }: DashboardOptions): Router {
  const built = builtFiles(folder);
  const policy = contentSecurityPolicy(openId);
  const router = Router();
  router.get('/sign-in.json', (_request, response) => {
    response.set('Cache-Control', ASK_EACH_TIME).json({ openId });
  });
  router.get('/{*path}', (request, response, next) => {
    const files = built();
    if (files.has('/index.html')) return serve(folder, files, policy)(request, response, next);
    if (request.path !== '/') return next();
    response.status(404).type('text').send('The dashboard was not built. Build it with: npm run build\n');
  });
  return router;
}

/** The files as they are now: read again after a new build, known beforehand so that no address leads anywhere else. */
function builtFiles(folder: string): () => ReadonlySet<string> {
  let files: ReadonlySet<string> = new Set();
  let builtAt: number | undefined;
  return () => {
    const writtenAt = statSync(join(folder, 'index.html'), { throwIfNoEntry: false })?.mtimeMs;
    if (writtenAt !== builtAt) files = filesOf(folder);
    builtAt = writtenAt;
    return files;
  };
}

function serve(folder: string, files: ReadonlySet<string>, policy: string): RequestHandler {
  return (request, response, next) => {
    const path = servedPath(request.path, files);
    if (path === null) return next();
    const copy = COMPRESSED.find(
      ({ encoding, extension }) => files.has(path + extension) && request.acceptsEncodings(encoding) === encoding,
    );
    response.set({
      'Content-Security-Policy': policy,
      'Cache-Control': path.startsWith('/assets/') ? LONG : ASK_EACH_TIME,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      Vary: 'Accept-Encoding',
    });
    if (copy) response.set('Content-Encoding', copy.encoding);
    response.type(path.slice(path.lastIndexOf('.')));
    response.sendFile(path + (copy?.extension ?? ''), { root: folder, cacheControl: false, dotfiles: 'allow' });
  };
}

// An address without a dot in its last part is a page; a file that is not there stays not found. Ids of pages are
// url-safe base64, which has no dot.
function servedPath(path: string, files: ReadonlySet<string>): string | null {
  if (files.has(path)) return path;
  return path.slice(path.lastIndexOf('/')).includes('.') ? null : '/index.html';
}

/** Paths below the folder, as an address names them. */
function filesOf(folder: string): ReadonlySet<string> {
  try {
    return new Set(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).split(sep).join('/')),
    );
  } catch {
    return new Set();
  }
}
