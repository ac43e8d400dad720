// Choosing a batch from large pools: time, memory, and k-center beside numpy on the same vectors in the same run.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { node, root } from '../../scripts/begin/paths.mjs';
import { dimensions, labelledImages } from './pool.ts';

const here = import.meta.dirname;
const hundredThousand = 100_000;
const million = 1_000_000;
const batch = 100;
const limits = { seconds100k: 2, seconds1m: 30, peakGb1m: 4, ratioKCenterToNumpy: 3 };

async function runJson(program, args) {
  const { stdout } = await promisify(execFile)(program, args, { cwd: root, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const endToEnd = (...args) => runJson(node, [join(here, 'endToEnd.mjs'), ...args.map(String)]);
const once = (...args) => runJson(node, [join(here, 'once.ts'), ...args.map(String)]);

function python() {
  const venv = join(root, 'trainer', '.venv');
  return [join(venv, 'bin', 'python'), join(venv, 'Scripts', 'python.exe')].find(existsSync);
}

/** k-center and its reference, taking turns, so that both meet the same weather. @returns medians of both. */
async function kCenter(shape, turns) {
  const interpreter = python();
  const folder = await mkdtemp(join(tmpdir(), 'bench-select-'));
  try {
    const file = join(folder, 'vectors.f32');
    const [ours, theirs] = [[], []];
    for (let turn = 0; turn < turns; turn++) {
      ours.push(await once('diversity', hundredThousand, shape, 1, file));
      if (interpreter !== undefined) {
        theirs.push(
          await runJson(interpreter, [join(here, 'kCenter.py'), file, hundredThousand, dimensions, batch].map(String)),
        );
      }
    }
    const seconds = median(ours);
    if (interpreter === undefined) return { seconds, numpySeconds: null, ratio: null, same: null };
    const chosen = new Set(theirs[0].order);
    const same = ours[0].order.filter((imageId) => chosen.has(imageId)).length;
    return { seconds, numpySeconds: median(theirs), ratio: seconds / median(theirs), same };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function median(runs) {
  return runs.map(({ seconds }) => seconds).toSorted((a, b) => a - b)[Math.floor(runs.length / 2)];
}

/** @returns seconds, peak memory in gigabytes, and the ratio to numpy; the worst of each. */
export async function bench(args) {
  const options = { turns: { type: 'string', default: '3' }, small: { type: 'boolean', default: false } };
  const { values } = parseArgs({ args, options });
  const turns = Number(values.turns);
  if (!Number.isInteger(turns) || turns < 1) throw new Error(`--turns is a number from 1, not "${values.turns}".`);
  console.log(
    `${batch} of a pool, ${dimensions} dimensions, ${labelledImages} labelled; ${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} threads`,
  );
  const figures = { seconds100k: {}, seconds1m: {}, peakGb1m: {}, blockedMs: {}, endToEnd: {}, kCenter: {} };
  for (const strategy of ['hybrid', 'uncertainty']) {
    const small = await once(strategy, hundredThousand, 'clusters', turns);
    figures.seconds100k[strategy] = small.seconds;
    figures.blockedMs[`${strategy}100k`] = small.blockedMs;
    tell(
      `${strategy}, 100,000`,
      `${small.seconds.toFixed(2)} s, caller held up ${small.blockedMs.toFixed(0)} ms at most`,
    );
    const whole = await endToEnd(strategy, hundredThousand, turns);
    figures.endToEnd[strategy] = whole;
    const shares = ['facts', 'vectors', 'nearDuplicates'].map((step) => `${step} ${whole[step].seconds.toFixed(2)} s`);
    tell(
      '  from rows and vectors on disk',
      `${whole.whole.seconds.toFixed(2)} s (${shares.join(', ')}), caller held up ${whole.whole.blockedMs.toFixed(0)} ms at most`,
    );
    if (values.small) continue;
    const large = await once(strategy, million, 'clusters', 1);
    figures.seconds1m[strategy] = large.seconds;
    figures.peakGb1m[strategy] = large.peakGb;
    figures.blockedMs[`${strategy}1m`] = large.blockedMs;
    tell(
      `${strategy}, 1,000,000`,
      `${large.seconds.toFixed(2)} s, ${large.peakGb.toFixed(2)} GB, caller held up ${large.blockedMs.toFixed(0)} ms at most`,
    );
  }
  for (const shape of ['clusters', 'noise']) {
    const result = await kCenter(shape, turns);
    figures.kCenter[shape] = result;
    const beside =
      result.ratio === null
        ? 'no Python environment to compare with'
        : `numpy ${result.numpySeconds.toFixed(2)} s, ratio ${result.ratio.toFixed(2)}, ${result.same} of ${batch} the same`;
    tell(`k-center, 100,000, ${shape}`, `${result.seconds.toFixed(2)} s; ${beside}`);
  }
  const ratios = Object.values(figures.kCenter).map(({ ratio }) => ratio);
  const summary = {
    seconds100k: worst(figures.seconds100k),
    seconds1m: worst(figures.seconds1m),
    peakGb1m: worst(figures.peakGb1m),
    ratioKCenterToNumpy: ratios.includes(null) ? null : Math.max(...ratios),
  };
  for (const [key, limit] of Object.entries(limits)) {
    if (summary[key] !== null && summary[key] > limit) {
      console.log(`${key} is ${summary[key].toFixed(2)}, above ${limit}.`);
      process.exitCode = 1;
    }
  }
  return { ...summary, details: figures };
}

function worst(byCase) {
  const values = Object.values(byCase);
  return values.length === 0 ? null : Math.max(...values);
}

function tell(what, figure) {
  console.log(`${what.padEnd(32)}${figure}`);
}
