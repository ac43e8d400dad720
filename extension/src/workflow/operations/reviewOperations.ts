import * as z from 'zod';
import type { LabelBox } from '../../core/dataset/types.ts';
import { ImageLocator } from '../dataset/images.ts';
import type { Ports } from '../ports/ports.ts';
import type { SampleRow } from '../ports/store/samples.ts';
import { acceptChoice, confidentSamples } from '../review/confidentSamples.ts';
import { judgeMany } from '../review/manyVerdicts.ts';
import { shownDetections, type Decision } from '../review/verdictOutcome.ts';
import { redoVerdict, undoVerdict } from '../review/reversals.ts';
import { submitVerdict } from '../review/verdicts.ts';
import { requireRow } from '../shared/errors.ts';
import {
  countField,
  findIterationId,
  findSession,
  iterationInput,
  newestIteration,
  sessionInput,
  toggleField,
} from './fields.ts';
import { defineOperation } from './operation.ts';
import { sampleFields, verdict } from './rowSchemas.ts';

export const listSamplesOperation = defineOperation({
  id: 'sample.list',
  title: 'List the samples of the newest iteration with scores, reasons and verdicts',
  effect: 'read',
  input: sessionInput,
  output: z.array(
    z.object({
      ...sampleFields,
      path: z.string().meta({ description: 'Absolute path of the image' }),
      shown: z.int().meta({ description: 'Predicted boxes that an accept writes' }),
    }),
  ),
  async run(ports, input) {
    const session = await findSession(ports, input.session);
    const iteration = await newestIteration(ports, session);
    const locator = await ImageLocator.of(ports, session.datasetId);
    const samples = await ports.store.samples.list(iteration.id);
    const ids = samples.map(({ imageId }) => imageId);
    const rows = await ports.store.images.find({ datasetId: session.datasetId, ids });
    const images = new Map(rows.map((image) => [image.id, image]));
    return samples.flatMap((sample) => {
      const image = images.get(sample.imageId);
      // A damaged row hides only its own sample.
      return image === undefined
        ? []
        : [{ ...sample, path: locator.path(image), shown: shownDetections(sample, iteration.shownThresholds).length }];
    });
  },
});

const overwrite = toggleField('Write although another program changed the label file');
const verdictInput = z.object({
  sample: countField(1, 'Number of the sample'),
  overwrite,
  seconds: z.number().min(0).optional().meta({ description: 'How long the review of the sample took' }),
});

const verdictOutput = z.object({
  sample: z.int(),
  verdict: verdict.nullable().meta({ description: 'null if the sample is open again' }),
  open: z.int().meta({ description: 'Samples of the iteration without a verdict' }),
});

async function verdictResult(ports: Ports, sample: SampleRow): Promise<z.output<typeof verdictOutput>> {
  const { open } = await ports.store.samples.progress(sample.iterationId);
  return { sample: sample.id, verdict: sample.verdict, open };
}

/** An operation that writes one verdict, which follows from its input. */
function verdictOperation<Input extends z.output<typeof verdictInput>>(
  id: string,
  title: string,
  input: z.ZodType<Input>,
  decide: (input: Input) => Decision,
) {
  return defineOperation({
    id,
    title,
    effect: 'write',
    input,
    output: verdictOutput,
    run: async (ports, values: Input) => {
      const { sample, seconds, overwrite: overwriteOutsideEdit = false } = values;
      const options = { overwriteOutsideEdit, ...(seconds === undefined ? {} : { reviewSeconds: seconds }) };
      return verdictResult(ports, await submitVerdict(ports, sample, decide(values), options));
    },
  });
}

export const acceptOperation = verdictOperation(
  'sample.accept',
  'Accept the predicted boxes as labels',
  z.object({
    ...verdictInput.shape,
    background: toggleField('Confirm that the image shows no object, if no box is shown'),
    promoted: z.array(z.int().min(0)).optional().meta({
      description: 'Accept this predicted box too, although its confidence is below the threshold; boxes count from 0',
    }),
  }),
  ({ background, promoted = [] }) => ({ verdict: 'accepted', confirmBackground: background === true, promoted }),
);

export const acceptConfidentOperation = defineOperation({
  id: 'review.accept',
  title:
    'Accept every sample of the iteration whose predicted boxes all have at least this confidence; one undo takes all back',
  effect: 'write',
  input: z.object({
    ...iterationInput,
    from: z.number().min(0).max(1).meta({ description: 'The confidence, 0 to 1' }),
  }),
  output: z.object({
    accepted: z.array(z.int()).meta({ description: 'Numbers of the samples' }),
    failed: z.int().meta({ description: 'Samples whose labels could not be written' }),
    open: z.int().meta({ description: 'Samples of the iteration without a verdict' }),
  }),
  async run(ports, input, options) {
    const id = await findIterationId(ports, input);
    const iteration = requireRow(await ports.store.iterations.get(id), 'iteration', id);
    const session = requireRow(await ports.store.sessions.get(iteration.sessionId), 'session', iteration.sessionId);
    const choices = (await confidentSamples(ports, session, iteration, input.from)).map(acceptChoice);
    const { given, leftOut, failure } = await judgeMany(ports, session.id, choices, choices.length, options);
    if (given.length === 0 && failure !== null) throw failure;
    const { open } = await ports.store.samples.progress(id);
    const accepted = given.flatMap((choice) => ('sampleId' in choice ? [choice.sampleId] : []));
    return { accepted, failed: leftOut.failed ?? 0, open };
  },
});

const side = z.number();
const box: z.ZodType<LabelBox> = z.object({ classId: z.int(), cx: side, cy: side, width: side, height: side });

export const correctOperation = verdictOperation(
  'sample.correct',
  'Replace the predicted boxes with other ones',
  z.object({
    ...verdictInput.shape,
    boxes: z.array(box).meta({ description: 'Centre and size relative to the image, 0 to 1' }),
  }),
  ({ boxes }) => ({ verdict: 'corrected', boxes }),
);

const reasons = { background: 'rejected-background', unusable: 'rejected-unusable', later: 'rejected-later' } as const;

export const rejectOperation = verdictOperation(
  'sample.reject',
  'Discard the predictions, with the reason',
  z.object({
    ...verdictInput.shape,
    reason: z
      .enum(['background', 'unusable', 'later'])
      .meta({ description: 'Nothing to see, an image that cannot be used, or a decision for later' }),
  }),
  ({ reason }) => ({ verdict: reasons[reason] }),
);

export const skipOperation = verdictOperation('sample.skip', 'Skip a sample without a decision', verdictInput, () => ({
  verdict: 'skipped',
}));

export const undoOperation = defineOperation({
  id: 'review.undo',
  title: 'Undo the newest verdict of the iteration',
  effect: 'write',
  input: z.object({ ...iterationInput, overwrite }),
  output: verdictOutput,
  async run(ports, input) {
    const options = { overwriteOutsideEdit: input.overwrite === true };
    return verdictResult(ports, await undoVerdict(ports, await findIterationId(ports, input), options));
  },
});

export const redoOperation = defineOperation({
  id: 'review.redo',
  title: 'Redo the newest verdict of the iteration that was undone',
  effect: 'write',
  input: z.object({ ...iterationInput, overwrite }),
  output: verdictOutput,
  async run(ports, input) {
    const options = { overwriteOutsideEdit: input.overwrite === true };
    return verdictResult(ports, await redoVerdict(ports, await findIterationId(ports, input), options));
  },
});
