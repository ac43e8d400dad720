import * as z from 'zod';
import { imageStates, splits, type ImageState, type Split } from '../../core/dataset/types.ts';
import { batchSettings } from '../../core/session/sessionSettings.ts';
import { builtInScores } from '../../core/uncertainty/registry.ts';
import { eachImage, ImageLocator } from '../dataset/images.ts';
import { explainPrediction, scoreOptionsOf } from '../iteration/scoring/scoringPlan.ts';
import { applyBatchChange } from '../iteration/applyBatchChange.ts';
import { runInBackground } from '../iteration/runInBackground.ts';
import type { PreviewImage } from '../iteration/selection/previewBatch.ts';
import { loadModel } from '../models/modelFiles.ts';
import type { Ports } from '../ports/ports.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { ScoreOrder } from '../ports/store/predictions.ts';
import { poolOrders, poolPage, type PoolOrders } from '../session/poolPage.ts';
import { requireRow } from '../shared/errors.ts';
import type { ReportedDuplicate, ReportedImage } from '../similarity/duplicates.ts';
import {
  countField,
  findSession,
  newestIteration,
  sessionField,
  sessionInput,
  settingsField,
  textField,
  toggleField,
} from './fields.ts';
import { defineOperation, UsageError } from './operation.ts';
import { iterationRow } from './rowSchemas.ts';

const texts: z.ZodType<readonly string[]> = z.array(z.string());
const imageState: z.ZodType<ImageState> = z.enum(imageStates);
const split: z.ZodType<Split> = z.enum(splits);

export const listPoolOperation = defineOperation({
  id: 'pool.list',
  title: 'List the scored images, page by page: the highest score or the most expected objects of a class first',
  effect: 'read',
  input: z.object({
    session: sessionField,
    by: textField('The uncertainty score to sort by; the ranking score of the session otherwise').optional(),
    class: textField('Sort by the expected objects of this class instead').optional(),
    pageSize: countField(1, 'Images per page; 100 by default').optional(),
    after: textField('The key of the previous page').optional(),
  }),
  output: z.object({
    version: z.int().meta({ description: 'The model version that scored the images' }),
    order: z.union([
      z.object({ kind: z.literal('score'), metric: z.string() }),
      z.object({ kind: z.literal('class'), classId: z.int() }),
    ]) as z.ZodType<ScoreOrder>,
    images: z
      .array(
        z.object({
          imageId: z.int(),
          path: z.string(),
          relativePath: z.string(),
          state: imageState,
          value: z.number().meta({ description: 'The score, or the expected objects of the class' }),
          expected: z.array(z.object({ className: z.string(), count: z.number() })).readonly(),
        }),
      )
      .readonly(),
    next: z.string().nullable().meta({ description: 'The key of the next page; null on the last one' }),
  }),
  async run(ports, input) {
    const session = await findSession(ports, input.session);
    const orders = await poolOrders(ports, session.id);
    if (orders === null) throw new UsageError('No image is scored yet.', 'Train an iteration first: run.');
    const order = findOrder(input, orders, session.rankingMetric);
    const page = await poolPage(ports, orders, order, { size: input.pageSize ?? 100, after: input.after });
    return { version: orders.version.versionNumber, order, ...page };
  },
});

function findOrder(
  { by, class: name }: { readonly by?: string | undefined; readonly class?: string | undefined },
  { metrics, classNames }: PoolOrders,
  usual: string,
): ScoreOrder {
  if (by !== undefined && name !== undefined) {
    throw new UsageError('--by and --class give two orders.', 'Leave one of them out.');
  }
  if (name !== undefined) {
    const classId = classNames.indexOf(name);
    if (classId >= 0) return { kind: 'class', classId };
    throw new UsageError(`There is no class "${name}".`, `The classes are ${classNames.join(', ')}.`);
  }
  const metric = by ?? usual;
  if (metrics.includes(metric) || metrics.length === 0) return { kind: 'score', metric };
  throw new UsageError(`No image has the score "${metric}".`, `Choose one with --by: ${metrics.join(', ')}.`);
}

export const explainImageOperation = defineOperation({
  id: 'image.explain',
  title: 'Show every score of an image by the newest model, and why, in plain words',
  effect: 'read',
  input: z.object({
    session: sessionField,
    image: textField('Path of the image: absolute, or as the dataset names it'),
  }),
  output: z.object({
    image: z.string(),
    version: z.int(),
    threshold: z.number().meta({ description: 'Boxes below this confidence are not shown' }),
    boxes: z.int(),
    scores: z.record(z.string(), z.number()),
    withheldScores: z.record(z.string(), z.string()).meta({ description: 'Why a score is missing' }),
    reasons: texts,
  }),
  async run(ports, input) {
    const session = await findSession(ports, input.session);
    const image = await findImage(ports, session, input.image);
    const version = (await ports.store.models.list(session.id)).at(-1);
    if (!version) throw new UsageError('There is no trained model yet.', 'Train an iteration first: run.');
    const prediction = await ports.store.predictions.get(version.id, image.id);
    if (!prediction) {
      throw new UsageError(
        `${image.relativePath} was not scored by version ${version.versionNumber}.`,
        'Only images of the pool are scored: unlabelled ones that belong to no val or test split.',
      );
    }
    if (prediction.error !== null) throw new UsageError(prediction.error, 'Replace the image file, and score again.');
    const { classNames } = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
    const { head } = (await loadModel(ports, version)).info;
    const options = scoreOptionsOf(session, version);
    const { reasons, withheldScores } = explainPrediction(prediction, head, classNames, options);
    return {
      image: image.relativePath,
      version: version.versionNumber,
      threshold: options.threshold,
      boxes: prediction.detections.length,
      scores: prediction.scores,
      withheldScores,
      reasons,
    };
  },
});

