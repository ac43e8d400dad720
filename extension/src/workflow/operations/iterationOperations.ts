import * as z from 'zod';
import { sessionSettings } from '../../core/session/sessionSettings.ts';
import { runIteration } from '../iteration/runIteration.ts';
import { exportModel } from '../models/exportModel.ts';
import { leftOutNote, leftOutOf } from '../models/leftOut.ts';
import type { Ports } from '../ports/ports.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { finishReview } from '../review/finishReview.ts';
import { editSession } from '../session/sessions.ts';
import {
  countField,
  findIterationId,
  findSession,
  iterationInput,
  pathField,
  sessionField,
  toggleField,
} from './fields.ts';
import { defineOperation, UsageError } from './operation.ts';
import { iterationFields, iterationRow } from './rowSchemas.ts';

const runInput = z.object({
  session: sessionField,
  weights: z
    .string()
    .optional()
    .meta({
      description: `${sessionSettings.baseModel.help}; replaces the base model of the session`,
      format: 'weights',
    }),
  allowDownload: toggleField('Allow the download of published weights that are not on this machine'),
  allowUnsafeWeights: toggleField('Let the weights run code: only for files whose author you trust'),
});

export const runIterationOperation = defineOperation({
  id: 'iteration.run',
  title: 'Train, evaluate, score the pool and select a batch; an interrupted iteration continues where it stopped',
  effect: 'long',
  input: runInput,
  output: z.object({
    ...iterationFields,
    waitingSamples: z.int().meta({ description: 'Samples of the batch' }),
    leftOut: z.string().nullable().meta({ description: 'Images that the trainer left out, and why' }),
  }),
  async run(ports, input, options) {
    const session = await chooseWeights(ports, await findSession(ports, input.session), input);
    const allowDownload = input.allowDownload === true;
    const iteration = await runIteration(ports, session.id, { ...options, allowDownload });
    const version = await ports.store.models.byIteration(iteration.id);
    const leftOut = version === null ? null : leftOutNote(leftOutOf(version.lineage));
    const { total } = await ports.store.samples.progress(iteration.id);
    return { ...iteration, waitingSamples: total, leftOut };
  },
});

/** Changes the base weights, and lets them run code if the user trusts their author. */
async function chooseWeights(ports: Ports, session: SessionRow, input: z.output<typeof runInput>): Promise<SessionRow> {
  const { weights } = input;
  const changed = weights === undefined ? session : await editSession(ports, session.id, { baseModel: weights });
  if (input.allowUnsafeWeights === true) {
    if (!/^([\\/]|[a-z]:[\\/])/i.test(changed.baseModel)) {
      throw new UsageError(
        `--allow-unsafe-weights needs a file, and the session starts from ${changed.baseModel}.`,
        'Name the file with --weights <path>.',
      );
    }
    await ports.knownFiles.remember(changed.baseModel, 'code');
  }
  return changed;
}

export const finishReviewOperation = defineOperation({
  id: 'review.finish',
  title: 'Finish the review; samples without a verdict return to the pool',
  effect: 'write',
  input: z.object(iterationInput),
  output: iterationRow,
  run: async (ports, input) => finishReview(ports, await findIterationId(ports, input)),
});

export const exportModelOperation = defineOperation({
  id: 'model.export',
  title: 'Write the best model, or another version, as .pt and ONNX, with metrics and a model card',
  effect: 'write',
  input: z.object({
    session: sessionField,
    to: pathField('The folder for the files'),
    version: countField(1, 'Id of the model version; the best one by default').optional(),
  }),
  output: z.array(z.string()).meta({ description: 'Absolute paths of the files' }) as z.ZodType<readonly string[]>,
  async run(ports, { session, to, version }) {
    const { id } = await findSession(ports, session);
    return (await exportModel(ports, id, to, version)).files;
  },
});
