import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { identityOf } from '../../../src/store/mongod/process-identity.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { type RunningProcess, startProcess } from '../../support/processes.js';

const OWNER = fileURLToPath(new URL('../../support/programs/sandbox-owner.mjs', import.meta.url));
const LITTLE_SANDBOX = fileURLToPath(new URL('../../support/programs/little-sandbox.mjs', import.meta.url));

let dataDir: string;
let port: number;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tandem-sandbox-'));
  port = await freePort();
});
afterEach(async () => {
  await eventually('the port is free again', async () => (await sandboxPid()) === undefined);
  rmSync(dataDir, { recursive: true });
});

function owner(folder = dataDir): RunningProcess {
  return startProcess(OWNER, { args: [JSON.stringify({ port, dataDir: folder, program: LITTLE_SANDBOX })] });
}

async function sandboxPid(): Promise<number | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/control`, { signal: AbortSignal.timeout(1_000) });
    return z.object({ pid: z.number() }).parse(await answer.json()).pid;
  } catch {
    return undefined;
  }
}

describe('the sandbox as a process of its own', () => {
  test('is started, and ended by the one who started it', async () => {
    await using service = owner();
    const [, url] = await service.line(/^open (.+)$/);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    const pid = await sandboxPid();
    expect(pid).toBeGreaterThan(0);
    expect(await service.stop()).toMatchObject({ code: 0 });
    expect(identityOf(pid ?? 0)).toBeUndefined();
  });

  test('is joined by a second service, which leaves it alone when it ends', async () => {
    await using first = owner();
    await first.line(/^open /);
    const pid = await sandboxPid();
    await using second = owner();
    await second.line(/joined the one that already runs/);
    await second.line(/^open /);
    await second.stop();
    expect(await sandboxPid()).toBe(pid);
  });

  test('is one and the same for services that start at the same moment', async () => {
    await using first = owner();
    await using second = owner();
    await Promise.all([first.line(/^open /), second.line(/^open /)]);
    expect([first, second].filter((one) => one.output().includes('Sandbox started'))).toHaveLength(1);
  });

  test('ends by itself when its parent is killed', async () => {
    const service = owner();
    await service.line(/^open /);
    const pid = await sandboxPid();
    await service.kill();
    await eventually('the sandbox has ended', () => identityOf(pid ?? 0) === undefined);
  });

  test('is started again by a service that had joined it, after its own parent was killed', async () => {
    const first = owner();
    await first.line(/^open /);
    await using second = owner();
    await second.line(/^open /);
    const pid = await sandboxPid();
    await first.kill();
    const next = await eventually('another sandbox runs', async () => {
      const found = await sandboxPid();
      return found !== undefined && found !== pid ? found : undefined;
    });
    expect(next).not.toBe(pid);
  });

  test('is refused while another program has the port, and left there untouched', async () => {
    const other = createServer((_request, response) => response.writeHead(404).end('not here'));
    await new Promise<void>((resolve) => {
      other.listen(port, '127.0.0.1', resolve);
    });
    try {
      await using service = owner();
      const [, reason] = await service.line(/^failed (.+)$/);
      expect(reason).toBe(
        `SANDBOX_PORT: port ${port} is taken by another program (it answers /control with status 404). ` +
          'Stop that, or set SANDBOX_PORT to a free port; SANDBOX=off goes without.',
      );
    } finally {
      other.close();
    }
  });

  test('is refused while a sandbox of another data folder has the port', async () => {
    await using first = owner();
    await first.line(/^open /);
    const elsewhere = join(dataDir, 'elsewhere');
    await using second = owner(elsewhere);
    const [, reason] = await second.line(/^failed (.+)$/);
    expect(reason).toContain(`taken by a sandbox with the data folder ${dataDir}`);
  });
});