/** The image of a path. A path that reaches it another way, such as through a link, only has the same end. */
async function findImage(ports: Ports, session: SessionRow, name: string): Promise<ImageRow> {
  const locator = await ImageLocator.of(ports, session.datasetId);
  const wanted = name.replaceAll('\\', '/');
  let similar: ImageRow | undefined;
  for await (const image of eachImage(ports, { datasetId: session.datasetId })) {
    const path = locator.path(image).replaceAll('\\', '/');
    if (path === wanted || image.relativePath === wanted || path.endsWith(`/${wanted}`)) return image;
    if (wanted.endsWith(`/${image.relativePath}`)) similar ??= image;
  }
  if (similar !== undefined) return similar;
  throw new UsageError(`The dataset of "${session.name}" has no image ${name}.`);
}

const previewImage: z.ZodType<PreviewImage> = z.object({
  imageId: z.int(),
  path: z.string(),
  rank: z.int(),
  reasons: texts,
});

export const previewBatchOperation = defineOperation({
  id: 'batch.preview',
  title: 'Show which images other settings would add to the batch and remove from it; --apply makes the change',
  effect: 'long',
  input: z.object({
    session: sessionField,
    settings: settingsField(batchSettings),
    apply: toggleField('Replace the batch, and keep the settings for the next ones'),
  }),
  output: z.object({
    iteration: iterationRow,
    before: z.array(previewImage).readonly(),
    after: z.array(previewImage).readonly(),
    entering: z.array(previewImage).readonly(),
    leaving: z.array(previewImage).readonly(),
    classes: z
      .array(z.object({ name: z.string(), labelled: z.number(), before: z.number(), after: z.number() }))
      .readonly(),
    applicable: z.boolean().meta({ description: 'Whether the batch can still be replaced: it has no verdict' }),
    notes: texts,
  }),
  async run(ports, { session, settings, apply }, options) {
    const { id } = await findSession(ports, session);
    const preview = await runInBackground(ports, 'previewBatch', [id, settings], options);
    if (apply === true) await applyBatchChange(ports, id, settings, options);
    return preview;
  },
});

export const applyBatchOperation = defineOperation({
  id: 'batch.apply',
  title: 'Replace the batch by the one that other settings select, and keep the settings for the next ones',
  effect: 'long',
  input: z.object({ session: sessionField, settings: settingsField(batchSettings) }),
  output: iterationRow,
  async run(ports, { session, settings }, options) {
    const found = await findSession(ports, session);
    await applyBatchChange(ports, found.id, settings, options);
    return newestIteration(ports, found);
  },
});

export const listScoresOperation = defineOperation({
  id: 'score.list',
  title: 'List the uncertainty scores, including score plug-ins and what is wrong with them',
  effect: 'read',
  input: z.object({}),
  output: z.object({
    metrics: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        description: z.string(),
        file: z.string().nullable().meta({ description: 'The file of a plug-in; null if the score is built in' }),
      }),
    ),
    faults: z
      .array(
        z.object({
          id: z.string().nullable(),
          file: z.string(),
          error: z.looseObject({ name: z.string(), code: z.string(), message: z.string(), hint: z.string() }),
        }),
      )
      .meta({ description: 'Plug-ins that do not work' }),
  }),
  async run(ports) {
    const plugins = await ports.scorePlugins?.open();
    const metrics = [
      ...builtInScores.map(({ id, title, description }) => ({ id, title, description, file: null })),
      ...(plugins?.scores ?? []).map(({ id, title, description, file }) => ({ id, title, description, file })),
    ];
    const faults = (plugins?.faults ?? []).map(({ id, file, error }) => ({ id, file, error: { ...error } }));
    await plugins?.close();
    return { metrics, faults };
  },
});

const reportedFields = { imageId: z.int(), file: z.string(), split, state: imageState };
const reportedImage: z.ZodType<ReportedImage> = z.object(reportedFields);
const reportedDuplicate: z.ZodType<ReportedDuplicate> = z.object({
  ...reportedFields,
  sameFile: z.boolean(),
  bits: z.int().meta({ description: 'Bits of 64 in which the perceptual hashes differ' }),
  cosine: z.number().nullable().meta({ description: 'Cosine of the embeddings' }),
});

export const findDuplicatesOperation = defineOperation({
  id: 'duplicate.find',
  title: 'Find near duplicates, also across the validation split; exit code 1 if one leaks into it',
  effect: 'long',
  input: sessionInput,
  output: z.object({
    images: z.int(),
    withEmbeddings: z.boolean(),
    groups: z.array(z.object({ first: reportedImage, others: z.array(reportedDuplicate).readonly() })).readonly(),
    leaks: z
      .array(z.object({ held: reportedImage, image: reportedDuplicate }))
      .readonly()
      .meta({ description: 'Images that show the same as a validation or test image' }),
  }),
  async run(ports, { session }, options) {
    const { id } = await findSession(ports, session);
    return runInBackground(ports, 'findDuplicates', [id], options);
  },
});
