// Choosing a batch from large pools: time, memory, and k-center beside numpy on the same vectors in the same run.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { node, root } from '../../scripts/begin/paths.mjs';
import { z } from 'zod';
import { dimensions, labelledImages } from './pool.ts';

const here = import.meta.dirname;
const hundredThousand = 100_000;
const million = 1_000_000;
const batch = 100;
const limits = { seconds100k: 2, seconds1m: 30, peakGb1m: 4, ratioKCenterToNumpy: 3 } as const;

const onceFigures = z.object({
  seconds: z.number(),
  peakGb: z.number(),
  blockedMs: z.number(),
  order: z.array(z.number()),
});
const numpyFigures = z.object({ seconds: z.number(), order: z.array(z.number()) });
const stepFigures = z.object({ seconds: z.number(), blockedMs: z.number() }).catchall(z.number());
const endToEndFigures = z.object({
  size: z.number(),
  facts: stepFigures,
  vectors: stepFigures,
  nearDuplicates: stepFigures,
  whole: stepFigures,
});

/** Runs a program whose last line is JSON. */
async function runJson<Figures>(
  schema: z.ZodType<Figures>,
  program: string,
  args: readonly string[],
): Promise<Figures> {
  const { stdout } = await promisify(execFile)(program, args, { cwd: root, maxBuffer: 2 ** 26 });
  return schema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

const endToEnd = (strategy: string, images: number, turns: number): Promise<z.infer<typeof endToEndFigures>> =>
  runJson(endToEndFigures, node, [join(here, 'endToEnd.ts'), strategy, `${images}`, `${turns}`]);
const once = (
  strategy: string,
  images: number,
  shape: string,
  turns: number,
  ...file: string[]
): Promise<z.infer<typeof onceFigures>> =>
  runJson(onceFigures, node, [join(here, 'once.ts'), strategy, `${images}`, shape, `${turns}`, ...file]);

function python(): string | undefined {
  const venv = join(root, 'trainer', '.venv');
  return [join(venv, 'bin', 'python'), join(venv, 'Scripts', 'python.exe')].find(existsSync);
}

/** Medians of k-center and of numpy on the same vectors; null without a Python to compare with. */
interface KCenterFigures {
  readonly seconds: number;
  readonly numpySeconds: number | null;
  readonly ratio: number | null;
  /** How many of the chosen images are the same. */
  readonly same: number | null;
}

/** k-center and its reference in turns, so that other load on the machine affects both. */
async function kCenter(shape: string, turns: number): Promise<KCenterFigures> {
  const interpreter = python();
  const folder = await mkdtemp(join(tmpdir(), 'bench-select-'));
  try {
    const file = join(folder, 'vectors.f32');
    const ours: z.infer<typeof onceFigures>[] = [];
    const theirs: z.infer<typeof numpyFigures>[] = [];
    for (let turn = 0; turn < turns; turn++) {
      ours.push(await once('diversity', hundredThousand, shape, 1, file));
      if (interpreter !== undefined) {
        theirs.push(
          await runJson(numpyFigures, interpreter, [
            join(here, 'kCenter.py'),
            file,
            `${hundredThousand}`,
            `${dimensions}`,
            `${batch}`,
          ]),
        );
      }
    }
    const seconds = median(ours);
    const [[first], [reference]] = [ours, theirs];
    if (first === undefined || reference === undefined) return { seconds, numpySeconds: null, ratio: null, same: null };
    const chosen = new Set(reference.order);
    const same = first.order.filter((imageId) => chosen.has(imageId)).length;
    return { seconds, numpySeconds: median(theirs), ratio: seconds / median(theirs), same };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function median(runs: readonly { readonly seconds: number }[]): number {
  return runs.map(({ seconds }) => seconds).toSorted((a, b) => a - b)[Math.floor(runs.length / 2)] ?? NaN;
}

/** @returns seconds, peak memory in gigabytes, and the ratio to numpy; the worst of each. */
export async function bench(args: string[]): Promise<unknown> {
  const options = { turns: { type: 'string', default: '3' }, small: { type: 'boolean', default: false } } as const;
  const { values } = parseArgs({ args, options });
  const turns = Number(values.turns);
  if (!Number.isInteger(turns) || turns < 1) throw new Error(`--turns is a number from 1, not "${values.turns}".`);
  console.log(
    `${batch} of a pool, ${dimensions} dimensions, ${labelledImages} labelled; ${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} threads`,
  );
  const figures = {
    seconds100k: {} as Record<string, number>,
    seconds1m: {} as Record<string, number>,
    peakGb1m: {} as Record<string, number>,
    blockedMs: {} as Record<string, number>,
    endToEnd: {} as Record<string, z.infer<typeof endToEndFigures>>,
    kCenter: {} as Record<string, KCenterFigures>,
  };
  for (const strategy of ['hybrid', 'uncertainty']) {
    const small = await once(strategy, hundredThousand, 'clusters', turns);
    figures.seconds100k[strategy] = small.seconds;
    figures.blockedMs[`${strategy}100k`] = small.blockedMs;
    print(
      `${strategy}, 100,000`,
      `${small.seconds.toFixed(2)} s, caller held up ${small.blockedMs.toFixed(0)} ms at most`,
    );
    const whole = await endToEnd(strategy, hundredThousand, turns);
    figures.endToEnd[strategy] = whole;
    const steps = ['facts', 'vectors', 'nearDuplicates'] as const;
    const shares = steps.map((step) => `${step} ${whole[step].seconds.toFixed(2)} s`);
    print(
      '  from rows and vectors on disk',
      `${whole.whole.seconds.toFixed(2)} s (${shares.join(', ')}), caller held up ${whole.whole.blockedMs.toFixed(0)} ms at most`,
    );
    if (values.small) continue;
    const large = await once(strategy, million, 'clusters', 1);
    figures.seconds1m[strategy] = large.seconds;
    figures.peakGb1m[strategy] = large.peakGb;
    figures.blockedMs[`${strategy}1m`] = large.blockedMs;
    print(
      `${strategy}, 1,000,000`,
      `${large.seconds.toFixed(2)} s, ${large.peakGb.toFixed(2)} GB, caller held up ${large.blockedMs.toFixed(0)} ms at most`,
    );
  }
  for (const shape of ['clusters', 'noise']) {
    const result = await kCenter(shape, turns);
    figures.kCenter[shape] = result;
    const beside =
      result.ratio === null || result.numpySeconds === null
        ? 'no Python environment to compare with'
        : `numpy ${result.numpySeconds.toFixed(2)} s, ratio ${result.ratio.toFixed(2)}, ${result.same} of ${batch} the same`;
    print(`k-center, 100,000, ${shape}`, `${result.seconds.toFixed(2)} s; ${beside}`);
  }
  const ratios = Object.values(figures.kCenter).flatMap(({ ratio }) => (ratio === null ? [] : [ratio]));
  const summary = {
    seconds100k: worst(figures.seconds100k),
    seconds1m: worst(figures.seconds1m),
    peakGb1m: worst(figures.peakGb1m),
    ratioKCenterToNumpy: ratios.length === 0 ? null : Math.max(...ratios),
  };
  for (const key of ['seconds100k', 'seconds1m', 'peakGb1m', 'ratioKCenterToNumpy'] as const) {
    const value = summary[key];
    if (value !== null && value > limits[key]) {
      console.log(`${key} is ${value.toFixed(2)}, above ${limits[key]}.`);
      process.exitCode = 1;
    }
  }
  return { ...summary, details: figures };
}

function worst(byCase: Readonly<Record<string, number>>): number | null {
  const values = Object.values(byCase);
  return values.length === 0 ? null : Math.max(...values);
}

function print(what: string, figure: string): void {
  console.log(`${what.padEnd(32)}${figure}`);
}
