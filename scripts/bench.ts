// Measures the product. Usage: npm run bench -- <name> [--json] [options of that benchmark]; without a name, it lists them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureEditor } from './lib/editor/ensureEditor.ts';
import { EditorUnavailable } from './lib/editor/editorError.ts';
import { ensurePython } from './lib/setup.ts';
import { fail } from './begin/shell.mjs';

interface Benchmark {
  readonly measures: string;
  readonly needs?: readonly (() => Promise<unknown>)[];
  load(): Promise<{ bench(args: string[]): unknown }>;
}

/**
 * Every benchmark: what it measures, what is installed before where it is missing, and its module, which exports `bench(args)`. That prints what a person reads and
 * returns its figures; `--json` prints them as the last line.
 */
const benches: Readonly<Record<string, Benchmark>> = {
  activation: {
    measures: 'the time that VS Code spends on activating the extension',
    load: () => import('../bench/activation/activation.ts'),
  },
  select: {
    measures: 'choosing 100 of 100,000 and of 1,000,000 images, and k-center beside numpy',
    load: () => import('../bench/select/select.ts'),
  },
  store: {
    measures: 'a million predictions in the session database, beside JSON columns and OFFSET paging',
    load: () => import('../bench/store/store.ts'),
  },
  score: {
    measures:
      'the speed of scoring a pool, beside the machine and Ultralytics; with --memory the memory of the extension host, by a network of no weight',
    load: () => import('../bench/score/score.ts'),
  },
  dataset: {
    measures: 'the memory that reading a dataset takes of the extension host, with the packaged build (--images <n>)',
    load: () => import('../bench/dataset/dataset.ts'),
  },
  crash: {
    measures: 'what survives when processes are killed, disks fill up and writes fail',
    load: () => import('../bench/crash/crash.ts'),
  },
  inputs: {
    measures: 'how long bad inputs of every kind take, and how much memory, until a person is told of them',
    load: () => import('../bench/inputs/inputs.ts'),
  },
  'event-loop': {
    measures: "how long VS Code's extension host stands still while a pool is scored in a real editor",
    needs: [ensureEditor],
    load: () => import('../bench/eventLoop/eventLoop.ts'),
  },
  review: {
    measures: 'how long the next image of a review takes in a real editor, its parts, and keys that are lost',
    needs: [ensureEditor],
    load: () => import('../bench/review/review.ts'),
  },
  grid: {
    measures: 'how smoothly the grid of 100,000 images scrolls, and the milliseconds of script and layout a frame',
    load: () => import('../bench/grid/grid.ts'),
  },
  reviewer: {
    measures:
      'the seconds an image that a scripted reviewer takes for real predictions in a real editor, beside an older checkout (--before)',
    needs: [ensurePython, ensureEditor],
    load: () => import('../bench/reviewer/reviewer.ts'),
  },
  'new-user': {
    measures: 'the seconds from "npm start" to the first verdict, in a real editor',
    needs: [ensurePython, ensureEditor],
    load: () => import('../extension/test/editor/journey/newUser.ts'),
  },
};

const usage = [
  'Usage: npm run bench -- <name> [--json] [options]',
  ...Object.entries(benches).map(([name, { measures }]) => `  ${name.padEnd(12)}${measures}`),
].join('\n');

const [name, ...args] = process.argv.slice(2);
if (name === undefined || name === '--help') {
  console.log(usage);
} else if (!Object.hasOwn(benches, name) || benches[name] === undefined) {
  fail(`There is no benchmark "${name}".`, usage);
} else {
  const { needs = [], load } = benches[name];
  try {
    for (const ensure of needs) await ensure();
  } catch (error) {
    if (error instanceof EditorUnavailable) fail(error.message);
    throw error;
  }
  // The workspaces that are measured are nothing that a user made.
  const userFolder = mkdtempSync(join(tmpdir(), 'al-user-'));
  process.env['AL_USER_FOLDER'] = userFolder;
  process.once('exit', () => rmSync(userFolder, { recursive: true, force: true }));
  const { bench } = await load();
  const figures = await bench(args.filter((arg) => arg !== '--json'));
  if (args.includes('--json')) console.log(JSON.stringify(figures));
}
