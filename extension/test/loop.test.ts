import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SimulationRow } from '../src/workflow/simulation/simulate.ts';
import type { SessionStatusView } from '../src/workflow/session/status.ts';
import { makeStagedTrainer } from './editor/support/stagedTrainer.ts';
import { al, alJson } from './support/commandLine.ts';
import { makeSpotSplits } from './support/spotSplits.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loop's & #1 "));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Sample {
  readonly id: number;
  readonly imageId: number;
  readonly path: string;
  readonly reasons: readonly string[];
  readonly combinedScore: number | null;
}

/** Content of every file below a folder, so that "untouched" can be said of bytes. */
async function fingerprint(root: string): Promise<Map<string, string>> {
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  const result = new Map<string, string>();
  for (const file of files) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    result.set(
      path,
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
  }
  return result;
}

const labelOf = (sample: Sample): string => sample.path.replace('/images/', '/labels/').replace('.png', '.txt');

// A real training is that of the journey in the editor, and of the trainer's own tests.
describe.skipIf(process.platform === 'win32')('the whole loop by the command line', () => {
  test('create, train, review, train again, export', { timeout: 300_000 }, async () => {
    const data = join(folder, 'parts & "more" #1');
    await mkdir(data);
    const trainer = makeStagedTrainer(folder);
    trainer.allow(3);
    const yaml = await makeSpotSplits({ folder: data, train: 40, labelled: 12, val: 6 });
    const before = await fingerprint(data);
    const settings = ['--weights', 'yolov8n.yaml', '--imgsz', '64', '--epochs', '3', '--batch', '5'];
    const run = () => al(folder, 'run', '--python', trainer.python);
    const created = await al(folder, 'create', '--data', yaml, '--name', 'Parts', ...settings);
    expect(created.exitCode, String(created.all)).toBe(0);

    const first = await run();
    expect(first.exitCode, String(first.all)).toBe(0);
    const samples = await alJson<Sample[]>(folder, 'samples');
    expect(samples).toHaveLength(5);
    expect(samples.every((sample) => sample.reasons.length > 0)).toBe(true);
    expect(await fingerprint(data)).toEqual(before);

    const [one, two, three, four, five] = samples as [Sample, Sample, Sample, Sample, Sample];
    const drawn = '0 0.500000 0.500000 0.250000 0.250000\n';
    await writeFile(join(folder, 'boxes.txt'), drawn);
    expect((await al(folder, 'correct', String(one.id), '--labels', join(folder, 'boxes.txt'))).exitCode).toBe(0);
    expect(await readFile(labelOf(one), 'utf8')).toBe(drawn);
    expect((await al(folder, 'reject', String(two.id), '--reason', 'background')).exitCode).toBe(0);
    expect(await readFile(labelOf(two), 'utf8')).toBe('');
    expect((await al(folder, 'reject', String(three.id), '--reason', 'unusable')).exitCode).toBe(0);
    expect(existsSync(labelOf(three))).toBe(false);
    expect((await al(folder, 'accept', String(four.id), '--background')).exitCode).toBe(0);
    expect(existsSync(labelOf(four))).toBe(true);
    expect((await al(folder, 'undo')).exitCode).toBe(0);
    expect((await al(folder, 'redo')).exitCode).toBe(0);
    expect((await al(folder, 'undo')).exitCode).toBe(0);
    expect(existsSync(labelOf(four))).toBe(false);
    expect((await al(folder, 'skip', String(five.id))).exitCode).toBe(0);
    const early = await run();
    expect(early.exitCode).toBe(1);
    expect(String(early.all)).toContain('1 sample waits for review');
    expect((await al(folder, 'finish')).exitCode).toBe(0);

    const second = await run();
    expect(second.exitCode, String(second.all)).toBe(0);
    const status = await alJson<SessionStatusView>(folder, 'status');
    expect(status.iterations.map(({ iteration }) => iteration.trainingImagesCount)).toEqual([12, 14]);
    expect(status.iterations.map(({ iteration }) => iteration.validationImagesCount)).toEqual([6, 6]);
    for (const { iteration, model } of status.iterations) {
      expect(iteration.map50).toBeGreaterThanOrEqual(0);
      expect(iteration.map5095).toBeLessThanOrEqual(iteration.map50 ?? 0);
      expect(iteration.scoringTimeSeconds).toBeGreaterThan(0);
      expect(model?.lineage['packages']).toMatchObject({ python: '3.12.1' });
    }
    expect(status.iterations.filter(({ model }) => model?.isBest)).toHaveLength(1);
    const next = await alJson<Sample[]>(folder, 'samples');
    const decided = new Set([one.imageId, two.imageId, three.imageId]);
    expect(next.some((sample) => decided.has(sample.imageId))).toBe(false);

    const files = await alJson<string[]>(folder, 'export', '--to', join(folder, 'exported'));
    expect(files.map((file) => file.replace(/.*\.(?=[a-z]+$)/, ''))).toEqual(['pt', 'onnx', 'json', 'json', 'md']);
    const metrics = JSON.parse(await readFile(files[3] ?? '', 'utf8')) as {
      learningCurve: { labelledImages: number }[];
    };
    expect(metrics.learningCurve.map((point) => point.labelledImages)).toEqual([12, 14]);
    const card = await readFile(files[4] ?? '', 'utf8');
    expect(card).toContain('0 red, 1 green, 2 blue');
    expect(card).toContain('| 2 | 14 |');
  });

  test(
    'without any label the first batch is chosen at random, to be labelled from scratch',
    { timeout: 300_000 },
    async () => {
      const yaml = await makeSpotSplits({ folder, train: 8, labelled: 0, val: 2 });
      const created = await al(folder, 'create', '--data', yaml, '--name', 'Cold', '--batch', '3');
      expect(created.exitCode, String(created.all)).toBe(0);
      const run = await al(folder, 'run');
      expect(run.exitCode, String(run.all)).toBe(0);
      const samples = await alJson<Sample[]>(folder, 'samples');
      expect(samples).toHaveLength(3);
      expect(samples.map((sample) => sample.combinedScore)).toEqual([null, null, null]);
      expect(samples[0]?.reasons.join()).toContain('random');
    },
  );
});

