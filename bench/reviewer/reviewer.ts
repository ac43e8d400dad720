// The seconds that a review of real predictions costs: a scripted reviewer corrects a batch in a real editor.
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { matchDetections, type EvaluationImage } from '../../extension/src/core/evaluation/matching.ts';
import { openEditor } from '../../extension/test/editor/support/editor.ts';
import { SessionData, boxOfRow } from '../../extension/test/editor/journey/sessionData.ts';
import { findWebview } from '../../extension/test/editor/support/parts.ts';
import { root } from '../../scripts/begin/paths.mjs';
import { classNames, makePcbWorkspace, type PcbOptions } from './pcbWorkspace.ts';
import { ScriptedReviewer, type TrueBox, type Work } from './scriptedReviewer.ts';

/**
 * Seconds of a person. Looking at a box and drawing one: Papadopoulos et al., CVPR 2016 and ICCV 2017. Keys, and a stroke
 * of the mouse (point, press, point, release): Card, Moran and Newell's keystroke-level model, 1980.
 */
const human = { look: 1.6, draw: 7, key: 0.28, stroke: 2.4 };

interface Figures {
  readonly images: number;
  /** Of a person: what the script did, by the seconds of `human`, and the waiting for the editor. */
  readonly secondsPerImage: number;
  /** Of the script alone. */
  readonly machineSecondsPerImage: number;
  readonly looked: number;
  readonly keys: number;
  readonly drags: number;
  readonly drawn: number;
  /** Share of the saved boxes that are right, and of the true objects that are saved, at an IoU of 0.5. */
  readonly precision: number;
  readonly recall: number;
}

/** The objects of a label file. */
function readObjects(file: string, image: { readonly width: number; readonly height: number }): TrueBox[] {
  const rows = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return rows
    .filter((row) => row.trim() !== '')
    .map((row) => {
      const { classId, ...box } = boxOfRow(row, image);
      return { classId, box };
    });
}

/** Reviews the batch that waits in a workspace. */
async function review(folder: string, truthFolder: string, checkout: Checkout): Promise<Figures> {
  const data = new SessionData(folder);
  const images = data.samples(data.iterations().at(-1)?.id ?? 0).map((sample) => {
    const name = basename(sample.path);
    const label = name.replace(/\.\w+$/, '.txt');
    const saved = join(folder, 'pcb', 'labels', 'train', label);
    return { ...sample, name, saved, truth: readObjects(join(truthFolder, label), sample) };
  });
  const editor = await openEditor({ workspace: folder, extensionFolder: checkout.folder });
  const all: Work[] = [];
  try {
    await editor.runCommand('Active Learning: Review Samples');
    const frame = await findWebview(editor.page, '.review canvas');
    const reviewer = new ScriptedReviewer(editor, frame, classNames, checkout);
    for (const image of images) all.push(await reviewer.review(image));
  } catch (error) {
    console.log(`  ${await editor.dump('reviewer')}`);
    throw error;
  } finally {
    await editor.close();
  }
  const saved = images.map((image, imageId) => ({
    imageId,
    truth: image.truth,
    detections: readObjects(image.saved, image).map((object) => ({ ...object, confidence: 1 })),
  }));
  return { ...figuresOf(all), ...quality(saved) };
}

function figuresOf(all: readonly Work[]): Omit<Figures, 'precision' | 'recall'> {
  const sum = (key: keyof Work): number => all.reduce((total, work) => total + work[key], 0);
  const [looked, keys, drags, drawn] = [sum('looked'), sum('keys'), sum('drags'), sum('drawn')];
  const machine = sum('machineSeconds');
  const person = looked * human.look + keys * human.key + drags * human.stroke + drawn * human.draw;
  return {
    images: all.length,
    secondsPerImage: rounded((person + machine) / all.length),
    machineSecondsPerImage: rounded(machine / all.length),
    looked,
    keys,
    drags,
    drawn,
  };
}

function quality(images: readonly EvaluationImage[]): { precision: number; recall: number } {
  const { classes } = matchDetections(images, { classCount: classNames.length });
  const total = (count: (one: (typeof classes)[number]) => number): number =>
    classes.reduce((sum, one) => sum + count(one), 0);
  // Bit 0: an IoU of 0.5.
  const right = total(({ hits }) => hits.filter((bits) => (bits & 1) === 1).length);
  return {
    precision: rounded(right / total(({ hits }) => hits.length), 1000),
    recall: rounded(right / total(({ truthBoxes }) => truthBoxes), 1000),
  };
}

function rounded(value: number, parts = 10): number {
  return Math.round(value * parts) / parts;
}

interface Checkout {
  readonly folder: string;
  /** Whether its review has a key for the next weaker prediction. */
  readonly candidates: boolean;
}

async function measure(checkout: Checkout, options: PcbOptions): Promise<Figures> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'al-reviewer-')));
  try {
    console.log(`  training the model of ${checkout.folder}`);
    return await review(folder, makePcbWorkspace(folder, checkout.folder, options), checkout);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @returns the figures of this checkout, and with `--before` those of an older one that is built. */
export async function bench(args: string[]): Promise<object> {
  const { values } = parseArgs({
    args,
    options: {
      before: { type: 'string' },
      labelled: { type: 'string', default: '40' },
      images: { type: 'string', default: '20' },
      epochs: { type: 'string', default: '20' },
    },
  });
  const data = process.env['AL_TEST_DATA'];
  if (data === undefined)
    throw new Error('Let AL_TEST_DATA name a folder that holds data/deeppcb and models/yolov8n-coco.pt.');
  const options = {
    data: join(data, 'data', 'deeppcb'),
    weights: join(data, 'models', 'yolov8n-coco.pt'),
    labelled: Number(values.labelled),
    batch: Number(values.images),
    epochs: Number(values.epochs),
    pool: 100,
    validation: 30,
  };
  const checkouts: Record<string, Checkout> = {
    ...(values.before === undefined ? {} : { before: { folder: resolve(values.before), candidates: false } }),
    now: { folder: root, candidates: true },
  };
  const figures: Record<string, Figures> = {};
  for (const [name, checkout] of Object.entries(checkouts)) {
    const one = await measure(checkout, options);
    figures[name] = one;
    console.log(
      `  ${name}: ${one.secondsPerImage} s an image for a person, ${one.machineSecondsPerImage} s of it for the script`,
    );
    console.log(`    ${one.looked} boxes looked at, ${one.drawn} drawn, ${one.drags} strokes, ${one.keys} keys`);
    const complete = one.precision === 1 && one.recall === 1;
    console.log(`    labels saved: precision ${one.precision}, recall ${one.recall}${complete ? '' : ' MISSED'}`);
    if (!complete) process.exitCode = 1;
  }
  return { options: { ...options, data: undefined, weights: undefined }, human, ...figures };
}
