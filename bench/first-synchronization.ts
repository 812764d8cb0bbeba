import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bareLoop } from './bare-loop.ts';
import { BenchWorld, type Engine, type Measured } from './synchronization-world.ts';

/**
 * What the synchronization costs, as ratios within one run; the sandbox is a process of its own.
 *
 * `npm run bench:first-synchronization`; with `-- --pairs=5000 --parts=first,idle,changes,memory` other sizes and parts.
 */
const option = (name: string, standard: string): string =>
  process.argv.find((given) => given.startsWith(`--${name}=`))?.slice(name.length + 3) ?? standard;
const numbers = (name: string, standard: string): number[] => option(name, standard).split(',').map(Number);
const PAIRS = Number(option('pairs', '50000'));
const REPEATS = Number(option('repeats', '2'));
const COUPLINGS = Number(option('couplings', '100000'));
const SIZES = numbers('sizes', '10000,100000');
const CHANGES = Number(option('changes', '1000'));
const MEMORY = numbers('memory', '10000,500000');
/** Also where the last run spent its time. */
const DETAIL = process.argv.includes('--detail');
const first = { full: true, mode: 'MATCH_THEN_CREATE' } as const;

const parts: Readonly<Record<string, (world: BenchWorld) => Promise<void>>> = {
  /** Beside the bare loop, in turn, so that both see the same machine. */
  async first(world) {
    const bare: Measured[] = [];
    const product: Measured[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      await world.reset(PAIRS);
      const db = await world.database('bare');
      bare.push(await world.measure(() => bareLoop(world, db)));
      await world.reset(PAIRS);
      const engine = await world.engine(await world.database('product'));
      world.spent.clear();
      product.push(await world.measure(() => engine.run(first)));
      await engine.close();
    }
    const [quickBare, quickProduct] = [quickest(bare), quickest(product)];
    tell(`first synchronization of ${PAIRS} pairs`, {
      ...toldOf('bare loop', quickBare),
      ...toldOf('product', quickProduct),
      'ratio of CPU of all processes': allCpu(quickBare) / allCpu(quickProduct),
      'ratio (aim 0.5 and more)': quickBare.elapsed / quickProduct.elapsed,
    });
    if (DETAIL) world.spent.tell();
  },

  async idle(world) {
    const engine = await synchronized(world, COUPLINGS);
    await engine.run();
    await world.control('DELETE', 'requests');
    const { elapsed, cpu } = await world.measure(() => engine.run());
    tell(`run with nothing to do over ${COUPLINGS} couplings`, {
      'CPU, s (that of this process: aim under 0.2)': allCpu({ elapsed, cpu }),
      ...Object.fromEntries(Object.entries(cpu).map(([name, seconds]) => [`of which ${name}, s`, seconds])),
      'elapsed, ms': elapsed * 1_000,
      'requests (aim at most 2 a side)': await requestsOf(world),
    });
    await engine.close();
  },

  async changes(world) {
    const taken: Measured[] = [];
    for (const size of SIZES) {
      const engine = await synchronized(world, size);
      await engine.run();
      const runs: Measured[] = [];
      for (let repeat = 0; repeat <= REPEATS; repeat += 1) {
        await edit(engine, CHANGES, repeat);
        world.spent.clear();
        runs.push(await world.measure(() => engine.run()));
      }
      // The first one warms up.
      taken.push(quickest(runs.slice(1)));
      if (DETAIL) world.spent.tell();
      await engine.close();
    }
    const [few, many] = [taken[0], taken.at(-1)];
    if (few === undefined || many === undefined) throw new Error('--sizes: expected at least one size');
    tell(`${CHANGES} changes`, {
      ...Object.assign({}, ...taken.map((one, index) => toldOf(`among ${SIZES[index]} records`, one))),
      'ratio of CPU of all processes': allCpu(many) / allCpu(few),
      'ratio of the last to the first (aim at most 1.2)': many.elapsed / few.elapsed,
    });
  },

  /** Each size in a process of its own, whose peak the system tells. */
  async memory() {
    const peaks = MEMORY.map((size) => peakOf(size));
    tell('peak memory of a first synchronization', {
      ...Object.fromEntries(MEMORY.map((size, index) => [`with ${size} records, MB`, peaks[index] ?? 0])),
      'difference, MB (aim at most 64)': (peaks.at(-1) ?? 0) - (peaks[0] ?? 0),
    });
  },

  /** What `memory` runs in processes of their own. */
  async peak(world) {
    const engine = await synchronized(world, PAIRS);
    await engine.close();
    console.log(`peak ${process.resourceUsage().maxRSS}`);
  },
};

async function synchronized(world: BenchWorld, pairs: number): Promise<Engine> {
  await world.reset(pairs);
  const engine = await world.engine(await world.database('product'));
  await engine.run(first);
  return engine;
}

/** So many customers get another telephone number, as somebody who works with the business system changes them. */
async function edit({ connectors: { BUSINESS } }: Engine, count: number, repeat: number): Promise<void> {
  const signal = new AbortController().signal;
  const request = { table: 'customers', fields: ['phoneNumber'], cursor: null };
  let left = count;
  for await (const { rows } of BUSINESS.readChanges(request, signal)) {
    const chosen = rows.slice(0, left);
    left -= chosen.length;
    await BUSINESS.write(
      {
        table: 'customers',
        fields: [],
        operations: chosen.map(({ id, version }, index) => ({
          kind: 'UPDATE',
          id,
          version,
          values: { phoneNumber: `+47 ${repeat} ${index}` },
        })),
      },
      signal,
    );
    if (left === 0) return;
  }
}

function peakOf(pairs: number): number {
  const program = fileURLToPath(import.meta.url);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...memoryOptions(), program, '--parts=peak', `--pairs=${pairs}`],
    { encoding: 'utf8' },
  );
  const peak = /peak (\d+)/.exec(stdout)?.[1];
  if (peak === undefined) throw new Error(`${pairs} records: ${stderr}`);
  return Number(peak) / 1_024;
}

/** By which a worker keeps its memory small: the options that `npm run worker` gives to Node. */
function memoryOptions(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly scripts: { readonly worker: string };
  };
  return scripts.worker.match(/--(?:heap|max)-\S+/g) ?? [];
}

async function requestsOf(world: BenchWorld): Promise<number> {
  const { total } = (await world.control('GET', 'requests')) as { readonly total: number };
  return total;
}

const quickest = (measured: readonly Measured[]): Measured =>
  measured.reduce((best, one) => (one.elapsed < best.elapsed ? one : best));

const allCpu = ({ cpu }: Measured): number => Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);

const toldOf = (name: string, { elapsed, cpu }: Measured): Record<string, number> => ({
  [`${name}, s`]: elapsed,
  ...Object.fromEntries(Object.entries(cpu).map(([process, seconds]) => [`${name}: CPU of ${process}, s`, seconds])),
});

function tell(what: string, figures: Readonly<Record<string, number>>): void {
  console.log(what);
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(50)} ${value.toFixed(2)}`);
}

await using world = await BenchWorld.open();
for (const part of option('parts', 'first,idle,changes,memory').split(',')) {
  const measure = parts[part];
  if (measure === undefined) throw new Error(`${part}: no such part; there are ${Object.keys(parts).join(', ')}`);
  await measure(world);
}
