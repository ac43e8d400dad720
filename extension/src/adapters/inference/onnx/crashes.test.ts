import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../core/random.ts';
import type { InferenceResult } from '../../../workflow/ports/inference.ts';
import { collect, dynamicModel, ids, options, repeated } from '../testing/predictions.ts';
import { paint, testFolder, testInference } from '../testing/testBed.ts';
import { ProbeImage } from './probeImage.ts';

const folder = testFolder();
const black = await paint(join(folder, 'black.png'), 64, 64, 'black');
/** The model takes so long on this image that a worker is always in the middle of one. */
const yellow = await paint(join(folder, 'yellow.png'), 64, 64, 'yellow');
const magenta = await paint(join(folder, 'magenta.png'), 64, 64, 'magenta');

function lost(results: readonly InferenceResult[]): InferenceResult[] {
  return results.filter((result) => !result.ok && result.code === 'worker-crashed');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
}

/** Waits until all processes have exited. */
async function gone(pids: readonly number[]): Promise<boolean> {
  while (pids.some(isAlive)) await delay(20);
  return true;
}

/** Starts `owner.ts`; `workers` are the process ids that it prints. */
function startOwner(mode: 'idle' | 'busy' | 'stuck', image: string) {
  const owner = spawn(process.execPath, [join(import.meta.dirname, '..', 'testing', 'owner.ts'), mode, image], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const workers = once(owner.stdout, 'data').then(([chunk]) => JSON.parse(String(chunk)) as number[]);
  return { owner, workers, exit: once(owner, 'exit') };
}

describe('a worker killed with SIGKILL', () => {
  const total = 20;
  const everyId = Array.from({ length: total }, (_, index) => index + 1);

  // The model never returns for this image, so the worker is certainly busy with it when it is killed.
  it.each([1, 2, 3, 4, 5])('loses only its current image; all others arrive once (seed %i)', async (seed) => {
    const random = createRandom(seed);
    const victims = [2 + Math.floor(random() * 8), 11 + Math.floor(random() * 9)];
    const inference = testInference();
    const images = repeated(black, total).map((image) =>
      victims.includes(image.imageId) ? { ...image, absolutePath: magenta } : image,
    );
    const results: InferenceResult[] = [];
    let again: NodeJS.Timeout | undefined;
    for await (const result of inference.predict(dynamicModel, images, options)) {
      clearInterval(again);
      results.push(result);
      if (!victims.includes(result.imageId + 1)) continue;
      await delay(random() * 50);
      killAll(inference.workerPids());
      // On a busy machine the kill may come before the worker starts on the image, so kill again later.
      // Don't kill workers that are still starting: too many such crashes look like a broken installation.
      again = setInterval(() => killAll(inference.workerPids()), 20_000);
    }
    clearInterval(again);
    expect(ids(results)).toStrictEqual(everyId);
    expect(ids(lost(results))).toStrictEqual(victims);
    expect(results.filter(({ ok }) => ok)).toHaveLength(total - victims.length);
    for (const result of lost(results)) {
      expect(result).toMatchObject({ message: expect.stringContaining(magenta) as string });
    }
  });

  it('loses at most one image per worker when all are killed', async () => {
    const inference = testInference();
    const results: InferenceResult[] = [];
    let killed = 0;
    for await (const result of inference.predict(dynamicModel, repeated(yellow, total), { ...options, workers: 2 })) {
      results.push(result);
      if (results.length !== 5) continue;
      for (const pid of inference.workerPids()) {
        process.kill(pid, 'SIGKILL');
        killed += 1;
      }
    }
    expect(killed).toBe(2);
    expect(ids(results)).toStrictEqual(everyId);
    expect(lost(results).length).toBeLessThanOrEqual(killed);
    expect(results.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(total - killed);
  });
});

describe('a worker that hangs', () => {
  it('in the model is killed, and only its image is lost', async () => {
    const inference = testInference({ imageTimeoutMs: 3000 });
    const images = repeated(black, 12).map((image) =>
      image.imageId === 5 ? { ...image, absolutePath: magenta } : image,
    );
    const results = await collect(inference.predict(dynamicModel, images, options));
    expect(ids(results)).toStrictEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(ids(lost(results))).toStrictEqual([5]);
    expect(lost(results)[0]).toMatchObject({
      message: expect.stringMatching(/magenta\.png.*did not answer/) as string,
    });
    expect(results.filter(({ ok }) => ok)).toHaveLength(11);
  });

  it.skipIf(process.platform === 'win32')(
    'does not occur for a pipe in place of an image, because the worker never reads it',
    async () => {
      const pipe = join(folder, 'pipe.png');
      execFileSync('mkfifo', [pipe]);
      const inference = testInference({ imageTimeoutMs: 60_000 });
      const images = repeated(black, 8).map((image) =>
        image.imageId === 3 ? { ...image, absolutePath: pipe } : image,
      );
      const results = await collect(inference.predict(dynamicModel, images, options));
      expect(ids(results)).toStrictEqual(Array.from({ length: 8 }, (_, index) => index + 1));
      expect(ids(lost(results))).toStrictEqual([]);
      expect(ids(results.filter(({ ok }) => !ok))).toStrictEqual([3]);
    },
  );
});

describe('workers that crash on every image', () => {
  it('end the run instead of going through the whole pool', async () => {
    const workerPath = join(folder, 'dyingWorker.ts');
    writeFileSync(
      workerPath,
      `process.on('message', ({ kind, run, job }) => {
         if (kind === 'open') process.send({ kind: 'opened', run });
         if (kind === 'image') process.send({ kind: 'stage', run, job, stage: 'inferring' }, () => process.kill(process.pid, 'SIGKILL'));
       });`,
    );
    const inference = testInference({ workerPath });
    const seen: InferenceResult[] = [];
    const run = async (): Promise<void> => {
      for await (const result of inference.predict(dynamicModel, repeated(black, 1000), options)) seen.push(result);
    };
    await expect(run()).rejects.toMatchObject({ code: 'worker-failed' });
    expect(lost(seen)).toHaveLength(seen.length);
    expect(seen.length).toBeLessThan(10);
  });

  it('end the run if they crash before they start on an image', async () => {
    const workerPath = join(folder, 'fadingWorker.ts');
    writeFileSync(
      workerPath,
      `process.on('message', ({ kind, run }) => {
         if (kind === 'open') process.send({ kind: 'opened', run });
         else { console.error('Out of ink.'); process.exit(9); }
       });`,
    );
    const inference = testInference({ workerPath });
    const results = collect(inference.predict(dynamicModel, repeated(black, 1000), options));
    await expect(results).rejects.toMatchObject({
      code: 'worker-failed',
      message: expect.stringMatching(/exit code 9.*Out of ink/) as string,
    });
  });
});

const pool = (isBad: (id: number) => boolean, count = 40) =>
  Array.from({ length: count }, (_, id) => ({ imageId: id, absolutePath: `/${isBad(id) ? 'bad' : 'good'}/${id}.png` }));

describe('consecutive bad images', () => {
  // This worker kills itself on an image named `bad`, as if the decoder crashed.
  const workerPath = join(folder, 'choosyWorker.ts');
  const log = join(folder, 'given');
  writeFileSync(
    workerPath,
    `import { appendFileSync } from 'node:fs';
     process.on('disconnect', () => process.exit());
     process.on('message', ({ kind, run, job, imageId, path }) => {
       if (kind === 'open') process.send({ kind: 'opened', run });
       if (kind !== 'image') return;
       appendFileSync(${JSON.stringify(log)}, path + '\\n');
       const bad = /bad/.test(path);
       process.send({ kind: 'stage', run, job, stage: 'decoding' }, () => bad && process.kill(process.pid, 'SIGKILL'));
       if (bad) return;
       const result = { ok: true, imageId, width: 1, height: 1, detections: [], bestScore: 0 };
       process.send({ kind: 'result', run, job, result });
     });`,
  );
  const given = (): string[] => readFileSync(log, 'utf8').trim().split('\n');

  it.each([
    ['in the middle', (id: number) => id >= 5 && id < 23, 1],
    ['at the beginning', (id: number) => id < 12, 1],
    ['at the end', (id: number) => id >= 28, 1],
    ['for two workers', (id: number) => id >= 10 && id < 28, 2],
  ])('are the only images lost: %s', async (_, isBad, workers) => {
    writeFileSync(log, '');
    const images = pool(isBad);
    const inference = testInference({ workerPath });
    const results = await collect(inference.predict(dynamicModel, images, { ...options, workers }));
    expect(ids(results)).toStrictEqual(images.map(({ imageId }) => imageId));
    expect(ids(lost(results))).toStrictEqual(images.map(({ imageId }) => imageId).filter(isBad));
  });

  it('are distinguished from a broken model by retrying an image that had a result', async () => {
    writeFileSync(log, '');
    await collect(
      testInference({ workerPath }).predict(
        dynamicModel,
        pool((id) => id >= 10 && id < 25),
        options,
      ),
    );
    expect(given().filter((path) => path === '/good/9.png')).toHaveLength(2);
  });

  it('end the run if all images are bad, and leave no files behind', async () => {
    writeFileSync(log, '');
    const inference = testInference({ workerPath });
    const run = collect(
      inference.predict(
        dynamicModel,
        pool(() => true, 1000),
        options,
      ),
    );
    await expect(run).rejects.toMatchObject({
      code: 'worker-failed',
      message: expect.stringContaining(
        '40 images in a row could not be predicted. The last: While it worked on /bad/',
      ) as string,
    });
    const own = given().filter((path) => !path.startsWith('/bad/'));
    expect(own).toHaveLength(4);
    expect(existsSync(own[0] ?? '')).toBe(false);
  }, 60_000);
});

describe('the image that shows whether a model works', () => {
  it('works with every model', async () => {
    const probe = new ProbeImage();
    const images = [{ imageId: 1, absolutePath: await probe.path() }];
    expect(await collect(testInference().predict(dynamicModel, images, options))).toMatchObject([
      { ok: true, width: 64, height: 64 },
    ]);
    await probe.remove();
    expect(existsSync(images[0]?.absolutePath ?? '')).toBe(false);
  });
});

describe('the process that owns the workers', () => {
  it('exits by itself while workers are idle, and the workers exit with it', async () => {
    const { workers, exit } = startOwner('idle', black);
    const pids = await workers;
    expect(pids).toHaveLength(2);
    await expect(exit).resolves.toStrictEqual([0, null]);
    await expect(gone(pids)).resolves.toBe(true);
  });

  it('ends its workers when it is killed', async () => {
    const { owner, workers, exit } = startOwner('busy', yellow);
    const pids = await workers;
    expect(pids.filter(isAlive)).toHaveLength(2);
    owner.kill('SIGKILL');
    await expect(exit).resolves.toStrictEqual([null, 'SIGKILL']);
    await expect(gone(pids)).resolves.toBe(true);
  });

  it('ends workers whose model never returns', async () => {
    const { owner, workers, exit } = startOwner('stuck', magenta);
    const pids = await workers;
    expect(pids.filter(isAlive)).toHaveLength(2);
    owner.kill('SIGKILL');
    await expect(exit).resolves.toStrictEqual([null, 'SIGKILL']);
    await expect(gone(pids)).resolves.toBe(true);
  });
});
