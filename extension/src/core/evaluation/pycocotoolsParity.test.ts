import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PixelBox } from '../detection/types.ts';
import { createRandom, shuffled, type Random } from '../random.ts';
import { recallPointsUpTo } from './averagePrecision.ts';
import { evaluate, type EvaluationImage } from './evaluate.ts';
import { IOU_THRESHOLDS } from './matching.ts';

const venv = new URL('../../../../trainer/.venv/', import.meta.url);
const python = fileURLToPath(new URL(process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python', venv));
const hasPython = existsSync(python);

/** COCOeval over cases from standard input. */
const reference = `
import contextlib, io, json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

def run(case):
    truth, found = [], []
    for image in case["images"]:
        for box in image["truth"]:
            x1, y1, x2, y2 = box["box"]
            truth.append({"id": len(truth) + 1, "image_id": image["imageId"], "category_id": box["classId"],
                          "bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1), "iscrowd": 0})
        for box in image["detections"]:
            x1, y1, x2, y2 = box["box"]
            found.append({"image_id": image["imageId"], "category_id": box["classId"],
                          "bbox": [x1, y1, x2 - x1, y2 - y1], "score": box["confidence"]})
    coco = COCO()
    coco.dataset = {"info": {}, "images": [{"id": image["imageId"]} for image in case["images"]],
                    "categories": [{"id": c} for c in range(case["classCount"])], "annotations": truth}
    coco.createIndex()
    results = coco.loadRes(found) if found else COCO()
    if not found:
        results.dataset = {"images": coco.dataset["images"], "categories": coco.dataset["categories"], "annotations": []}
        results.createIndex()
    evaluation = COCOeval(coco, results, "bbox")
    evaluation.params.maxDets = [1, 10, case["maxDetections"]]
    evaluation.evaluate()
    evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    def mean(values):
        values = values[values > -1]
        return float(values.mean()) if values.size else None
    return {"map5095": mean(precision), "map50": mean(precision[0]),
            "ap5095": [mean(precision[:, :, c]) for c in range(case["classCount"])],
            "ap50": [mean(precision[0, :, c]) for c in range(case["classCount"])]}

cases = json.load(sys.stdin)
with contextlib.redirect_stdout(io.StringIO()):
    results = [run(case) for case in cases]
    params = COCOeval(iouType="bbox").params
print(json.dumps({"results": results, "iou": list(params.iouThrs), "recall": list(params.recThrs)}))
`;

interface Case {
  readonly classCount: number;
  readonly maxDetections: number;
  readonly images: readonly EvaluationImage[];
}

/**
 * Random images with everything that makes evaluations disagree: integer boxes whose IoU lies right at a threshold, tied
 * confidences within and across images, duplicate labels and detections, empty images, classes without labels or
 * without detections, more detections than are counted.
 */
function randomCase(random: Random, index: number): Case {
  const integer = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const classCount = [1, 3, 8][index % 3] ?? 3;
  const whole = index % 2 === 0;
  const ties = index % 4 < 2;
  const quality = random();
  const box = (): PixelBox => {
    const [x, y, w, h] = [integer(0, 300), integer(0, 300), integer(4, 60), integer(4, 60)];
    const shift = whole ? 0 : random();
    return { x1: x + shift, y1: y + shift, x2: x + shift + w, y2: y + shift + h };
  };
  const jitter = (): number => (whole ? integer(-3, 3) : (random() - 0.5) * 8);
  const near = ({ x1, y1, x2, y2 }: PixelBox): PixelBox => {
    const [left, top] = [x1 + jitter(), y1 + jitter()];
    return { x1: left, y1: top, x2: Math.max(left + 1, x2 + jitter()), y2: Math.max(top + 1, y2 + jitter()) };
  };
  const confidence = (): number => (ties ? integer(1, 10) / 10 : random());
  // A class that is never labelled, and one that is never detected.
  const labelClass = (): number => integer(0, classCount > 3 ? classCount - 2 : classCount - 1);
  const foundClass = (): number => integer(classCount > 3 ? 1 : 0, classCount - 1);

  const images = Array.from({ length: integer(1, 20) }, (_, i): EvaluationImage => {
    const truth = Array.from({ length: random() < 0.2 ? 0 : integer(0, 8) }, () => ({
      classId: labelClass(),
      box: box(),
    }));
    const first = truth[0];
    if (first !== undefined && random() < 0.2) truth.push({ ...first });
    const detections = truth
      .filter(({ classId }) => (classCount <= 3 || classId > 0) && random() < quality)
      .flatMap((one) =>
        Array.from({ length: integer(1, 3) }, () => ({
          classId: random() < 0.85 ? one.classId : foundClass(),
          box: near(one.box),
          confidence: confidence(),
        })),
      );
    for (let extra = integer(0, 6); extra > 0; extra--) {
      detections.push({ classId: foundClass(), box: box(), confidence: confidence() });
    }
    const twice = detections[0];
    if (twice !== undefined && random() < 0.3) detections.push({ ...twice });
    return { imageId: i * 3 + 7, truth, detections: random() < 0.1 ? [] : shuffled(detections, random) };
  });
  return { classCount, maxDetections: index % 5 === 0 ? 11 : 300, images };
}

function fixedCases(): Case[] {
  const box = { x1: 0, y1: 0, x2: 10, y2: 10 };
  const truth = [{ classId: 0, box }];
  const hit = { classId: 0, confidence: 0.9, box };
  const crowd = Array.from({ length: 400 }, (_, i) => ({ classId: 0, confidence: (400 - i) / 500, box }));
  const common = { classCount: 2, maxDetections: 300 };
  return [
    { ...common, images: [{ imageId: 1, truth, detections: [hit] }] },
    { ...common, images: [{ imageId: 1, truth, detections: [] }] },
    { ...common, images: [{ imageId: 1, truth: [], detections: [hit] }] },
    { ...common, images: [{ imageId: 1, truth: [], detections: [] }] },
    // An object that only the 350th of 400 detections finds counts for nothing.
    {
      ...common,
      images: [
        {
          imageId: 1,
          truth,
          detections: crowd.map((one, i) => (i === 349 ? one : { ...one, box: { x1: 50, y1: 50, x2: 60, y2: 60 } })),
        },
      ],
    },
    // IoU exactly 0.5, 0.6 and 0.9.
    ...[5, 6, 9].map((y2) => ({
      ...common,
      images: [{ imageId: 1, truth, detections: [{ ...hit, box: { ...box, y2 } }] }],
    })),
  ];
}

const plain = ({ x1, y1, x2, y2 }: PixelBox): number[] => [x1, y1, x2, y2];

const differ = (a: number | null, b: number | null): number =>
  a === null || b === null ? (a === b ? 0 : Infinity) : Math.abs(a - b);

describe.skipIf(!hasPython)('parity with pycocotools (needs the Python environment in trainer/.venv)', () => {
  const random = createRandom(11);
  const cases = [...fixedCases(), ...Array.from({ length: 120 }, (_, i) => randomCase(random, i))];
  interface Reference {
    readonly map50: number | null;
    readonly map5095: number | null;
    readonly ap50: (number | null)[];
    readonly ap5095: (number | null)[];
  }
  let theirs: { results: Reference[]; iou: number[]; recall: number[] };

  beforeAll(() => {
    const input = cases.map((one) => ({
      ...one,
      images: one.images.map((image) => ({
        imageId: image.imageId,
        truth: image.truth.map((truth) => ({ ...truth, box: plain(truth.box) })),
        detections: image.detections.map((found) => ({ ...found, box: plain(found.box) })),
      })),
    }));
    const run = spawnSync(python, ['-c', reference], {
      input: JSON.stringify(input),
      encoding: 'utf8',
      maxBuffer: 2 ** 27,
    });
    if (run.status !== 0) throw new Error(`the reference failed: ${run.error?.message ?? ''} ${run.stderr}`);
    theirs = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '') as typeof theirs;
  }, 120_000);

  test('the thresholds are the same to the last bit', () => {
    expect(IOU_THRESHOLDS).toEqual(theirs.iou);
    const upTo = theirs.recall.map((recall) => recallPointsUpTo(recall));
    expect(upTo).toEqual(theirs.recall.map((_, i) => i + 1));
    for (let truth = 1; truth <= 60; truth++) {
      for (let hits = 1; hits <= truth; hits++) {
        const expected = theirs.recall.filter((recall) => recall <= hits / truth).length;
        expect(recallPointsUpTo(hits / truth), `${hits} of ${truth}`).toBe(expected);
      }
    }
  });

  test('mAP50, mAP50-95 and the values of every class, within 1e-6', () => {
    let measured = 0;
    for (const [i, { classCount, maxDetections, images }] of cases.entries()) {
      const expected = theirs.results[i];
      const mine = evaluate(shuffled(images, random), { classCount, maxDetections });
      const differences = [
        differ(mine.map50, expected?.map50 ?? null),
        differ(mine.map5095, expected?.map5095 ?? null),
        ...mine.perClass.flatMap((one) => [
          differ(one.ap50, expected?.ap50[one.classId] ?? null),
          differ(one.ap5095, expected?.ap5095[one.classId] ?? null),
        ]),
      ];
      expect(Math.max(...differences), `case ${i}`).toBeLessThan(1e-6);
      measured += mine.map5095 !== null && mine.map5095 > 0.01 && mine.map5095 < 0.99 ? 1 : 0;
    }
    expect(measured).toBeGreaterThan(80);
  });
});
