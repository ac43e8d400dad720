// How long a reviewer waits for the next image in a real editor, what of it is the product's, and whether a key is lost.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Frame } from 'playwright-core';
import { openEditor, type Editor } from '../../extension/test/editor/support/editor.ts';
import { makeEvaluator } from '../../extension/test/editor/support/evaluator.ts';
import { findWebview, waitForPicture } from '../../extension/test/editor/support/parts.ts';
import { root } from '../../scripts/begin/paths.mjs';
import { bindKey, openEmptyWebview, timeEmptyKey } from './emptyWebview.ts';
import { refusalsAndPlace, startMeter, timeDrag, timeKey, type KeyTimes } from './pageMeter.ts';
import { makeQueueWorkspace, timeVerdicts } from './queueWorkspace.ts';

const limits = { nextImageP95Ms: 50, keysLost: 0, dragFps: 55 };
/** A reviewer looks at an image for longer. */
const pauseMs = 250;
/** The first keys warm up what compiles and caches. */
const warmUp = 10;

interface Spread {
  readonly median: number;
  readonly p95: number;
}

function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10;
  return { median: at(0.5), p95: at(0.95) };
}

async function repeat<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count + warmUp; i++) {
    const result = await work();
    if (i >= warmUp) results.push(result);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return results;
}

/** The parts of a verdict. `host` is the way to the host and back without the write, which is timed in this process. */
function parts(keys: readonly KeyTimes[], write: Spread): Readonly<Record<string, Spread>> {
  const between = (from: keyof KeyTimes, to: keyof KeyTimes): Spread =>
    spread(keys.flatMap((key) => (key[from] === null || key[to] === null ? [] : [key[to] - key[from]])));
  const round = between('command', 'reply');
  return {
    keyToCommand: between('down', 'command'),
    write,
    hostAndReply: { median: round.median - write.median, p95: round.p95 - write.p95 },
    paint: between('reply', 'painted'),
  };
}

async function openReview(editor: Editor, host: Awaited<ReturnType<ReturnType<typeof makeEvaluator>['host']>>) {
  await host.run(async (vscode) => {
    await vscode.commands.executeCommand('activeLearning.review.open');
  }, null);
  const frame = await findWebview(editor.page, '.review canvas');
  await waitForPicture(frame);
  await frame.locator('.review-header').click();
  await startMeter(frame);
  return frame;
}

/** Presses 200 keys, one each 33 ms: next image and accept in turn, each of which moves the review by one or is refused. */
async function countLostKeys(editor: Editor, frame: Frame): Promise<{ keysLost: number; keysRefused: number }> {
  const before = await refusalsAndPlace(frame);
  const presses: Promise<void>[] = [];
  for (let i = 0; i < 200; i++) {
    presses.push(editor.page.keyboard.press(i % 2 === 0 ? 'PageDown' : 'a'));
    await new Promise((resolve) => setTimeout(resolve, 33));
  }
  await Promise.all(presses);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const after = await refusalsAndPlace(frame);
  const keysRefused = after.refusals - before.refusals;
  return { keysLost: 200 - keysRefused - (after.place - before.place), keysRefused };
}

interface Queue {
  readonly width: number;
  readonly height: number;
  readonly keys: number;
  readonly images: number;
}

