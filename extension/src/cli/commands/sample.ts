import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { classNames } from '../../sample/defects/defect.ts';
import { ensureSample, type SampleRequest } from '../../sample/sampleFolder.ts';
import type { SampleCount } from '../../sample/texts.ts';
import type { Command, Flags } from '../command.ts';

/** An argument of `sample` is invalid. */
export class SampleArgumentError extends AppError<'sample-arguments'> {}

const usage = 'sample [--out <folder>] [--seed <n>] [--images <n>]';

export const sampleCommand: Command = {
  name: 'sample',
  usage,
  summary: 'Generate the sample project: machined parts with defects, 40 labelled, the rest a pool',
  options: { out: { type: 'string' }, seed: { type: 'string' }, images: { type: 'string' } },
  async run(flags, _positionals, { print, signal }) {
    const request = requestFrom(flags);
    let printedTenth = -1;
    const report = await ensureSample(request, {
      signal,
      onProgress: ({ done, total }) => {
        const tenth = Math.floor((done / total) * 10);
        if (tenth === printedTenth) return;
        printedTenth = tenth;
        print(`Sample project: ${done} of ${total} images`);
      },
    });
    if (report !== undefined) {
      print(`labelled   ${summary(report.labelled)}`);
      print(`pool       ${summary(report.pool)}`);
      print(`validation ${summary(report.validation)}`);
    }
    print(`Sample project is ready in ${request.folder}`);
    return 0;
  },
};

const argumentsSchema = z.object({
  out: z.string().default('sample'),
  seed: z.coerce.number().int().min(0).max(0xffffffff).default(1),
  images: z.coerce.number().int().min(2).max(100_000).default(300),
});

function requestFrom(flags: Flags): SampleRequest {
  const parsed = argumentsSchema.safeParse(flags);
  if (parsed.success)
    return { folder: path.resolve(parsed.data.out), seed: parsed.data.seed, images: parsed.data.images };
  const invalid = parsed.error.issues.map(({ path: [name] }) => `--${String(name)}`).join(', ');
  throw new SampleArgumentError(
    'sample-arguments',
    `Invalid value for ${invalid}`,
    `Use: ${usage}, with a whole number as the seed and 2 to 100000 images`,
  );
}

function summary(count: SampleCount): string {
  const boxes = classNames.map((name) => `${count.boxes[name]} ${name}`).join(', ');
  return `${count.images} images, ${count.backgrounds} without defects; ${boxes}`;
}
