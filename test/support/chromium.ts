import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A browser that starts on this machine. */
export interface ChromiumProgram {
  readonly path: string;
  /** What its process needs beside this process's environment. */
  readonly env: Readonly<Record<string, string>>;
}

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/chromium', import.meta.url));
/** Libraries that a bare machine lacks; the package itself unpacks them only where it believes to be in a cloud function. */
const LIBRARIES = fileURLToPath(new URL('../../node_modules/@sparticuz/chromium/bin/al2023.tar.br', import.meta.url));
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * CHROMIUM_PATH, else a Chromium on PATH, else the one that the package @sparticuz/chromium carries, unpacked once beside
 * the other caches of this folder. Throws with what was tried when none starts.
 */
export async function findChromium(): Promise<ChromiumProgram> {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined && given !== '') return { path: given, env: {} };
  const installed = NAMES.map(onPath).find((path) => path !== null);
  if (installed) return { path: installed, env: {} };
  return carriedChromium();
}

function onPath(name: string): string | null {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

async function carriedChromium(): Promise<ChromiumProgram> {
  if (!existsSync(CACHE)) await unpack();
  const path = join(CACHE, 'chromium');
  const fonts = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(CACHE, 'fonts') };
  const candidates = [fonts, { ...fonts, LD_LIBRARY_PATH: join(CACHE, 'al2023', 'lib') }];
  for (const env of candidates) if (starts(path, env)) return { path, env };
  throw new Error(
    `No Chromium starts on this machine: CHROMIUM_PATH is not set, none of ${NAMES.join(', ')} is on PATH, and ${path} does not start. Install one, and set CHROMIUM_PATH to it`,
  );
}

const starts = (path: string, env: Readonly<Record<string, string>>): boolean =>
  spawnSync(path, ['--version', '--no-sandbox'], { env: { ...process.env, ...env }, timeout: 20_000 }).status === 0;

// The package unpacks into the folder for temporary files, and takes whatever it finds there for complete: it gets one of
// its own, which takes its place only when all of it is there.
async function unpack(): Promise<void> {
  const folder = `${CACHE}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    const { default: chromium, inflate } = await import('@sparticuz/chromium');
    await chromium.executablePath();
    await inflate(LIBRARIES);
    await rename(folder, CACHE);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (!existsSync(CACHE)) throw error;
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}
