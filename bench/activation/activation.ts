// Activation as VS Code pays for it: evaluating dist/extension.js and calling activate(), each time in a fresh process,
// beside an extension that does nothing.
import { execFile } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { node, root } from '../../scripts/begin/paths.mjs';

const here = import.meta.dirname;
const limitMs = 100;

const subjects = {
  extension: join(root, 'dist', 'extension.js'),
  empty: join(here, 'emptyExtension.mjs'),
};

type Subject = keyof typeof subjects;
const subjectNames: readonly Subject[] = ['extension', 'empty'];

type Phase = 'evaluateMs' | 'activateMs' | 'totalMs' | 'cpuMs';
/** What one process measured, in milliseconds, and what the extension registered, by kind. */
type Activation = Record<Phase, number> & { readonly registered: Readonly<Record<string, number>> };
interface Spread {
  readonly median: number;
  readonly p90: number;
  readonly worst: number;
}
type Summary = Record<Phase, Spread>;

/** One activation in a separate process. @returns milliseconds of evaluation and of activate(). */
async function activateOnce(bundle: string): Promise<Activation> {
  const { stdout } = await promisify(execFile)(node, [join(here, 'activateOnce.ts'), bundle, root], { cwd: root });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Activation;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const [below = NaN, above = NaN] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}

function summary(runs: readonly Activation[]): Summary {
  const of = (key: Phase): Spread => {
    const values = runs.map((run) => run[key]);
    return {
      median: round(quantile(values, 0.5)),
      p90: round(quantile(values, 0.9)),
      worst: round(Math.max(...values)),
    };
  };
  return { evaluateMs: of('evaluateMs'), activateMs: of('activateMs'), totalMs: of('totalMs'), cpuMs: of('cpuMs') };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** @returns the figures of the extension and of the empty one, in milliseconds. */
export async function bench(args: string[]): Promise<object> {
  const { values } = parseArgs({ args, options: { runs: { type: 'string', default: '25' } } });
  const count = Number(values.runs);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--runs is a number from 1, not "${values.runs}".`);
  const runs: Record<Subject, Activation[]> = { extension: [], empty: [] };
  let registered: Activation['registered'] | undefined;
  // The first pair fills the disk cache and is not counted. Taking turns, both meet the same weather.
  for (let turn = -1; turn < count; turn++) {
    for (const name of subjectNames) {
      const run = await activateOnce(subjects[name]);
      if (turn >= 0) runs[name].push(run);
      if (name === 'extension') registered = run.registered;
    }
  }
  const figures = {
    bench: 'activation',
    runs: count,
    extension: summary(runs.extension),
    empty: summary(runs.empty),
    registered,
    limitMs,
    machine: { cpu: cpus()[0]?.model ?? 'unknown', threads: availableParallelism(), node: process.version },
  };
  console.log(`Activation, ${count} fresh processes each, milliseconds (median · 90 % · worst):`);
  for (const name of subjectNames) {
    const { evaluateMs, activateMs, totalMs, cpuMs } = figures[name];
    const told = [evaluateMs, activateMs, totalMs, cpuMs].map(
      ({ median, p90, worst }) => `${median} · ${p90} · ${worst}`,
    );
    console.log(
      `  ${name.padEnd(10)} evaluate ${told[0]}   activate ${told[1]}   together ${told[2]}   processor ${told[3]}`,
    );
  }
  const { median } = figures.extension.totalMs;
  console.log(`${median < limitMs ? 'Below' : 'NOT below'} the limit of ${limitMs} ms.`);
  if (median >= limitMs) process.exitCode = 1;
  return figures;
}
