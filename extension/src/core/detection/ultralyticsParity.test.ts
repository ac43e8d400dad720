import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { decodeDense, decodeEndToEnd, decodeRtdetr } from './heads.ts';
import { clip, inputSize, planLetterbox } from './letterbox.ts';
import type { Detection } from './types.ts';

const venv = new URL('../../../../trainer/.venv/', import.meta.url);
const python = fileURLToPath(new URL(process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python', venv));
const hasPython = existsSync(python);

/** Ultralytics' own functions over cases from standard input. */
const reference = `
import json, sys
import numpy as np, torch
from ultralytics.data.augment import LetterBox
from ultralytics.utils.checks import check_imgsz
from ultralytics.utils.nms import non_max_suppression
from ultralytics.utils import ops

cases = json.load(sys.stdin)
letterboxes = []
for width, height, size, mode in cases["letterboxes"]:
    size = check_imgsz(size, stride=32)
    box = LetterBox((size, size), auto=mode == "rectangle", scale_fill=mode == "stretch", stride=32)
    image = np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (height, width, 3))
    p = box.get_params({"img": image})
    full_height = p["new_unpad"][1] + p["top"] + p["bottom"]
    full_width = p["new_unpad"][0] + p["left"] + p["right"]
    boxes = ops.scale_boxes((full_height, full_width), torch.tensor([[10.0, 12.0, 25.0, 29.0]]).double(), (height, width))
    letterboxes.append([size, full_width, full_height, *p["new_unpad"], p["left"], p["top"], p["right"], p["bottom"], *boxes[0].tolist()])

decoded = []
for case in cases["decodes"]:
    output = torch.tensor(case["output"], dtype=torch.float32).reshape(case["dims"])
    width, height = case["image"]
    if case["head"] == "rtdetr":
        boxes, scores, labels = output[0].split((4, 1, 1), dim=-1)
        keep = scores.squeeze(-1) > case["minConfidence"]
        rows = torch.cat([ops.xywh2xyxy(boxes), scores, labels], dim=-1)[keep][: case["maxDetections"]]
        rows[:, [0, 2]] *= width
        rows[:, [1, 3]] *= height
        ops.clip_boxes(rows, (height, width))
    else:
        rows = non_max_suppression(output, case["minConfidence"], case["iouThreshold"], max_det=case["maxDetections"],
                                   end2end=case["head"] == "end2end")[0]
        rows[:, :4] = ops.scale_boxes(case["input"], rows[:, :4], (height, width))
    rows = rows[((rows[:, 2] > rows[:, 0]) & (rows[:, 3] > rows[:, 1]))]
    decoded.append(rows.tolist())
print(json.dumps({"letterboxes": letterboxes, "decoded": decoded}))
`;

type Mode = 'rectangle' | 'square' | 'stretch';
type LetterboxCase = readonly [width: number, height: number, size: number, mode: Mode];

interface DecodeCase {
  readonly head: 'dense' | 'end2end' | 'rtdetr';
  readonly output: readonly number[];
  readonly dims: readonly number[];
  readonly image: readonly [width: number, height: number];
  readonly input: readonly [height: number, width: number];
  readonly size: number;
  readonly mode: Mode;
  readonly classCount: number;
  readonly minConfidence: number;
  readonly iouThreshold: number;
  readonly maxDetections: number;
}

const random = createRandom(7);
const integer = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));

function letterboxCases(): LetterboxCase[] {
  const modes: Mode[] = ['rectangle', 'square'];
  const fixed: LetterboxCase[] = [
    [1, 1, 640, 'rectangle'],
    [3000, 1, 640, 'rectangle'],
    [5, 3000, 320, 'rectangle'],
    [1280, 720, 640, 'stretch'],
    [641, 427, 640, 'rectangle'],
    [33, 32, 33, 'rectangle'],
  ];
  const drawn = Array.from({ length: 600 }, (_, i): LetterboxCase => [
    integer(1, 2000),
    integer(1, 2000),
    integer(1, 1280),
    modes[i % 2] ?? 'square',
  ]);
  return [...fixed, ...drawn];
}

