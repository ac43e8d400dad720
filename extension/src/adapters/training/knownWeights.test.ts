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
  it('that nobody chose are not prepared', async () => {
    const path = await weights('a stranger');
    await expect(make().prepare({ ...bench.request(), weights: path })).rejects.toMatchObject({
      code: 'weights-unknown',
      message: expect.stringContaining(path),
      where: path,
    });
  });

  it('that were chosen are passed on with their content, and no other content is', async () => {
    const path = await weights('chosen');
    await knownFiles.remember(path, 'user');
    await make().prepare({ ...bench.request(), weights: path });
    const sha256 = createHash('sha256').update('chosen').digest('hex');
    expect(await configured()).toEqual({ source: path, allowDownload: false, sha256 });
    await appendFile(path, ' and changed');
    await expect(make().prepare({ ...bench.request(), weights: path })).rejects.toMatchObject({
      code: 'weights-unknown',
    });
  });

  it.each(['../weights.pt', './weights.pt', '~/weights.pt', String.raw`..\weights.pt`])(
    'are a whole path or a name, not %s',
    async (name) => {
      await expect(make().prepare({ ...bench.request(), weights: name })).rejects.toMatchObject({
        code: 'weights-missing',
        message: expect.stringContaining(name),
      });
    },
  );

  it('may run code where the user said so of this content', async () => {
    const path = await weights('with code');
    await knownFiles.remember(path, 'code');
    // To let a file run code is not to choose it.
    await expect(make().prepare({ ...bench.request(), weights: path })).rejects.toMatchObject({
      code: 'weights-unknown',
    });
    await knownFiles.remember(path, 'user');
    await make().prepare({ ...bench.request(), weights: path });
    expect(await configured()).toMatchObject({ mayRunCode: true });
  });

  it.each(['yolov8n.pt', '/nowhere/weights.pt', 'yolov8n.yaml'])('%s needs no record', async (name) => {
    await make().prepare({ ...bench.request(), weights: name });
    expect(await configured()).toEqual({ source: name, allowDownload: false });
  });
});

describe('what a run made', () => {
  it('is known once it is over, and not when it is replaced', async () => {
    await make().prepare(bench.request());
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

  it('counts although whoever started it saw no end', async () => {
    await make().prepare(bench.request());
    await make().start(runId);
    await expect.poll(() => make().result(runId), { timeout: 10_000 }).toMatchObject({ status: 'finished' });
    expect(await knownFiles.isKnown(bench.inRun('weights', 'model.onnx'), 'run')).toBe(true);
  });

  it('is nothing where no process of the user worked', async () => {
    await make().prepare(bench.request());
    await make().start(runId);
    await bench.make().follow(runId, { afterSequence: 0, onEvent: () => undefined });
    await bench.leases().remove(runId);
    await appendFile(bench.inRun('weights', 'model.onnx'), 'x');
    await expect(make().result(runId)).rejects.toMatchObject({ code: 'result-invalid' });
  });

  it('is not begun with a configuration that somebody else wrote', async () => {
    await make().prepare(bench.request());
    const text = await readFile(bench.inRun('config.json'), 'utf8');
    await writeFile(bench.inRun('config.json'), text.replace('yolov8n.yaml', '/tmp/evil.pt'));
    await expect(make().start(runId)).rejects.toMatchObject({
      code: 'run-folder-unusable',
      where: bench.inRun('config.json'),
    });
  });
});