describe.skipIf(process.platform === 'win32')('the simulation', () => {
  test('compares strategies from one start and leaves the dataset untouched', async () => {
    const trainer = makeStagedTrainer(folder);
    trainer.allow(4);
    const data = join(folder, 'data');
    const yaml = await makeSpotSplits({ folder: data, train: 30, labelled: 30, val: 5 });
    const before = await fingerprint(data);
    const rows: SimulationRow[][] = [];
    for (const strategy of ['uncertainty', 'random']) {
      const out = join(folder, `${strategy}.json`);
      const source = ['--data', yaml, '--weights', 'yolov8n.yaml', '--python', trainer.python];
      const counts = ['--start', '10', '--batch', '6', '--iterations', '2', '--epochs', '4', '--imgsz', '64'];
      const run = await al(folder, 'loop', ...source, ...counts, '--strategy', strategy, '--out', out);
      expect(run.exitCode, String(run.all)).toBe(0);
      rows.push(JSON.parse(await readFile(out, 'utf8')) as SimulationRow[]);
    }
    expect(rows.map((run) => run.map((row) => [row.labelledImages, row.validationImages]))).toEqual([
      [
        [10, 5],
        [16, 5],
      ],
      [
        [10, 5],
        [16, 5],
      ],
    ]);
    expect(Object.keys(rows[0]?.[0] ?? {}).toSorted()).toEqual([
      'labelledBoxes',
      'labelledImages',
      'map50',
      'map5095',
      'scoringSeconds',
      'trainingSeconds',
      'validationImages',
    ]);
    // One start and one seed. That a training with the same seed gives the same numbers, the trainer's tests hold.
    expect(rows[0]?.[0]).toMatchObject({ map50: rows[1]?.[0]?.map50, labelledBoxes: rows[1]?.[0]?.labelledBoxes });
    expect(rows[0]?.[0]?.map50).toBeGreaterThan(0);
    expect(await fingerprint(data)).toEqual(before);
  });
});
