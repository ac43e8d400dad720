// The parts of `npm test`: each runs a command, and is counted.
import { existsSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { node, python, root, tool } from '../begin/paths.mjs';
import { environment, run, step } from '../begin/shell.mjs';
import { addCounts, pytestCounts, subtractCounts, vitestResult, type Counts, type VitestResult } from './testCounts.ts';

/** How a part of the tests runs beside the others. */
export interface Lane {
  /** Stands before each printed line, to distinguish two commands that run at once; null prints the lines as they are. */
  readonly name?: string | null;
  /** Leaves the processor to others. */
  readonly polite?: boolean;
}

type RunOptions = NonNullable<Parameters<typeof run>[2]>;

export const reports = join(root, '.cache', 'reports');

const broken = { counts: { passed: 0, failed: 1, skipped: 0 }, failedFiles: [], failures: [] };
/** If more files fail, one reason is likely behind them, and none is repeated. */
const mostRepeated = 10;

let total: Counts = { passed: 0, failed: 0, skipped: 0 };
const flaky: string[] = [];
const failures: string[] = [];

/** Adds to the total. A runner that stopped before it could count is one failure, never silence. */
export function count(title: string, counts: Counts, code: number, start: number, named: readonly string[] = []): void {
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  if (failed > 0) failures.push(...(named.length > 0 ? named : [title]));
  total = addCounts(total, { ...counts, failed });
  const seconds = Math.round((Date.now() - start) / 1000);
  console.log(`  ${title}: ${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped (${seconds} s)`);
}

/** Runs a command that is one test. */
export async function check(title: string, command: string, args: readonly string[], lane: Lane = {}): Promise<void> {
  const start = Date.now();
  const code = await step(title, () => run(command, args, runOptions(lane)));
  count(title, { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }, code, start);
}

function runOptions({ name = null, polite = false }: Lane): RunOptions {
  if (name === null) return {};
  return {
    stdio: ['ignore', 'pipe', 'pipe'],
    started(child) {
      if (polite && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
      for (const stream of [child.stdout, child.stderr]) {
        if (stream === null) continue;
        createInterface({ input: stream }).on('line', (line) => console.log(line === '' ? '' : `  ${name}: ${line}`));
      }
    },
  };
}

async function vitestOnce(
  title: string,
  args: readonly string[],
  options: RunOptions,
): Promise<VitestResult & { readonly code: number }> {
  const report = join(reports, `${title.replaceAll(' ', '-')}.json`);
  const output = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const env = environment({ NO_COLOR: '1' });
  const code = await step(title, () => run(node, [tool('vitest'), 'run', ...output, ...args], { ...options, env }));
  return { code, ...(existsSync(report) ? vitestResult(readFileSync(report, 'utf8')) : broken) };
}

/** Runs a project of vitest. A file that fails runs a second time; if it passes then, it is reported as flaky. */
export async function vitest(title: string, project: string, lane: Lane = {}): Promise<void> {
  const start = Date.now();
  const [options, args] = [runOptions(lane), ['--project', project]];
  const first = await vitestOnce(title, args, options);
  const files = first.failedFiles.map((file) => file.name);
  if (files.length === 0 || files.length > mostRepeated) {
    return count(title, first.counts, first.code, start, first.failures);
  }
  console.log(`Failed, and repeated:\n  ${files.join('\n  ')}`);
  const second = await vitestOnce(`${title} repeated`, [...args, ...files], options);
  const failedAgain = new Set(second.failedFiles.map((file) => file.name));
  // Without a report of the repetition, nothing is known of any.
  if (second.code === 0 || failedAgain.size > 0) flaky.push(...files.filter((file) => !failedAgain.has(file)));
  let counts = addCounts(first.counts, second.counts);
  for (const file of first.failedFiles) counts = subtractCounts(counts, file.counts);
  count(title, counts, second.code, start, second.failures);
}

/** The tests of the trainer: those with a marker, or all without it. */
export async function pytest(
  title: string,
  { marker = null, ...lane }: Lane & { readonly marker?: string | null } = {},
): Promise<void> {
  const start = Date.now();
  const report = join(reports, 'pytest.xml');
  const args = ['-m', 'pytest', 'trainer', '-q', '-rs', `--junitxml=${report}`];
  if (marker !== null) args.push('-m', marker);
  const code = await step(title, () => run(python, args, runOptions(lane)));
  count(title, existsSync(report) ? pytestCounts(readFileSync(report, 'utf8')) : broken.counts, code, start);
}

/** Prints the flaky files, the failures, which may stand far above, and the sum, and sets the exit code. */
export function finish(start: number): void {
  if (flaky.length > 0) {
    console.log(`Flaky, ${flaky.length} in number: failed, and passed when repeated:\n  ${flaky.join('\n  ')}`);
  }
  if (failures.length > 0) console.log(`Failed:\n  ${failures.join('\n  ')}`);
  console.log(`Took ${Math.round((Date.now() - start) / 1000)} s.`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}
