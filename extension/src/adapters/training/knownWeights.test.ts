import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Trainer } from '../../workflow/ports/trainer.ts';
import { createUserRecord } from '../userRecord/createUserRecord.ts';
import { follow, runId, trainerBench } from './testing/trainerBench.ts';

const bench = trainerBench();
const { files: knownFiles } = createUserRecord();

function make(): Trainer {
  return bench.make({}, { knownFiles });
}

async function weights(content: string): Promise<string> {
  const path = join(bench.folder(), 'base.pt');
  await writeFile(path, content);
  return path;
}

async function configured(): Promise<unknown> {
  return JSON.parse(await readFile(bench.inRun('config.json'), 'utf8')).weights;
}

describe('weights', () => {
  it('that the user did not choose are rejected', async () => {
    const path = await weights('a stranger');
    await expect(make().prepare({ ...bench.job(), weights: path })).rejects.toMatchObject({
      code: 'weights-unknown',
      message: expect.stringContaining(path),
      where: path,
    });
  });

  it('that the user chose are passed on with the hash of their content, and other content is rejected', async () => {
    const path = await weights('chosen');
    await knownFiles.remember(path, 'user');
    await make().prepare({ ...bench.job(), weights: path });
    const sha256 = createHash('sha256').update('chosen').digest('hex');
    expect(await configured()).toEqual({ source: path, allowDownload: false, sha256 });
    await appendFile(path, ' and changed');
    await expect(make().prepare({ ...bench.job(), weights: path })).rejects.toMatchObject({
      code: 'weights-unknown',
    });
  });

  it.each(['../weights.pt', './weights.pt', '~/weights.pt', String.raw`..\weights.pt`])(
    'are an absolute path or a name, not %s',
    async (name) => {
      await expect(make().prepare({ ...bench.job(), weights: name })).rejects.toMatchObject({
        code: 'weights-missing',
        message: expect.stringContaining(name),
      });
    },
  );

  it('may run code if the user trusts this content', async () => {
    const path = await weights('with code');
    await knownFiles.remember(path, 'code');
    // Permission to run code is not a choice of the file.
    await expect(make().prepare({ ...bench.job(), weights: path })).rejects.toMatchObject({
      code: 'weights-unknown',
    });
    await knownFiles.remember(path, 'user');
    await make().prepare({ ...bench.job(), weights: path });
    expect(await configured()).toMatchObject({ mayRunCode: true });
  });

  it.each(['yolov8n.pt', '/nowhere/weights.pt', 'yolov8n.yaml'])('%s needs no record', async (name) => {
    await make().prepare({ ...bench.job(), weights: name });
    expect(await configured()).toEqual({ source: name, allowDownload: false });
  });
});

describe('the files of a run', () => {
  it('are known after it ends, and unknown if they are replaced', async () => {
    await make().prepare(bench.job());
    await make().start(runId);
    const { result } = await follow(make());
    for (const path of [result.weightsPath, result.onnxPath, bench.inRun('weights', 'model.json')]) {
      expect(await knownFiles.isKnown(path ?? '', 'run')).toBe(true);
    }
    expect(await bench.leases().read(runId)).toBeNull();
    expect(await make().result(runId)).toEqual(result);
    await writeFile(bench.inRun('weights', 'best.pt'), 'a stranger');
    await expect(make().result(runId)).rejects.toMatchObject({
      code: 'result-invalid',
      where: bench.inRun('weights', 'best.pt'),
    });
  });

  it('are known even if the process that started it has exited', async () => {
    await make().prepare(bench.job());
    await make().start(runId);
    await expect.poll(() => make().result(runId), { timeout: 10_000 }).toMatchObject({ status: 'finished' });
    expect(await knownFiles.isKnown(bench.inRun('weights', 'model.onnx'), 'run')).toBe(true);
  });

  it('are rejected if no process of the user worked in it', async () => {
    await make().prepare(bench.job());
    await make().start(runId);
    await bench.make().follow(runId, { afterSequence: 0, onEvent: () => undefined });
    await bench.leases().remove(runId);
    await appendFile(bench.inRun('weights', 'model.onnx'), 'x');
    await expect(make().result(runId)).rejects.toMatchObject({ code: 'result-invalid' });
  });

  it('are not created if another program wrote the configuration', async () => {
    await make().prepare(bench.job());
    const text = await readFile(bench.inRun('config.json'), 'utf8');
    await writeFile(bench.inRun('config.json'), text.replace('yolov8n.yaml', '/tmp/evil.pt'));
    await expect(make().start(runId)).rejects.toMatchObject({
      code: 'run-folder-unusable',
      where: bench.inRun('config.json'),
    });
  });
});
