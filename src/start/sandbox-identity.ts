import { readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Who answers on the sandbox's port. */
export type PortHolder =
  | { readonly is: 'nobody' }
  | { readonly is: 'our sandbox'; readonly pid: number }
  | { readonly is: 'another sandbox'; readonly dataDir: string | null }
  | { readonly is: 'something else'; readonly detail: string };

// It is on the same machine and answers from memory; a first start may be busy with making its data.
const ANSWER_MS = 3_000;

const introduction = z.object({
  service: z.literal('tandem-sandbox'),
  pid: z.number(),
  // null: it keeps its data in memory only.
  dataDir: z.string().nullable(),
});

/** Asks the control endpoint on a loopback port who it is. */
export async function whoHolds(port: number, dataDir: string): Promise<PortHolder> {
  let answer: Response;
  try {
    answer = await fetch(`http://127.0.0.1:${port}/control`, {
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch (error) {
    return isRefused(error) ? { is: 'nobody' } : { is: 'something else', detail: 'it does not answer over HTTP' };
  }
  const said = introduction.safeParse(await answer.json().catch(() => undefined));
  if (!said.success) return { is: 'something else', detail: `it answers /control with status ${answer.status}` };
  const { pid, dataDir: itsDataDir } = said.data;
  return itsDataDir !== null && samePlace(itsDataDir, dataDir)
    ? { is: 'our sandbox', pid }
    : { is: 'another sandbox', dataDir: itsDataDir };
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

function samePlace(a: string, b: string): boolean {
  return realPath(a) === realPath(b);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

const lock = z.object({ port: z.number() });

/** The port of the sandbox that works on this data folder, where one does and answers; it notes it in its folder. */
export async function portInUse(dataDir: string): Promise<number | null> {
  const noted = lock.safeParse(readNoted(join(dataDir, 'sandbox.lock')));
  if (!noted.success) return null;
  const holder = await whoHolds(noted.data.port, dataDir);
  return holder.is === 'our sandbox' ? noted.data.port : null;
}

function readNoted(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
