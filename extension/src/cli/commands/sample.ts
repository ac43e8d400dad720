import { resolve } from 'node:path';
import * as z from 'zod';
import { classNames, type DefectClass } from '../../sample/defects/defect.ts';
import { ensureSample } from '../../sample/sampleFolder.ts';
import type { SampleCount } from '../../sample/texts.ts';
import { defineOperation } from '../../workflow/operations/operation.ts';
import { defineCommand, type Environment } from '../defineCommand.ts';
import { progressLines } from '../output.ts';

const count: z.ZodType<SampleCount> = z.object({
  images: z.int(),
  backgrounds: z.int().meta({ description: 'Images without a defect' }),
  boxes: z.record(z.enum(classNames as readonly DefectClass[]), z.int()),
});

const sampleOperation = defineOperation({
  id: 'sample.generate',
  title: 'Generate the sample project: machined parts with defects, 40 labelled, the rest a pool',
  effect: 'long',
  input: z.object({
    out: z.string().min(1).optional().meta({ description: 'The folder; "sample" by default', format: 'path' }),
    seed: z.int().min(0).max(0xffffffff).optional().meta({ description: 'Seed of the images; 1 by default' }),
    images: z.int().min(2).max(100_000).optional().meta({ description: 'Training images; 300 by default' }),
  }),
  output: z.object({
    folder: z.string(),
    counts: z
      .object({ labelled: count, pool: count, validation: count })
      .nullable()
      .meta({ description: 'null if the project was complete already' }),
  }),
  async run(_: null, { out, seed = 1, images = 300 }, options) {
    const folder = out ?? resolve('sample');
    const report = await ensureSample(
      { folder, seed, images },
      {
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        onProgress: ({ done, total }) =>
          options.report?.({
            step: 'sample',
            message: `Sample project: ${done} of ${total} images`,
            fraction: done / total,
          }),
      },
    );
    if (report === undefined) return { folder, counts: null };
    const { labelled, pool, validation } = report;
    return { folder, counts: { labelled, pool, validation } };
  },
});

const environment: Environment<null> = {
  flags: [],
  use: (_, terminal, work) => work(null, { report: progressLines(terminal), signal: terminal.signal }),
};

export const sampleCommand = defineCommand({
  name: 'sample',
  operation: sampleOperation,
  environment,
  text: ({ folder, counts }) =>
    [
      ...(counts === null
        ? []
        : [
            `labelled   ${countText(counts.labelled)}`,
            `pool       ${countText(counts.pool)}`,
            `validation ${countText(counts.validation)}`,
          ]),
      `Sample project is ready in ${folder}`,
    ].join('\n'),
});

function countText({ images, backgrounds, boxes }: SampleCount): string {
  const defects = classNames.map((name) => `${boxes[name]} ${name}`).join(', ');
  return `${images} images, ${backgrounds} without defects; ${defects}`;
}
