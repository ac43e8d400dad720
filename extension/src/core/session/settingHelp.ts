import { aggregations, isSwitch, zeroDetectionPolicies, type SettingName } from './settingFields.ts';

/** What each setting means, in a sentence without its period. The editor translates these texts. */
export const settingHelp: Readonly<Record<SettingName, string>> = {
  name: 'The name of the session',
  description: 'What the session is for; may stay empty',
  baseModel: 'The weights that every iteration starts from',
  epochs: 'How often a training sees every labelled image',
  batchSize: 'Images in a training step: "auto" (4 below 64 labelled images, 8 below 200, otherwise 16) or a number',
  learningRate: 'The size of the steps in training, such as 0.001',
  imageSize: 'The longer side of the images in training and scoring, in pixels, a multiple of 32',
  maxIterations: 'After how many iterations the last training is offered',
  minUncertainty: 'Images below it are not chosen, 0 to 1; too few above it are filled up at random',
  maxSamplesPerIteration: 'How many images you review in an iteration',
  uncertaintyWeights: 'Confidence / entropy / variance in the combined score, such as 0.4 / 0.3 / 0.3',
  strategy: 'How the images to review are chosen',
  aggregation: 'How the boxes of an image become one number',
  rankingMetric: 'The score that ranks images; the strategy "uncertainty" always takes the combined one',
  zeroDetections: 'What becomes of images with nothing found',
  flip: 'Compares an image with its mirror image; scoring takes twice as long',
  localisation: 'Scores how sure the model is of the edges of boxes, where its head tells',
  fastScoring: 'Scores with a quantised (int8) model where that was measured to be good enough',
  warmStart: 'Starts a training from the previous version instead of the base model',
  device: 'auto, cpu, mps, or the number of a CUDA device',
  seed: 'A whole number; the same seed gives the same choices again',
};

/** The values that a setting can have, where they are few; a strategy or metric is looked up by whoever has them. */
export function settingChoices(field: SettingName): readonly string[] {
  switch (field) {
    case 'aggregation':
      return aggregations;
    case 'zeroDetections':
      return zeroDetectionPolicies;
    default:
      return isSwitch(field) ? ['true', 'false'] : [];
  }
}
