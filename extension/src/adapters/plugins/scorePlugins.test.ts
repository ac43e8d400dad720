import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Detection } from '../../core/detection/types.ts';
import type { ScoreOptions } from '../../core/uncertainty/uncertaintyScore.ts';
import type { PluginContext, PluginImage, PluginRun } from '../../workflow/ports/scorePlugins.ts';
import { createScorePlugins } from './scorePlugins.ts';
import type { PluginLimits } from './pluginThread.ts';

const threadPath = join(import.meta.dirname, 'thread.ts');
const example = join(import.meta.dirname, '..', '..', '..', 'plugin', 'example.mjs');

let folder = '';
const runs: PluginRun[] = [];
const printed: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metrics-'));
});
afterEach(async () => {
  for (const run of runs.splice(0)) await run.close();
  printed.length = 0;
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A plug-in with this id and this body of `compute`. */
function metric(id: string, body: string): string {
  return `export default { id: '${id}', compute(image, context) { ${body} } };\n`;
}

async function open(limits: Partial<PluginLimits> = {}): Promise<PluginRun> {
  const plugins = createScorePlugins({ folder, threadPath, limits, onOutput: (line) => printed.push(line) });
  const run = await plugins.open();
  runs.push(run);
  return run;
}

const options: ScoreOptions = {
  aggregation: 'max',
  weights: { confidence: 1, entropy: 0, variance: 0 },
  threshold: 0.4,
  classDifficulty: [1.1, 1.2],
};
const context: PluginContext = { options, classNames: ['open', 'short'] };

function image(
  imageId: number,
  confidences: readonly number[],
  more: Partial<PluginImage['evidence']> = {},
): PluginImage {
  const detections = confidences.map((confidence, i): Detection => ({
    classId: 0,
    confidence,
    box: { x1: 10 * i, y1: 0, x2: 10 * i + 8, y2: 8 },
    classScores: { classIds: [0, 1], scores: [confidence, 0.05] },
  }));
  const evidence = {
    detections,
    bestScore: Math.max(0, ...confidences),
    classCount: 2,
    head: 'dense' as const,
    ...more,
  };
  return { imageId, path: `images/${imageId}.jpg`, width: 100, height: 50, evidence };
}

const two = [image(1, [0.2, 0.6]), image(2, [])];

describe('score plug-ins', () => {
  test('receive the predictions, and return one score per image', async () => {
    put('highest.mjs', metric('highest', 'return image.bestScore'));
    put('no-boxes.mjs', metric('no-boxes', 'return image.detections.length === 0 ? null : 1'));
    const run = await open();
    expect(run.faults).toEqual([]);
    expect(run.scores).toEqual([
      expect.objectContaining({ id: 'highest', title: 'highest', description: '', file: join(folder, 'highest.mjs') }),
      expect.objectContaining({ id: 'no-boxes' }),
    ]);
    expect(await run.score(two, context)).toEqual(
      new Map([
        ['highest', [0.6, 0]],
        ['no-boxes', [1, null]],
      ]),
    );
    expect(await run.score([], context)).toEqual(
      new Map([
        ['highest', []],
        ['no-boxes', []],
      ]),
    );
  });

  test('receive exactly the fields of their types', async () => {
    const body = `console.log(JSON.stringify([image, context])); console.log(context.aggregate([0.1, 0.3]), context.aggregate([]),
      context.entropy(0.5), context.decisionScore(0.4), context.iou({ x1: 0, y1: 0, x2: 2, y2: 2 }, { x1: 0, y1: 0, x2: 1, y2: 2 }));
      return 0;`;
    put('look.mjs', metric('look', body));
    const run = await open();
    const [first] = two;
    const flipped = first?.evidence.detections.slice(0, 1) ?? [];
    const mirrored = image(7, [0.2, 0.6], { flipped });
    await run.score([mirrored], context);
    const { evidence, ...about } = mirrored;
    await expect.poll(() => printed.length).toBe(2);
    const { weights: _, ...shown } = options;
    expect(JSON.parse(printed[0]?.replace('look.mjs: ', '') ?? '')).toEqual([
      { ...about, ...evidence },
      { ...shown, classNames: context.classNames },
    ]);
    expect(printed[1]).toBe('look.mjs: 0.3 null 1 0.5 0.5');
  });

  test('may be the example, CommonJS, asynchronous, or have a title', async () => {
    copyFileSync(example, join(folder, 'a.mjs'));
    put('b.js', `module.exports = { id: 'common', compute: () => 0.25 };`);
    put(
      'c.mjs',
      `export default { id: 'later', title: 'Later', description: 'It waits.', compute: async () => 0.75 };`,
    );
    const run = await open();
    expect(run.faults).toEqual([]);
    expect(run.scores.map(({ title, description }) => [title, description])).toEqual([
      ['Cut off', expect.stringContaining('border')],
      ['common', ''],
      ['Later', 'It waits.'],
    ]);
    const scores = await run.score([image(1, [0.4]), image(2, [])], context);
    expect(Object.fromEntries(scores)).toEqual({ 'cut-off': [1, 0], common: [0.25, 0.25], later: [0.75, 0.75] });
  });

  test('are loaded again in each run', async () => {
    put('a.mjs', metric('mine', 'return 0.1'));
    const before = await open();
    put('a.mjs', metric('mine', 'return 0.2'));
    const after = await open();
    expect((await before.score(two, context)).get('mine')).toEqual([0.1, 0.1]);
    expect((await after.score(two, context)).get('mine')).toEqual([0.2, 0.2]);
    expect(after.scores[0]?.digest).not.toBe(before.scores[0]?.digest);
    rmSync(join(folder, 'a.mjs'));
    expect((await open()).scores).toEqual([]);
  });

  test('may import one another', async () => {
    put('lib/shared.mjs', 'export const half = 0.5;');
    put('a.mjs', `import { half } from './lib/shared.mjs';\n${metric('a', 'return half')}`);
    expect((await (await open()).score(two, context)).get('a')).toEqual([0.5, 0.5]);
  });

  test('need no folder', async () => {
    rmSync(folder, { recursive: true });
    const run = await open();
    expect([run.scores, run.faults, await run.score(two, context)]).toEqual([[], [], new Map()]);
  });
});

describe('a plug-in that cannot be loaded', () => {
  test.each<[what: string, file: string, text: string, code: string, message: string]>([
    ['is no JavaScript', 'a.mjs', 'export default {', 'not-loaded', 'SyntaxError'],
    ['throws at once', 'a.mjs', `throw new Error('no licence')`, 'not-loaded', 'Error: no licence (a.mjs:1)'],
    ['imports what is not there', 'a.mjs', `import './gone.mjs'`, 'not-loaded', 'gone.mjs'],
    ['exports nothing', 'a.mjs', 'export const id = 1;', 'not-a-metric', 'no default export'],
    ['exports nothing, in CommonJS', 'a.js', 'const id = 1;', 'not-a-metric', '"id"'],
    ['has no id', 'a.mjs', 'export default { compute: () => 1 };', 'not-a-metric', '"id"'],
    ['has no function', 'a.mjs', `export default { id: 'a', compute: 1 };`, 'not-a-metric', '"compute"'],
    ['has an invalid id', 'a.mjs', metric('My metric', 'return 1'), 'not-a-metric', '"My metric"'],
    ['has the id of a built-in score', 'a.mjs', metric('entropy', 'return 1'), 'id-taken', '"entropy"'],
    ['ends its thread', 'a.mjs', 'process.exit(3)', 'ended', 'ended with code 3'],
  ])('because it %s is reported and affects no other', async (_, file, text, code, message) => {
    put(file, text);
    put('sound.mjs', metric('sound', 'return 0.5'));
    const run = await open();
    expect(run.faults).toHaveLength(1);
    expect(run.faults[0]).toMatchObject({
      file: join(folder, file),
      error: { code, message: expect.stringContaining(message), where: join(folder, file), hint: expect.any(String) },
    });
    expect((await run.score(two, context)).get('sound')).toEqual([0.5, 0.5]);
  });

  test('because loading never ends is stopped', async () => {
    put('a.mjs', 'await new Promise(() => setInterval(() => {}, 1000));');
    const run = await open({ loadMs: 300 });
    expect(run.faults).toMatchObject([{ id: null, error: { code: 'timed-out' } }]);
  });

  test('because its id is taken yields to the earlier one in the folder', async () => {
    put('a.mjs', `await new Promise((resolve) => setTimeout(resolve, 300));\n${metric('same', 'return 0.1')}`);
    put('b.mjs', metric('same', 'return 0.2'));
    const run = await open();
    expect(run.faults).toMatchObject([{ id: 'same', file: join(folder, 'b.mjs'), error: { code: 'id-taken' } }]);
    expect((await run.score(two, context)).get('same')).toEqual([0.1, 0.1]);
  });
});

describe('a plug-in that fails while it scores', () => {
  test.each<[what: string, body: string, code: string, message: string]>([
    ['throws', `if (image.imageId === 2) throw new TypeError('odd'); return 0`, 'failed', 'TypeError: odd (bad.mjs:1)'],
    ['rejects', `return Promise.reject(new Error('late'))`, 'failed', 'Error: late'],
    ['returns NaN', 'return image.imageId === 2 ? 0 / 0 : 0', 'invalid-score', 'It returned NaN'],
    ['returns more than 1', 'return image.imageId === 2 ? 1.5 : 0', 'invalid-score', 'It returned 1.5'],
    ['returns less than 0', 'return image.imageId === 2 ? -0.1 : 0', 'invalid-score', 'It returned -0.1'],
    ['returns nothing', '', 'invalid-score', 'something of the type undefined'],
    ['returns a text', `return image.imageId === 2 ? '1' : 0`, 'invalid-score', 'something of the type string'],
    ['hangs', 'if (image.imageId === 2) for (;;); return 0', 'timed-out', 'on images/2.jpg'],
    ['waits for ever', 'return new Promise(() => {})', 'timed-out', 'did not answer in time'],
    ['ends its thread', 'process.exit(3)', 'ended', 'ended with code 3'],
    [
      'throws outside of the call',
      `setTimeout(() => { throw new Error('aside') }); return new Promise(() => {})`,
      'ended',
      'aside',
    ],
    [
      'eats all memory',
      'const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()).map(String))',
      'ended',
      'out of memory',
    ],
  ])('because it %s is reported with the image, switched off, and affects no other', async (_, body, code, message) => {
    put('bad.mjs', metric('bad', body));
    put('sound.mjs', metric('sound', 'return 0.5'));
    const run = await open({ imageMs: code === 'timed-out' ? 2500 : 30_000, memoryMb: 32 });
    expect(run.scores.map(({ id }) => id)).toEqual(['bad', 'sound']);
    expect(await run.score(two, context)).toEqual(new Map([['sound', [0.5, 0.5]]]));
    expect(run.scores.map(({ id }) => id)).toEqual(['sound']);
    expect(run.faults).toMatchObject([
      { id: 'bad', file: join(folder, 'bad.mjs'), error: { code, message: expect.stringContaining(message) } },
    ]);
    expect(await run.score(two, context)).toEqual(new Map([['sound', [0.5, 0.5]]]));
    expect(run.faults).toHaveLength(1);
  });

  test('because it takes too long on average is reported before the first call ends', async () => {
    const body = 'return new Promise((resolve) => setTimeout(() => resolve(0.5), 60))';
    put('slow.mjs', metric('slow', body));
    const run = await open({ meanMs: 20, meanAfter: 3 });
    const many = Array.from({ length: 1000 }, (_, i) => image(i, [0.5]));
    // All images together would take a minute.
    expect(await run.score(many, context)).toEqual(new Map());
    expect(run.faults).toMatchObject([
      {
        id: 'slow',
        error: { code: 'too-slow', message: expect.stringMatching(/^It took \d+ ms an image over \d+ images/) },
      },
    ]);
  });

  test('is not reported if scoring was cancelled: it ends immediately', async () => {
    put('slow.mjs', metric('slow', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000); return 0'));
    put('quick.mjs', metric('quick', 'return 0.5'));
    const run = await open({ imageMs: 30_000 });
    const abort = new AbortController();
    const answer = run.score(two, context, abort.signal);
    await new Promise((resolve) => setTimeout(resolve, 300));
    abort.abort();
    expect(await answer).toEqual(new Map([['quick', [0.5, 0.5]]]));
    expect(run.faults).toEqual([]);
    expect(await run.score(two, context, abort.signal)).toEqual(new Map());
    expect(run.faults).toEqual([]);
  });

  test('has a time limit per image, not for all together', async () => {
    put('slow.mjs', metric('slow', 'return new Promise((resolve) => setTimeout(() => resolve(0.5), 150))'));
    const run = await open({ imageMs: 1000 });
    const many = Array.from({ length: 10 }, (_, i) => image(i, [0.5]));
    expect((await run.score(many, context)).get('slow')).toEqual(many.map(() => 0.5));
  });
});
