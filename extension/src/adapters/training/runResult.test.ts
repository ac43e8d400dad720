import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { nodeFiles } from '../python/fileOps.ts';
import { temporaryFolder } from './testing/runs.ts';
import { readLogTail } from '../python/logTail.ts';
import { readResult } from './runResult.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
const failed = {
  schema: 1,
  status: 'failed',
  weights: null,
  epochsCompleted: 0,
  trainingSeconds: 0,
  finalLoss: null,
  optimizer: null,
  packages: {},
  device: 'cpu',
  error: { name: 'TrainerError', code: 'a-new-code', message: 'm', hint: 'h', where: null },
};
const finished = {
  ...failed,
  status: 'finished',
  model: 'weights/model.onnx',
  modelInfo: 'weights/model.json',
  error: null,
};
const model = {
  schema: 1,
  head: 'dense',
  names: ['a'],
  stride: 32,
  imageSize: 64,
  dynamic: true,
  input: { name: 'images' },
  outputs: [],
};

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'result.json');
  await mkdir(join(folder.path, 'weights'));
  await writeFile(join(folder.path, 'weights', 'model.onnx'), '');
  await writeFile(join(folder.path, 'weights', 'model.json'), JSON.stringify(model));
});

/** A file next to the run folder, and links to it in the run folder. */
async function linkOutside(): Promise<void> {
  const outside = `${folder.path}-outside`;
  await mkdir(outside, { recursive: true });
  onTestFinished(() => rm(outside, { recursive: true }));
  await writeFile(join(outside, 'outside.pt'), 'a key');
  await symlink(join(outside, 'outside.pt'), join(folder.path, 'weights', 'link.pt'));
  await symlink(outside, join(folder.path, 'linked'));
}

afterEach(() => folder.remove());

async function read(content: unknown) {
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readResult(nodeFiles, path);
}

describe('readResult', () => {
  it('returns the path of the exported file, which may no longer exist', async () => {
    expect(await read({ ...finished, exportedFrom: '/weights/base.pt' })).toMatchObject({
      exportedFrom: '/weights/base.pt',
    });
    expect(await read({ ...finished, exportedFrom: null })).not.toHaveProperty('exportedFrom');
  });

  it('is null while the run is not over', async () => {
    expect(await readResult(nodeFiles, path)).toBeNull();
  });

  it('keeps the code and hint of a failure, even an unknown one', async () => {
    expect(await read(failed)).toEqual({
      status: 'failed',
      epochsCompleted: 0,
      trainingSeconds: 0,
      packages: {},
      device: 'cpu',
      error: { name: 'TrainingError', code: 'a-new-code', message: 'm', hint: 'h' },
    });
  });

  it('accepts an export without weights', async () => {
    expect(await read(finished)).toMatchObject({
      onnxPath: join(folder.path, 'weights', 'model.onnx'),
      modelInfo: model,
    });
  });

  it.each([
    ['half a file', '{"schema": 1,', 'is not JSON'],
    ['another schema', { ...finished, schema: 2 }, 'is damaged at schema'],
    ['another status', { ...finished, status: 'done' }, 'is damaged at status'],
    ['no model', { ...finished, model: null }, 'names no exported model'],
    ['a missing model', { ...finished, model: 'weights/other.onnx' }, 'which is not a file of this run'],
    ['missing weights', { ...finished, weights: 'weights/best.pt' }, 'which is not a file of this run'],
    ['a missing description', { ...finished, modelInfo: 'weights/other.json' }, 'which is not a file of this run'],
    ['a path of another folder', { ...finished, weights: '/etc/passwd' }, 'names /etc/passwd, which'],
    ['a path that leads out', { ...finished, weights: '../outside.pt' }, 'names ../outside.pt, which'],
    [
      'a path that leads out and in again',
      { ...finished, model: 'weights/../../outside.pt' },
      'which is not a file of this run',
    ],
    ['a link', { ...finished, weights: 'weights/link.pt' }, 'names weights/link.pt, which'],
    ['a file behind a linked folder', { ...finished, weights: 'linked/outside.pt' }, 'names linked/outside.pt, which'],
    ['a folder', { ...finished, weights: 'weights' }, 'names weights, which'],
    ['a path with a NUL', { ...finished, weights: 'a\0b' }, 'which is not a file of this run'],
    ['a failure without a reason', { ...failed, error: null }, 'without an error'],
  ])('rejects %s with the file name', async (_, content, message) => {
    await linkOutside();
    await expect(read(content)).rejects.toMatchObject({
      code: 'result-invalid',
      message: expect.stringContaining(message),
      where: expect.stringContaining(folder.path),
    });
  });

  it('rejects an invalid model description', async () => {
    await writeFile(join(folder.path, 'weights', 'model.json'), JSON.stringify({ ...model, head: 'anchors' }));
    await expect(read(finished)).rejects.toMatchObject({
      code: 'result-invalid',
      where: join(folder.path, 'weights', 'model.json'),
    });
  });
});

describe('readLogTail', () => {
  it('returns the last lines as in a terminal', async () => {
    const log = join(folder.path, 'trainer.log');
    expect(await readLogTail(nodeFiles, log, 3)).toBe('');
    await writeFile(log, `${'x'.repeat(20_000)}\none\n\n  1%\r 50%\r100%\r\n\u001B[31mred\u001B[0m\u001B[K\n`);
    expect(await readLogTail(nodeFiles, log, 3)).toBe('one\n100%\nred');
  });
});