async function measureQueue(queue: Queue) {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'al-review-')));
  const evaluator = makeEvaluator();
  let editor: Editor | undefined;
  try {
    const workspace = join(home, 'workspace');
    await makeQueueWorkspace({ ...queue, folder: workspace, boxes: [500, 2000] });
    editor = await openEditor({ workspace, extensionFolder: root, helpers: [evaluator.extensionFolder] });
    bindKey(editor.server.userDataFolder);
    const first = await evaluator.host();
    await editor.reloadWindow();
    const host = await evaluator.host(first);
    const { page } = editor;
    const frame = await openReview(editor, host);
    const dragFps = await timeDrag(page, frame, 4);
    await page.keyboard.press('Escape');
    await timeKey(page, frame, 'PageDown');
    const dragFps2000 = await timeDrag(page, frame, 4);
    await page.keyboard.press('Escape');
    await timeKey(page, frame, 'PageDown');
    const verdicts = await repeat(queue.keys, () => timeKey(page, frame, 'a'));
    const moves = await repeat(queue.keys, () => timeKey(page, frame, 'PageDown'));
    const lost = await countLostKeys(editor, frame);
    const empty = await openEmptyWebview(page, host, 0);
    const floor = spread(await repeat(queue.keys, () => timeEmptyKey(page, empty)));
    const asking = await openEmptyWebview(page, host, 1);
    const roundTripFloor = spread(await repeat(queue.keys, () => timeEmptyKey(page, asking)));
    await editor.close();
    editor = undefined;
    const write = spread(await timeVerdicts(workspace, queue.keys));
    const whole = spread(verdicts.map(({ down, painted }) => painted - down));
    return {
      nextImageP95Ms: whole.p95,
      nextImageMedianMs: whole.median,
      parts: parts(verdicts, write),
      withoutVerdict: spread(moves.map(({ down, painted }) => painted - down)),
      floor,
      ratioToFloor: Math.round((whole.p95 / floor.p95) * 100) / 100,
      roundTripFloor,
      ratioToRoundTripFloor: Math.round((whole.p95 / roundTripFloor.p95) * 100) / 100,
      ...lost,
      dragFps: Math.round(dragFps),
      dragFps2000: Math.round(dragFps2000),
    };
  } finally {
    await editor?.close();
    evaluator.remove();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @returns the figures of a queue of 640-px images, and of one of 12 megapixels. */
export async function bench(args: string[]): Promise<object> {
  const { values } = parseArgs({
    args,
    options: { images: { type: 'string', default: '10000' }, keys: { type: 'string', default: '100' } },
  });
  const [images, keys] = [Number(values.images), Number(values.keys)];
  if (!Number.isInteger(images) || !Number.isInteger(keys) || images < 2 * keys + 500 || keys < 1) {
    throw new Error('--images and --keys are numbers; the queue must be longer than all keys need.');
  }
  console.log(`A queue of ${images} images in a real editor, ${keys} keys each, ${cpus()[0]?.model ?? 'unknown CPU'}`);
  const sizes = { small: { width: 640, height: 480 }, large: { width: 4000, height: 3000 } };
  const figures: Record<string, Awaited<ReturnType<typeof measureQueue>>> = {};
  for (const [name, size] of Object.entries(sizes)) {
    const one = await measureQueue({ ...size, images, keys });
    figures[name] = one;
    console.log(`  ${size.width} x ${size.height}`);
    const times = { 'accept, next image': { median: one.nextImageMedianMs, p95: one.nextImageP95Ms }, ...one.parts };
    const others = {
      'next image alone': one.withoutVerdict,
      floor: one.floor,
      'floor, one answer': one.roundTripFloor,
    };
    for (const [what, { median, p95 }] of Object.entries({ ...times, ...others })) {
      console.log(`    ${what.padEnd(20)} median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`);
    }
    console.log(`    keys lost ${one.keysLost} of 200 (${one.keysRefused} refused); drag ${one.dragFps} frames/s with`);
    console.log(`    500 boxes, ${one.dragFps2000} with 2,000`);
    const missed = [
      one.nextImageP95Ms > limits.nextImageP95Ms ? `nextImageP95Ms ${one.nextImageP95Ms}` : '',
      one.keysLost > limits.keysLost ? `keysLost ${one.keysLost}` : '',
      one.dragFps < limits.dragFps ? `dragFps ${one.dragFps}` : '',
    ].filter((miss) => miss !== '');
    if (missed.length > 0) process.exitCode = 1;
    for (const miss of missed) console.log(`    MISSED ${miss}`);
  }
  return { images, keys, limits, ...figures };
}
