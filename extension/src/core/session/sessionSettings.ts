import * as z from 'zod';
import { strategies } from '../selection/registry.ts';
import type { ZeroDetections } from '../selection/strategy.ts';
import type { Aggregation } from '../uncertainty/aggregation.ts';
import type { UncertaintyWeights } from '../uncertainty/uncertaintyScore.ts';
import { builtInScores } from '../uncertainty/registry.ts';
import {
  choiceSetting,
  filledText,
  limitedText,
  numberSetting,
  parseNumber,
  textSetting,
  toggleSetting,
  type Setting,
  type SettingGroup,
  type SettingTable,
} from './setting.ts';

/** Id of an uncertainty score: a key in stored scores, and a word on the command line. */
export const scoreId = /^[a-z][a-z0-9-]{0,63}$/;

const batchMessage = 'the batch size must be "auto" or a whole number from 1 to 1024.';
const deviceMessage = 'the device must be auto, cpu, mps or the number of a CUDA device.';
const weightsMessage = 'the weights must name confidence, entropy and variance, each a number of at least 0.';

/** Two strides. At one, Ultralytics refuses to train if the last batch holds one image, whatever the batch size. */
const minImageSize = 64;

function weight(name: string): z.ZodNumber {
  const message = `the weight of ${name} must be a number of at least 0.`;
  return z.number({ error: message }).min(0, message);
}

const batchSize: Setting<number | 'auto'> = {
  title: 'Batch size',
  help: 'Images per training step: "auto" (4 below 64 labelled images, 8 below 200, otherwise 16) or a number',
  group: 'training',
  flag: 'batch-size',
  default: 'auto',
  column: 'batch_size',
  input: 'text',
  titles: { auto: 'automatic, up to 16' },
  schema: z.union([z.literal('auto'), z.number().int().min(1).max(1024)], { error: batchMessage }),
  stored: z.union([z.literal('auto'), z.number()]),
  parse: (typed) => (typed.trim() === 'auto' ? 'auto' : parseNumber(typed.trim())),
  format: String,
};

const uncertaintyWeights: Setting<UncertaintyWeights> = {
  title: 'Score weights',
  help: 'Confidence / entropy / variance in the combined score, such as 0.4 / 0.3 / 0.3',
  group: 'selection',
  flag: 'uncertainty-weights',
  default: { confidence: 0.4, entropy: 0.3, variance: 0.3 },
  column: 'uncertainty_weights',
  input: 'text',
  schema: z
    .object(
      { confidence: weight('confidence'), entropy: weight('entropy'), variance: weight('variance') },
      { error: weightsMessage },
    )
    .refine(
      ({ confidence, entropy, variance }) => confidence + entropy + variance > 0,
      'at least one of the weights must be above 0.',
    ),
  stored: z.object({ confidence: z.number(), entropy: z.number(), variance: z.number() }),
  parse: (typed) => {
    const [confidence, entropy, variance, ...rest] = typed
      .trim()
      .split(/[,/\s]+/)
      .map(parseNumber);
    return rest.length > 0 ? undefined : { confidence, entropy, variance };
  },
  format: ({ confidence, entropy, variance }) => `${confidence} / ${entropy} / ${variance}`,
};

