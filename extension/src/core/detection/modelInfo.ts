import { z } from 'zod';
import { schemaIssue } from '../text/schemaIssue.ts';
import { DetectionError } from './errors.ts';
import type { ModelInfo } from './types.ts';

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
 * @throws DetectionError `model-info-invalid`, naming every invalid field.
 */
export function parseModelInfo(value: unknown, where?: string): ModelInfo {
  const result = modelInfoSchema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => {
    const field = issue.path.map(String).join('.');
    const message = schemaIssue(issue.message);
    return field === '' ? message : `${field}: ${message}`;
  });
  throw new DetectionError(
    'model-info-invalid',
    `${where ?? 'model.json'} does not describe a model: ${issues.join('; ')}.`,
    'Export the model again. The export writes model.json next to model.onnx.',
    where === undefined ? {} : { where },
  );
}
