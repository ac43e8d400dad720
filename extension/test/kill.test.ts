import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace } from '../src/composition/workspace.ts';
import { createRandom } from '../src/core/random.ts';
import type { IterationRow } from '../src/workflow/ports/store/iterations.ts';
import { makeStagedTrainer } from './editor/support/stagedTrainer.ts';
import { al, alJson } from './support/commandLine.ts';
import { makeSpotSplits } from './support/spotSplits.ts';
import { makeTinyDataset, type TinyDataset } from './support/tinyDataset.ts';

let folder = '';
let dataset: TinyDataset;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kill-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function labelFiles(): Promise<Map<string, string>> {
  const labels = join(folder, 'labels', 'train');
  const names = await readdir(labels);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(labels, name), 'utf8')] as const)),
  );
}

/** What the journal says must be what lies on disk, for every image that ever got a verdict. @returns the journal's length. */
async function checkVerdicts(): Promise<number> {
  const { ports, close } = await openWorkspace({ folder });
  try {
    expect(await ports.store.labelEvents.pending()).toEqual([]);
    const files = await labelFiles();
    expect([...files.keys()].filter((name) => !name.endsWith('.txt'))).toEqual([]);
    let journaled = 0;
    for (const image of await ports.store.images.find({ datasetId: 1 })) {
      const name = image.relativePath.split('/').at(-1)?.replace('.jpg', '.txt') ?? '';
      const history = (await ports.store.labelEvents.history(image.id)).filter((event) => event.state === 'done');
      journaled += history.length;
      const last = history.at(-1);
      if (!last) continue;
      const text = last.after === null ? null : Buffer.from(last.after).toString('utf8');
      expect({ name, text: files.get(name) ?? null }).toEqual({ name, text });
      for (const row of (text ?? '').split('\n').slice(0, -1)) expect(row).toMatch(/^[01]( \d\.\d{6,8}){4}$/);
      expect(image.labelHash === null).toBe(last.after === null);
      const sample = last.sampleId === null ? null : await ports.store.samples.get(last.sampleId);
      expect(sample?.verdict ?? null).toBe(last.verdictAfter);
    }
    return journaled;
  } finally {
    await close();
  }
}

describe('an owner that is killed while verdicts are written', () => {
  test('leaves every verdict and every label file whole', { timeout: 180_000 }, async () => {
    dataset = await makeTinyDataset({ folder, train: 12, labelled: 2, val: 2 });
    const random = createRandom(7);
    let acknowledged = 0;
    for (let round = 1; round <= 8; round++) {
      const reviewer = join(import.meta.dirname, 'support', 'reviewer.ts');
      const child = execa(process.execPath, [reviewer, folder, dataset.yaml, String(round)], {
        reject: false,
        buffer: false,
        env: { NODE_NO_WARNINGS: '1' },
      });
      let complaints = '';
      child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
      const lines = child.iterable()[Symbol.asyncIterator]();
      // The first verdict is on disk; the kill comes at a random moment of the following ones.
      expect((await lines.next()).done, complaints).toBe(false);
      acknowledged++;
      setTimeout(() => child.kill('SIGKILL'), random() * 250);
      while (!(await lines.next()).done) acknowledged++;
      await child;
      expect(complaints).toBe('');
      const journaled = await checkVerdicts();
      // Every verdict that was acknowledged is in the journal, and at most one more for each kill.
      expect(journaled).toBeGreaterThanOrEqual(acknowledged);
      expect(journaled).toBeLessThanOrEqual(acknowledged + round);
    }
  });
});

describe.skipIf(process.platform === 'win32')('processes that are killed in the middle of an iteration', () => {
  test('trainer and owner: training resumes, and its labels are whole', { timeout: 400_000 }, async () => {
    const staged = makeStagedTrainer(folder);
    const yaml = await makeSpotSplits({ folder, train: 30, labelled: 12, val: 4 });
    const before = await labelFiles();
    const settings = ['--weights', 'yolov8n.yaml', '--imgsz', '64', '--epochs', '30', '--batch', '4'];
    const created = await al(folder, 'create', '--data', yaml, '--name', 'Kill', ...settings);
    expect(created.exitCode, String(created.all)).toBe(0);

    // The trainer is killed: the iteration reports it, and keeps its step.
    staged.allow(3);
    const first = al(folder, 'run', '--python', staged.python);
    const trainer = await trainerPid();
    await epochs(3);
    process.kill(trainer, 'SIGKILL');
    const died = await first;
    expect(died.exitCode).toBe(1);
    expect(String(died.all)).toContain('trainer-died');
    expect(String(died.all)).toContain('What to do');

    // The owner is killed: the trainer goes on, and the next owner re-attaches to the same process.
    staged.allow(6);
    const second = al(folder, 'run', '--python', staged.python);
    const resumed = await trainerPid(trainer);
    const seen = await epochs(6);
    second.kill('SIGKILL');
    await second;
    expect(isAlive(resumed)).toBe(true);
    staged.allow(30);
    const third = await alJson<IterationRow>(folder, 'run', '--python', staged.python);
    expect(third.status).toBe('reviewing');
    const events = await runEvents();
    expect(events.map((event) => event['sequence'])).toEqual(events.map((_, index) => index + 1));
    expect(events.filter((event) => event['kind'] === 'started').map((event) => event['pid'])).toEqual([
      trainer,
      resumed,
    ]);
    expect(events.filter((event) => event['kind'] === 'epoch').length).toBeGreaterThanOrEqual(30);
    expect(seen).toBeGreaterThanOrEqual(6);
    expect(await labelFiles()).toEqual(before);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function runFolder(): Promise<string | null> {
  const runs = join(folder, '.active-learning', 'runs');
  const [name] = existsSync(runs) ? (await readdir(runs)).filter((entry) => entry.startsWith('s')) : [];
  return name === undefined ? null : join(runs, name);
}

async function runEvents(): Promise<Record<string, unknown>[]> {
  const run = await runFolder();
  const path = join(run ?? '', 'events.jsonl');
  if (run === null || !existsSync(path)) return [];
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The pid of the running trainer; with `other`, of the one after it. */
async function trainerPid(other?: number): Promise<number> {
  for (let waited = 0; waited < 1200; waited++) {
    const started = (await runEvents()).filter((event) => event['kind'] === 'started').at(-1);
    if (typeof started?.['pid'] === 'number' && started['pid'] !== other) return started['pid'];
    await sleep(100);
  }
  throw new Error('The trainer did not start.');
}

async function epochs(count: number): Promise<number> {
  for (let waited = 0; waited < 1200; waited++) {
    const done = (await runEvents()).filter((event) => event['kind'] === 'epoch').length;
    if (done >= count) return done;
    await sleep(50);
  }
  throw new Error(`Epoch ${count} was not reached.`);
}
