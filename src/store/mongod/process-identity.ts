import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One process, told apart from a later one that the system gives the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the system's own units; only good for comparing. */
  readonly startedAt: string;
}

/** The identity of the process that has this number now, or undefined when there is none or it has ended. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  if (process.platform === 'linux') return identityFromProc(pid);
  if (process.platform === 'win32') return isThere(pid) ? { pid, startedAt: '0' } : undefined;
  return identityFromPs(pid);
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid) ?? { pid: process.pid, startedAt: '0' };
}

/** Whether that very process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startedAt === identity.startedAt;
}

/** The command line of a process, its arguments divided by blanks; undefined when there is none or it cannot be read. */
export function commandLineOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    if (process.platform === 'win32') return undefined;
    return ps(pid, 'args=');
  } catch {
    return undefined;
  }
}

// After the program's name, which may hold blanks and brackets, come the state (the third value of the line) and, 19
// values later, the start time in ticks since the machine's start (proc(5)).
function identityFromProc(pid: number): ProcessIdentity | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const values = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return ended(values[0]) ? undefined : { pid, startedAt: values[19] ?? '0' };
  } catch {
    return undefined;
  }
}

function identityFromPs(pid: number): ProcessIdentity | undefined {
  try {
    const [state, ...start] = ps(pid, 'stat=,lstart=').trim().split(/\s+/);
    return ended(state) ? undefined : { pid, startedAt: start.join('_').replaceAll(/[^\w]/g, '_') };
  } catch {
    return undefined;
  }
}

// A process that has ended keeps its number until its parent asks for its result; in a container nobody may ever ask.
function ended(state: string | undefined): boolean {
  return state === undefined || state === '' || /^[ZXx]/.test(state);
}

function ps(pid: number, columns: string): string {
  return execFileSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 });
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
