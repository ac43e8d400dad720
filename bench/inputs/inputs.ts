// Gives every input of the table of bad inputs to the product. Reports the time and the memory until a person knows.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { kinds } from '../../extension/test/badInputs/table.ts';
import { hasPython } from '../../extension/test/badInputs/weights.ts';

const limits = { slowestMs: 5000, peakMB: 512 };
/** Inputs of one process: a process for each takes longer than the inputs, and one for all keeps what earlier ones left. */
const together = 12;

/** What one input took. */
interface Measured {
  readonly name: string;
  readonly ms: number;
  readonly peakMB: number;
}

/**
 * @returns `slowestMs`, and `peakMB`: the most that an input adds to the memory of the process that meets it and of those
 * which that starts (1,000,000 bytes). `--kind <name>` measures one kind. Sets an exit code beyond a limit.
 */
export async function bench(args: string[]): Promise<object> {
  const { values } = parseArgs({ args, options: { kind: { type: 'string' } } });
  const work = await mkdtemp(join(tmpdir(), 'bench-inputs-'));
  const measured: (Measured & { readonly kind: string })[] = [];
  const skipped: string[] = [];
  try {
    for (const [index, { kind, inputs, needsPython = false }] of kinds.entries()) {
      if (values.kind !== undefined && values.kind !== kind) continue;
      if (needsPython && !hasPython) {
        skipped.push(kind);
        continue;
      }
      // Python imports PyTorch once for all of its inputs.
      const size = needsPython ? inputs.length : together;
      const found: Measured[] = [];
      for (let start = 0; start < inputs.length; start += size) {
        const part = inputs.slice(start, start + size);
        const folder = join(work, `${index}-${start}`);
        for (const [offset, input] of part.entries()) {
          const place = join(folder, String(start + offset));
          await mkdir(place, { recursive: true });
          await input.make(place);
        }
        found.push(...(await measure(index, start, part.length, folder, work)));
        await rm(folder, { recursive: true, force: true });
      }
      measured.push(...found.map((one) => ({ kind, ...one })));
      console.log(line(kind, found));
    }
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
  const figures = {
    bench: 'inputs',
    inputs: measured.length,
    skipped,
    slowestMs: Math.max(0, ...measured.map(({ ms }) => ms)),
    peakMB: Math.max(0, ...measured.map(({ peakMB }) => peakMB)),
    slowest: measured.toSorted((a, b) => b.ms - a.ms).slice(0, 8),
    largest: measured.toSorted((a, b) => b.peakMB - a.peakMB).slice(0, 8),
  };
  for (const { kind, name, ms, peakMB } of figures.slowest) console.log(`  ${ms} ms, ${peakMB} MB: ${kind}, ${name}`);
  const misses = (['slowestMs', 'peakMB'] as const).filter((key) => figures[key] > limits[key]);
  for (const key of misses) console.log(`MISSED ${key} is ${figures[key]}, ${limits[key]} are allowed`);
  if (misses.length > 0) process.exitCode = 1;
  return { ...figures, misses };
}

async function measure(kind: number, start: number, count: number, folder: string, work: string): Promise<Measured[]> {
  const script = join(import.meta.dirname, 'meetInputs.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', script, String(kind), String(start), String(count), folder],
    { maxBuffer: 1e8, env: { ...process.env, NODE_NO_WARNINGS: '1', AL_USER_FOLDER: join(work, 'record') } },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured[];
}

function line(kind: string, found: readonly Measured[]): string {
  const most = (key: 'ms' | 'peakMB'): number => Math.max(0, ...found.map((one) => one[key]));
  return `${kind}: ${found.length} inputs, ${most('ms')} ms and ${most('peakMB')} MB at most`;
}