/** Every setting of a session, in the order in which the user meets them. A new setting is one entry here. */
export const sessionSettings = {
  name: textSetting({
    title: 'Name',
    help: 'The name of the session',
    group: 'session',
    flag: 'name',
    default: undefined,
    schema: filledText('the name', 200),
    column: 'name',
  }),
  description: textSetting({
    title: 'Description',
    help: 'What the session is for; optional',
    group: 'session',
    flag: 'description',
    default: '',
    schema: limitedText('the description', 10_000),
    column: 'description',
    titles: { '': 'none' },
  }),
  baseModel: textSetting({
    title: 'Base model',
    help: 'The weights that every iteration starts from: a .pt file, a published name such as yolov8n.pt, or an architecture such as yolov8n.yaml',
    group: 'training',
    flag: 'weights',
    default: 'yolov8n.pt',
    schema: filledText('the base model', 4096).regex(
      /\.([pP][tT]|[yY][aA]?[mM][lL])$/,
      'the base model must be a path to a .pt file, a name such as yolov8n.pt, or an architecture such as yolov8n.yaml.',
    ),
    column: 'base_model',
    input: 'weights',
  }),
  epochs: numberSetting({
    title: 'Epochs',
    help: 'How many times a training goes through all labelled images; more often, for 500 training steps, if there are few and you leave the default',
    group: 'training',
    flag: 'epochs',
    what: 'the number of epochs',
    kind: 'whole',
    min: 1,
    max: 10_000,
    default: 50,
    column: 'epochs',
  }),
  batchSize,
  learningRate: numberSetting({
    title: 'Learning rate',
    help: 'The step size of the training, such as 0.001',
    group: 'training',
    flag: 'learning-rate',
    what: 'the learning rate',
    kind: 'any',
    min: 0,
    above: true,
    max: 1,
    default: 0.001,
    column: 'learning_rate',
  }),
  imageSize: numberSetting(
    {
      title: 'Image size',
      help: 'The longer side of the images in training and scoring, in pixels; a multiple of 32',
      group: 'training',
      flag: 'imgsz',
      what: 'the image size',
      kind: 'whole',
      min: minImageSize,
      max: 4096,
      default: 640,
      column: 'image_size',
    },
    // Ultralytics silently rounds other sizes up to the next multiple of the stride.
    (number) =>
      number.multipleOf(32, {
        error: ({ input }) => {
          const below = Math.max(minImageSize, Math.floor(Number(input) / 32) * 32);
          return `the image size must be a multiple of 32, such as ${below} or ${below + 32}.`;
        },
      }),
  ),
  warmStart: toggleSetting({
    title: 'Initial weights',
    help: 'Starts each training from the previous version instead of the base model',
    group: 'training',
    flag: 'warm-start',
    what: 'the warm start',
    default: false,
    // An architecture has no pretrained weights: without a warm start, every iteration would begin with random weights.
    defaultFrom: {
      help: 'true if the weights are a .yaml, otherwise false',
      value: ({ baseModel }) => typeof baseModel === 'string' && /\.ya?ml$/i.test(baseModel.trim()),
    },
    on: {
      title: 'From the previous version',
      help: 'Faster, and required if the base model has no pretrained weights',
    },
    off: { title: 'From the base model', help: 'Each iteration starts over, so that versions can be compared fairly' },
  }),
  device: textSetting({
    title: 'Device',
    help: 'auto, cpu, mps, or the number of a CUDA device',
    group: 'training',
    flag: 'device',
    default: 'auto',
    schema: z.string({ error: deviceMessage }).regex(/^(auto|cpu|mps|\d{1,3})$/, deviceMessage),
  }),
  seed: numberSetting({
    title: 'Seed',
    help: 'A whole number; the same seed selects the same images again',
    group: 'training',
    flag: 'seed',
    what: 'the seed',
    kind: 'whole',
    min: 0,
    // NumPy's generator takes seeds of 32 bits.
    max: 2 ** 32 - 1,
    default: 0,
    column: 'seed',
  }),
  maxIterations: numberSetting({
    title: 'Iterations',
    help: 'After how many iterations the final training is offered',
    group: 'selection',
    flag: 'max-iterations',
    what: 'the number of iterations',
    kind: 'whole',
    min: 1,
    max: 1000,
    default: 10,
    column: 'max_iterations',
  }),
  minUncertainty: numberSetting({
    title: 'Minimum uncertainty',
    help: 'Images below it are not selected, 0 to 1; random images fill the rest of the batch',
    group: 'selection',
    flag: 'min-uncertainty',
    what: 'the minimum uncertainty',
    kind: 'any',
    min: 0,
    max: 1,
    default: 0.3,
    column: 'min_uncertainty',
  }),
  maxSamplesPerIteration: numberSetting({
    title: 'Samples per iteration',
    help: 'How many images you review in each iteration',
    group: 'selection',
    flag: 'batch',
    what: 'the number of samples per iteration',
    kind: 'whole',
    min: 1,
    max: 10_000,
    default: 20,
    column: 'max_samples_per_iteration',
  }),
  uncertaintyWeights,
  strategy: textSetting({
    title: 'Strategy',
    help: 'How images are selected for review',
    group: 'selection',
    flag: 'strategy',
    default: 'hybrid',
    schema: z
      .string({ error: 'the strategy must be the name of a strategy.' })
      .regex(/^[a-z][a-z0-9-]*$/, 'the strategy must be the name of a strategy, such as uncertainty or random.'),
    column: 'strategy',
    input: 'choices',
    choices: strategies.map(({ id, title, description }) => ({ value: id, title, help: description })),
  }),
  rankingMetric: textSetting({
    title: 'Ranking score',
    help: 'The score that ranks images; the strategy "uncertainty" always uses the combined one',
    group: 'selection',
    flag: 'ranking-metric',
    default: 'decision-entropy',
    schema: z
      .string({ error: 'the ranking score must be the id of a score.' })
      .regex(scoreId, 'the ranking score must be the id of a score, such as decision-entropy or margin.'),
    input: 'score',
    choices: builtInScores.map(({ id, title, description }) => ({ value: id, title, help: description })),
  }),
  aggregation: choiceSetting<Aggregation>({
    title: 'Image score',
    help: 'How the scores of the boxes of an image become one number',
    group: 'selection',
    flag: 'aggregation',
    what: 'the aggregation',
    default: 'top-k',
    values: {
      'top-k': 'The mean of the five most uncertain boxes',
      max: 'The most uncertain box',
      mean: 'The mean of all boxes',
      'noisy-or': 'The probability that at least one box is wrong',
    },
  }),
  zeroDetections: choiceSetting<ZeroDetections>({
    title: 'Images without detections',
    help: 'How to treat images in which the model finds nothing',
    group: 'selection',
    flag: 'zero-detections',
    what: 'images without detections',
    default: 'quota',
    values: {
      quota: 'A share of the batch; those with the best weak candidate come first',
      ignore: 'Never selected; what the model misses altogether stays unseen',
      first: 'Selected before all other images',
    },
  }),
  flip: toggleSetting({
    title: 'Mirrored images',
    help: 'Compares each image with its mirror image; scoring takes twice as long',
    group: 'selection',
    flag: 'flip',
    what: 'the comparison with the mirror image',
    default: false,
  }),
  localisation: toggleSetting({
    title: 'Box edges',
    help: 'Scores how certain the model is about the edges of boxes, if its head provides that',
    group: 'selection',
    flag: 'localisation',
    what: 'the scoring of box edges',
    default: true,
  }),
  fastScoring: toggleSetting({
    title: 'Fast scoring',
    help: 'Scores with a quantised (int8) model if measurements show that it is accurate enough',
    group: 'selection',
    flag: 'fast-scoring',
    what: 'fast scoring',
    default: false,
  }),
} satisfies SettingTable;

/** Settings that change which images are selected, without any image being predicted again. */
export const batchSettings = [
  'strategy',
  'rankingMetric',
  'uncertaintyWeights',
  'minUncertainty',
  'maxSamplesPerIteration',
  'zeroDetections',
  'seed',
] as const satisfies readonly (keyof typeof sessionSettings)[];

/** Headings of the groups, in English. */
export const groupTitles: Readonly<Record<SettingGroup, string>> = {
  session: 'Session',
  training: 'Training',
  selection: 'Sample selection',
};
