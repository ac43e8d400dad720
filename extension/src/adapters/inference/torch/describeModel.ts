import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { DetectionError } from '../../../core/detection/errors.ts';
import { parseModelInfo } from '../../../core/detection/modelInfo.ts';
import { environmentOf, trainerStart } from '../../python/pythonStart.ts';
import type { ModelInfo } from '../../../core/detection/types.ts';

const refusal = z.object({ error: z.object({ message: z.string(), hint: z.string() }) });

/**
 * Describes an ONNX file: from the `.json` that the trainer wrote next to it, otherwise from its metadata and shapes,
 * which the trainer's Python reads (the metadata are Python literals).
 * @throws DetectionError `model-info-invalid`.
 */
export async function describeModel(onnxPath: string, python: string, trainerFolder: string): Promise<ModelInfo> {
  const beside = onnxPath.replace(/\.onnx$/, '.json');
  const text = await readFile(beside, 'utf8').catch(() => null);
  if (text !== null) return parseModelInfo(JSON.parse(text), beside);
  const start = trainerStart(python, trainerFolder, ['--describe', resolve(onnxPath)]);
  const { stdout, stderr } = await execa(python, start.args, {
    cwd: start.cwd,
    env: environmentOf(start),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    windowsHide: true,
  });
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) {
    const reason = stderr.trim().split('\n').at(-1) ?? 'it printed nothing';
    throw new DetectionError(
      'model-info-invalid',
      `${onnxPath} could not be examined: ${reason}`,
      'Check the Python environment.',
      {
        where: onnxPath,
      },
    );
  }
  const value: unknown = JSON.parse(line);
  const refused = refusal.safeParse(value);
  if (!refused.success) return parseModelInfo(value, onnxPath);
  const { message, hint } = refused.data.error;
  throw new DetectionError('model-info-invalid', message, hint, { where: onnxPath });
}
