import { appendFile, readFile, readdir, rm, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../python/fileOps.ts';
import { plan } from './testing/runs.ts';
import { trainerBench, runId } from './testing/trainerBench.ts';

const bench = trainerBench();

describe('prepare', () => {
  it('is idempotent and keeps the nonce', async () => {
    const trainer = bench.make();
    await trainer.prepare(bench.job());
    const before = await readFile(bench.inRun('config.json'), 'utf8');
    expect(JSON.parse(before)).toMatchObject({
      schema: 1,
      run: runId,
      job: 'train',
      dataset: 'dataset/data.yaml',
      classNames: ['scratch', 'no', '12:30'],
      weights: { source: 'yolov8n.yaml', allowDownload: false },
      plan,
      seed: 0,
      device: 'cpu',
    });
    await trainer.prepare(bench.job());
    expect(await readFile(bench.inRun('config.json'), 'utf8')).toBe(before);
  });

  it('accepts new settings until the run starts, then rejects them and keeps its snapshot', async () => {
    const trainer = bench.make();
    await trainer.prepare(bench.job());
    await trainer.prepare({ ...bench.job(), seed: 7 });
    expect(JSON.parse(await readFile(bench.inRun('config.json'), 'utf8')).seed).toBe(7);
    await appendFile(bench.inRun('events.jsonl'), '');
    await expect(trainer.prepare(bench.job())).rejects.toMatchObject({ code: 'run-conflict' });
    await trainer.prepare({ ...bench.job(), seed: 7, images: [] });
    expect(await readdir(bench.inRun('dataset', 'images', 'train'))).toEqual(['1.png']);
  });

  it('needs no dataset for an export', async () => {
    const trainer = bench.make();
    await trainer.prepare(bench.exportJob());
    expect(await readdir(bench.inRun())).toEqual(['config.json']);
  });

  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EROFS', 'read-only'],
    ['EACCES', 'read-only'],
    ['EIO', 'run-folder-unusable'],
  ])('reports %s as %s for every operation, and succeeds afterwards', async (code, expected) => {
    for (const operation of ['mkdir', 'writeFile', 'rename'] as const) {
      const failing = bench.make(
        {},
        {
          files: { ...nodeFiles, [operation]: () => Promise.reject(Object.assign(new Error(`${code}: no`), { code })) },
        },
      );
      await rm(bench.inRun(), { recursive: true, force: true });
      await expect(failing.prepare(bench.job())).rejects.toMatchObject({ name: 'TrainingError', code: expected });
      await expect(stat(bench.inRun('config.json'))).rejects.toMatchObject({ code: 'ENOENT' });
      await bench.make().prepare(bench.job());
      expect(await readdir(bench.inRun())).toEqual(['config.json', 'dataset']);
    }
  });

  it('reports progress', async () => {
    const fractions: (number | undefined)[] = [];
    const trainer = bench.make({}, { onProgress: ({ fraction }) => fractions.push(fraction) });
    await trainer.prepare(bench.job());
    expect(fractions).toEqual([1]);
  });
});
