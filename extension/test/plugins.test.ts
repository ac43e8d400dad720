import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { al, alJson } from './support/commandLine.ts';
import { builtInScores } from '../src/core/uncertainty/registry.ts';
import { rescanDataset } from '../src/workflow/dataset/datasets.ts';
import { denseScores } from './support/denseScores.ts';
import { paintObjects, type PaintedObject } from './support/fakePorts.ts';
import { ScoringBench } from './support/scoringBench.ts';

const spot = (brightness: number): PaintedObject => ({ column: 1, row: 1, classId: 0, brightness });
const pool = { sure: [spot(250)], unsure: [spot(64)], nothing: [] };
const counts = { scored: 0, rescored: 0, alreadyScored: 0, failed: 0 };

let bench: ScoringBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function opened(): Promise<ScoringBench> {
  bench = await ScoringBench.open(pool);
  return bench;
}

async function put(its: ScoringBench, name: string, body: string): Promise<string> {
  const folder = join(its.folder, '.active-learning', 'metrics');
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, `export default { id: '${name.replace('.mjs', '')}', compute(image, context) { ${body} } };\n`);
  return path;
}

describe('score plug-ins', () => {
  test('score the pool beside the built-in scores, and only where they changed', async () => {
    const its = await opened();
    await put(its, 'best.mjs', 'return image.detections.length > 0 ? image.bestScore : null');
    expect(await its.score()).toMatchObject({ ...counts, scored: 3 });
    const scores = await its.scores();
    expect(Object.keys(scores['sure'] ?? {})).toEqual([...denseScores, 'best']);
    expect(scores['sure']?.['best']).toBeCloseTo(250 / 255, 2);
    expect(scores['nothing']).toEqual({});
    expect(await its.score()).toMatchObject({ ...counts, alreadyScored: 3 });
    await put(its, 'best.mjs', 'return image.path.length / 1000');
    expect(await its.score()).toMatchObject({ ...counts, rescored: 3 });
    expect(its.predicted).toEqual([]);
    expect((await its.scores())['nothing']?.['best']).toBeCloseTo('images/train/nothing.png'.length / 1000, 6);
    await rm(join(its.folder, '.active-learning', 'metrics'), { recursive: true });
    expect(await its.score()).toMatchObject({ ...counts, rescored: 3 });
    expect(Object.keys((await its.scores())['sure'] ?? {})).toEqual(denseScores);
  });

  test.each<[what: string, body: string, message: string]>([
    ['throws', `throw new Error('odd')`, 'It threw: Error: odd'],
    ['returns NaN', 'return Number.NaN', 'It returned NaN'],
  ])('one that %s is named, switched off for the run, and loses nothing', async (_, body, message) => {
    const its = await opened();
    await put(its, 'sound.mjs', 'return 0.5');
    const file = await put(its, 'wrong.mjs', body);
    expect(await its.score()).toMatchObject({ ...counts, scored: 3 });
    const told = its.told.filter((line) => line.includes('plug-in'));
    expect(told).toEqual([expect.stringContaining(`"wrong" (${file}) is switched off for this run: ${message}`)]);
    const known = await its.scores();
    expect(Object.keys(known['unsure'] ?? {})).toEqual([...denseScores, 'sound']);
    // Tried again with the next run, but the model and the other scores are left in peace.
    expect(await its.score()).toMatchObject({ scored: 0, failed: 0 });
    expect(its.told).toContainEqual(expect.stringContaining('"wrong"'));
    expect(await its.scores()).toEqual(known);
    await put(its, 'wrong.mjs', 'return 0.25');
    expect(await its.score()).toMatchObject({ ...counts, rescored: 3 });
    expect((await its.scores())['unsure']).toEqual({ ...known['unsure'], wrong: 0.25 });
    expect(its.told.filter((line) => line.includes('plug-in'))).toEqual([]);
  });

  test('one that fails half way leaves no half of a score to rank by', async () => {
    const its = await opened();
    await put(its, 'late.mjs', 'return 0.5');
    await its.score();
    expect((await its.scores())['sure']?.['late']).toBe(0.5);
    const names = Array.from({ length: 70 }, (_, i) => join(its.data, 'images', 'train', `more-${i}.png`));
    for (const [i, name] of names.entries()) await paintObjects(name, [spot(100 + i)], i);
    await rescanDataset(its.ports, 1);
    // Known and new images, and a plug-in that fails on one of the last.
    await put(its, 'late.mjs', `if (image.path.endsWith('more-69.png')) throw new Error('odd'); return 0.5`);
    expect(await its.score()).toMatchObject({ scored: 70 });
    const rows = await its.rows();
    expect(rows).toHaveLength(73);
    expect(rows.filter(({ scores }) => 'late' in scores)).toEqual([]);
    expect(rows.filter(({ scores }) => 'decision-entropy' in scores)).toHaveLength(72);
    await put(its, 'late.mjs', 'return 0.25');
    expect(await its.score()).toMatchObject({ scored: 0, rescored: 73 });
    expect((await its.rows()).every(({ scores }) => scores['late'] === 0.25)).toBe(true);
  });

  test('one that is slow does not keep a person waiting who stops, and costs no prediction', async () => {
    const its = await opened();
    await put(its, 'slow.mjs', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000); return 0.5');
    const abort = new AbortController();
    let stoppedAt = 0;
    its.alter = (result) => {
      // By then every image was predicted, and the plug-in is asked for all of them.
      if (its.predicted.length === 3) {
        setTimeout(() => {
          stoppedAt = performance.now();
          abort.abort();
        }, 500);
      }
      return result;
    };
    await expect(its.score(abort.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - stoppedAt).toBeLessThan(3000);
    expect(its.told.filter((line) => line.includes('plug-in'))).toEqual([]);
    expect(Object.keys((await its.scores())['sure'] ?? {})).toEqual(denseScores);
    await put(its, 'slow.mjs', 'return 0.5');
    expect(await its.score()).toMatchObject({ ...counts, rescored: 3 });
    expect((await its.scores())['sure']?.['slow']).toBe(0.5);
  });

  test('one may rank a session, where it is there and works', async () => {
    const its = await opened();
    await expect(its.edit({ rankingMetric: 'mine' })).rejects.toMatchObject({
      code: 'unknown-metric',
      hint: expect.stringContaining('decision-entropy'),
    });
    await put(its, 'mine.mjs', 'return 0.5');
    expect(await its.edit({ rankingMetric: 'mine' })).toMatchObject({ rankingMetric: 'mine' });
    await put(its, 'mine.mjs', '}');
    // It is gone, which stops no other change.
    expect(await its.edit({ epochs: 3 })).toMatchObject({ rankingMetric: 'mine', epochs: 3 });
    await put(its, 'entropy.mjs', 'return 0.5');
    await expect(its.edit({ rankingMetric: 'flip' })).rejects.toMatchObject({
      problems: [{ field: 'rankingMetric', message: expect.stringContaining('"flip"') }],
    });
    expect(await its.edit({ rankingMetric: 'flip', flip: true })).toMatchObject({ rankingMetric: 'flip' });
    await expect(its.edit({ flip: false })).rejects.toMatchObject({ code: expect.any(String) });
  });

  test('one that cannot be loaded stops nothing', async () => {
    const its = await opened();
    const file = await put(its, 'wrong.mjs', '}');
    expect(await its.score()).toMatchObject({ ...counts, scored: 3 });
    expect(its.told).toContainEqual(expect.stringContaining(`${file} is switched off for this run: SyntaxError`));
    expect(await its.score()).toMatchObject({ ...counts, alreadyScored: 3 });
  });
});

describe('the command line', () => {
  test('creates a plug-in, lists it, and shows its score of an image', async () => {
    const its = await opened();
    await al(its.folder, 'metrics', '--new', 'at-border');
    const { metrics, faults } = await alJson<{ metrics: { id: string }[]; faults: unknown[] }>(its.folder, 'metrics');
    expect(faults).toEqual([]);
    expect(metrics.map(({ id }) => id)).toEqual([...builtInScores.map(({ id }) => id), 'at-border']);
    expect((await al(its.folder, 'metrics', '--new', 'at-border')).all).toContain('is there already');
    await its.score();
    const shown = await alJson<{
      scores: Record<string, number>;
      withheldScores: Record<string, string>;
      reasons: string[];
    }>(its.folder, 'scores', join(its.data, 'images', 'train', 'unsure.png'));
    expect(Object.keys(shown.scores)).toEqual([...denseScores, 'at-border']);
    expect(shown.withheldScores['localisation']).toBe('not available for this head');
    expect(shown.reasons[0]).toBe('1 box near the threshold');
    const table = (await al(its.folder, 'scores', 'unsure.png')).stdout;
    expect(table).toMatch(/decision-entropy +1\.000/);
    expect(table).toMatch(/localisation +– +not available for this head/);
  });

  test('says which plug-in is wrong', async () => {
    const its = await opened();
    await put(its, 'entropy.mjs', 'return 1');
    const listed = await al(its.folder, 'metrics');
    expect(listed.exitCode).toBe(1);
    expect(listed.all).toContain('There is already a score with the id "entropy"');
  });
});

test('plug-ins are no secret of the machine: git sees them, and nothing else of the folder', async () => {
  const its = await opened();
  await put(its, 'mine.mjs', 'return 0');
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd: its.folder })).stdout;
  await git('init', '-q');
  const seen = (await git('status', '--porcelain', '-uall', '--', '.active-learning')).trim().split('\n');
  expect(seen).toEqual(['?? .active-learning/metrics/mine.mjs']);
});
