import { z } from 'zod';
import { DetectionError } from './errors.ts';
import type { Head, ModelInfo } from './types.ts';

const name = z.string().min(1);
const pixels = z.int().positive();

const modelInfoSchema = z
  .object({
    schema: z.literal(1),
    head: z.enum(['dense', 'end2end', 'rtdetr']),
    names: z.array(name).min(1),
    stride: pixels,
    imageSize: pixels,
    dynamic: z.boolean(),
    input: z.object({ name }),
    outputs: z.array(
      z.object({
        name,
        role: z.enum(['detections', 'embedding', 'dfl', 'feature']),
        dimensions: z.int().positive().exactOptional(),
      }),
    ),
  })
  .superRefine((info, context) => {
    const detections = info.outputs.filter((output) => output.role === 'detections').length;
    if (detections !== 1) {
      context.addIssue({
        code: 'custom',
        path: ['outputs'],
        message: `exactly one output must have the role "detections", found ${detections}`,
      });
    }
    const outputNames = new Set(info.outputs.map((output) => output.name));
    if (outputNames.size !== info.outputs.length) {
      context.addIssue({ code: 'custom', path: ['outputs'], message: 'two outputs have the same name' });
    }
  });

/**
 * The parsed JSON of a `model.json` as `ModelInfo`; unknown keys are left out.
 * @param where the file's path, for the message.
 * @throws DetectionError `model-info-invalid`, naming every field that is wrong.
 */
export function parseModelInfo(value: unknown, where?: string): ModelInfo {
  const result = modelInfoSchema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => {
    const field = issue.path.map(String).join('.');
    return field === '' ? issue.message : `${field}: ${issue.message}`;
  });
  throw new DetectionError(
    'model-info-invalid',
    `${where ?? 'model.json'} does not describe a model: ${issues.join('; ')}.`,
    'Export the model again; model.json is written beside model.onnx.',
    where === undefined ? {} : { where },
  );
}

/** The name of the output that holds the boxes. @throws DetectionError `model-info-invalid` when there is none. */
export function detectionsOutput(info: ModelInfo): string {
  const output = info.outputs.find(({ role }) => role === 'detections');
  if (output !== undefined) return output.name;
  throw new DetectionError(
    'model-info-invalid',
    'The model has no output with the role "detections".',
    'Export the model again; model.json is written beside model.onnx.',
  );
}

export interface HeadChoice {
  readonly head: Head;
  /** Number of classes where the layout tells it: a dense head without further channels. */
  readonly classCount: number | null;
}

/** A 32 × 32 input, the smallest there is, has 16 + 4 + 1 anchors on strides 8, 16 and 32. */
const FEWEST_ANCHORS = 21;

/**
 * The head of a model that comes without `model.json`, from the shape of its output and, between the two heads of six
 * columns, from its values: RT-DETR's boxes are relative to the image, those of end-to-end heads are pixels.
 * @param output values of the output for any image; without them six columns are taken as `end2end`.
 * @param classCount number of classes, where it is known from elsewhere.
 * @throws DetectionError `output-unsupported`, naming the layout where it is a known one of other detectors.
 */
export function chooseHead(dims: readonly number[], output?: Float32Array, classCount?: number): HeadChoice {
  const [, second = 0, third = 0] = dims;
  if (dims.length !== 3) throw unsupported(dims, 'three dimensions are expected');
  if (third === 6) {
    return { head: output !== undefined && isRelative(output) ? 'rtdetr' : 'end2end', classCount: classCount ?? null };
  }
  const fitsClasses = classCount !== undefined && second === 4 + classCount;
  if (classCount !== undefined && !fitsClasses && (third === 4 + classCount || third === 5 + classCount)) {
    throw unsupported(dims, `it has one row a box (${third} columns), as YOLOX and old RT-DETR exports do`);
  }
  if (second < 5 || third < FEWEST_ANCHORS) throw unsupported(dims, 'it has too few channels or boxes');
  if (!fitsClasses && second > third) {
    throw unsupported(dims, `it has one row a box (${third} columns), as YOLOX and old RT-DETR exports do`);
  }
  return { head: 'dense', classCount: classCount ?? second - 4 };
}

/** Whether no box of the rows of six that has a score reaches further than a little past 1. */
function isRelative(output: Float32Array): boolean {
  let rows = 0;
  for (let at = 0; at + 5 < output.length; at += 6) {
    if (!((output[at + 4] as number) > 0)) continue;
    rows++;
    for (let k = 0; k < 4; k++) if (Math.abs(output[at + k] as number) > 2) return false;
  }
  return rows > 0;
}

function unsupported(dims: readonly number[], detail: string): DetectionError {
  return new DetectionError(
    'output-unsupported',
    `No decoder knows an output of shape [${dims.join(', ')}]: ${detail}.`,
    'Use a detection model exported by Ultralytics to ONNX: [1, 4 + classes, anchors] or [1, boxes, 6].',
  );
}