/** Clusters of near-duplicate boxes, coarse coordinates and coarse scores, so that overlaps and ties are frequent. */
function decodeCase(head: DecodeCase['head'], index: number): DecodeCase {
  const classCount = [1, 3, 80][index % 3] ?? 1;
  const image = [integer(40, 900), integer(40, 900)] as const;
  const mode: Mode = head === 'rtdetr' ? 'stretch' : 'rectangle';
  const size = [160, 320, 640][index % 3] ?? 320;
  const plan = planLetterbox(image[0], image[1], size, { mode });
  const boxes = head === 'dense' ? integer(30, 500) : integer(1, 300);
  const centres = Array.from({ length: 12 }, () => [random() * plan.width, random() * plan.height] as const);
  const rows = Array.from({ length: boxes }, (_, i) => {
    const [x, y] = centres[integer(0, 11)] ?? [0, 0];
    const cx = Math.round(x + integer(-6, 6));
    const cy = Math.round(y + integer(-6, 6));
    const width = integer(4, 60);
    const height = integer(4, 60);
    // Distinct within a case: the order of equal scores is not defined in torch's sort.
    const score = ((i * 7919) % boxes) / boxes;
    const classId = integer(0, classCount - 1);
    return { cx, cy, width, height, score, classId };
  });
  const common = {
    head,
    image,
    input: [plan.height, plan.width] as const,
    size,
    mode,
    classCount,
    minConfidence: [0.001, 0.05, 0.25][integer(0, 2)] ?? 0.25,
    iouThreshold: [0.45, 0.7][index % 2] ?? 0.7,
    maxDetections: [300, 20][index % 2] ?? 300,
  };
  if (head === 'dense') {
    const planes = [
      rows.map((row) => row.cx),
      rows.map((row) => row.cy),
      rows.map((row) => row.width),
      rows.map((row) => row.height),
      ...Array.from({ length: classCount }, (_, c) =>
        rows.map((row) => (row.classId === c ? row.score : random() * 0.99 * row.score)),
      ),
    ];
    return { ...common, output: planes.flat(), dims: [1, 4 + classCount, boxes] };
  }
  const output = rows
    .toSorted((a, b) => b.score - a.score)
    .flatMap(({ cx, cy, width, height, score, classId }) =>
      head === 'end2end'
        ? [cx - width, cy - height, cx + width, cy + height, score, classId]
        : [cx / plan.width, cy / plan.height, width / plan.width, height / plan.height, score, classId],
    );
  return { ...common, output, dims: [1, boxes, 6] };
}

function ours(testCase: DecodeCase): Detection[] {
  const { head, output, dims, image, size, mode, ...rest } = testCase;
  const decode = { dense: decodeDense, end2end: decodeEndToEnd, rtdetr: decodeRtdetr }[head];
  const letterbox = planLetterbox(image[0], image[1], size, { mode });
  return decode(Float32Array.from(output), dims, { ...rest, letterbox, classScoresAbove: null }).detections;
}

describe.skipIf(!hasPython)('parity with Ultralytics (needs the Python environment in trainer/.venv)', () => {
  const letterboxes = letterboxCases();
  const decodes = (['dense', 'end2end', 'rtdetr'] as const).flatMap((head) =>
    Array.from({ length: head === 'dense' ? 45 : 12 }, (_, i) => decodeCase(head, i)),
  );
  let theirs: { letterboxes: number[][]; decoded: number[][][] };

  beforeAll(() => {
    const run = spawnSync(python, ['-c', reference], {
      input: JSON.stringify({ letterboxes, decodes }),
      encoding: 'utf8',
      maxBuffer: 2 ** 27,
      env: { ...process.env, YOLO_OFFLINE: 'true', YOLO_AUTOINSTALL: 'false' },
    });
    if (run.status !== 0) throw new Error(`the reference failed: ${run.error?.message ?? ''} ${run.stderr}`);
    theirs = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '') as typeof theirs;
  }, 120_000);

  test('sizes, padding and way back of the letterbox', () => {
    for (const [i, [width, height, size, mode]] of letterboxes.entries()) {
      const plan = planLetterbox(width, height, size, { mode });
      const [theirSize, ...expected] = theirs.letterboxes[i] ?? [];
      expect(inputSize(size, 32)).toBe(theirSize);
      const { resizedWidth, resizedHeight, left, top, right, bottom } = plan;
      const placed = [plan.width, plan.height, resizedWidth, resizedHeight, left, top, right, bottom];
      expect(placed, `${width} × ${height} at ${size}, ${mode}`).toEqual(expected.slice(0, 8));
      // scale_boxes knows no stretching; RT-DETR does not use it.
      if (mode === 'stretch') continue;
      const back = [
        clip((10 - plan.padX) / plan.gainX, width),
        clip((12 - plan.padY) / plan.gainY, height),
        clip((25 - plan.padX) / plan.gainX, width),
        clip((29 - plan.padY) / plan.gainY, height),
      ];
      for (const [k, value] of back.entries()) expect(value).toBeCloseTo(expected[8 + k] ?? Number.NaN, 6);
    }
  });

  test('boxes, classes, confidences and their order, for every head', () => {
    let boxes = 0;
    for (const [i, testCase] of decodes.entries()) {
      const mine = ours(testCase);
      const expected = theirs.decoded[i] ?? [];
      expect(mine.length, `case ${i}, ${testCase.head}`).toBe(expected.length);
      for (const [k, { box, confidence, classId }] of mine.entries()) {
        const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, score, theirClass] = expected[k] ?? [];
        expect([confidence, classId]).toEqual([score, theirClass]);
        expect(Math.max(...[box.x1 - x1, box.y1 - y1, box.x2 - x2, box.y2 - y2].map(Math.abs))).toBeLessThan(1e-2);
        boxes++;
      }
    }
    expect(boxes).toBeGreaterThan(1000);
  });
});
