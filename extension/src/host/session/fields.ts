import type { SettingName } from '../../core/session/settingFields.ts';
import type { SessionSettings } from '../../core/session/types.ts';
import type { Localiser } from '../text/localiser.ts';

/** The settings of a session as the list shows them. */
export type ShownSettings = Omit<SessionSettings, 'typed'>;

export interface SettingRow {
  readonly field: SettingName;
  readonly group: 'session' | 'training' | 'selection';
  readonly title: string;
  /** The value in words. */
  readonly value: string;
  /** What it means, in a sentence. */
  readonly help: string;
}

/** Every setting with its value, in the order in which a person meets them. */
export function settingRows(l10n: Localiser, settings: ShownSettings): readonly SettingRow[] {
  return order.map(({ field, group }) => ({
    field,
    group,
    ...words(l10n, field),
    value: settingValue(l10n, field, settings),
  }));
}

/** The settings that matter most, in a line. */
export function settingsSummary(l10n: Localiser, settings: ShownSettings): string {
  return [
    settings.baseModel.split(/[\\/]/).at(-1) ?? settings.baseModel,
    l10n.t('{0} epochs', settings.epochs),
    l10n.t('{0} pixels', settings.imageSize),
    l10n.t('{0} iterations of {1} samples', settings.maxIterations, settings.maxSamplesPerIteration),
  ].join(' · ');
}

/** A value as a person types it into an input box: what `parseSetting` reads. */
export function typedValue(field: SettingName, settings: ShownSettings): string {
  if (field === 'uncertaintyWeights') {
    const { confidence, entropy, variance } = settings.uncertaintyWeights;
    return `${confidence} / ${entropy} / ${variance}`;
  }
  return String(settings[field]);
}

function settingValue(l10n: Localiser, field: SettingName, settings: ShownSettings): string {
  switch (field) {
    case 'batchSize':
      return settings.batchSize === 'auto' ? l10n.t('automatic, up to 16') : String(settings.batchSize);
    case 'warmStart':
      return settings.warmStart ? l10n.t('from the previous version') : l10n.t('from the base model');
    case 'flip':
    case 'localisation':
    case 'fastScoring':
      return settings[field] ? l10n.t('on') : l10n.t('off');
    case 'description':
      return settings.description === '' ? l10n.t('none') : settings.description;
    default:
      return typedValue(field, settings);
  }
}

const order: readonly Pick<SettingRow, 'field' | 'group'>[] = [
  { field: 'name', group: 'session' },
  { field: 'description', group: 'session' },
  { field: 'baseModel', group: 'training' },
  { field: 'epochs', group: 'training' },
  { field: 'batchSize', group: 'training' },
  { field: 'learningRate', group: 'training' },
  { field: 'imageSize', group: 'training' },
  { field: 'warmStart', group: 'training' },
  { field: 'device', group: 'training' },
  { field: 'seed', group: 'training' },
  { field: 'maxIterations', group: 'selection' },
  { field: 'minUncertainty', group: 'selection' },
  { field: 'maxSamplesPerIteration', group: 'selection' },
  { field: 'uncertaintyWeights', group: 'selection' },
  { field: 'strategy', group: 'selection' },
  { field: 'rankingMetric', group: 'selection' },
  { field: 'aggregation', group: 'selection' },
  { field: 'zeroDetections', group: 'selection' },
  { field: 'flip', group: 'selection' },
  { field: 'localisation', group: 'selection' },
  { field: 'fastScoring', group: 'selection' },
];

/** The headings of the groups. */
export function groupTitle(l10n: Localiser, group: SettingRow['group']): string {
  switch (group) {
    case 'session':
      return l10n.t('Session');
    case 'training':
      return l10n.t('Training');
    case 'selection':
      return l10n.t('Choice of samples');
  }
}

function words(l10n: Localiser, field: SettingName): { readonly title: string; readonly help: string } {
  switch (field) {
    case 'name':
      return { title: l10n.t('Name'), help: l10n.t('The name of the session') };
    case 'description':
      return { title: l10n.t('Description'), help: l10n.t('What the session is for; may stay empty') };
    case 'baseModel':
      return { title: l10n.t('Base model'), help: l10n.t('The weights that every iteration starts from') };
    case 'epochs':
      return { title: l10n.t('Epochs'), help: l10n.t('How often a training sees every labelled image') };
    case 'batchSize':
      return {
        title: l10n.t('Batch size'),
        help: l10n.t(
          'Images in a training step: "auto" (4 below 64 labelled images, 8 below 200, otherwise 16) or a number',
        ),
      };
    case 'learningRate':
      return { title: l10n.t('Learning rate'), help: l10n.t('The size of the steps in training, such as 0.001') };
    case 'imageSize':
      return {
        title: l10n.t('Image size'),
        help: l10n.t('The longer side of the images in training and scoring, in pixels, a multiple of 32'),
      };
    case 'warmStart':
      return {
        title: l10n.t('Start of each training'),
        help: l10n.t('Starts a training from the previous version instead of the base model'),
      };
    case 'device':
      return { title: l10n.t('Device'), help: l10n.t('auto, cpu, mps, or the number of a CUDA device') };
    case 'seed':
      return { title: l10n.t('Seed'), help: l10n.t('A whole number; the same seed gives the same choices again') };
    case 'maxIterations':
      return { title: l10n.t('Iterations'), help: l10n.t('After how many iterations the last training is offered') };
    case 'minUncertainty':
      return {
        title: l10n.t('Least uncertainty'),
        help: l10n.t('Images below it are not chosen, 0 to 1; too few above it are filled up at random'),
      };
    case 'maxSamplesPerIteration':
      return { title: l10n.t('Samples in an iteration'), help: l10n.t('How many images you review in an iteration') };
    case 'uncertaintyWeights':
      return {
        title: l10n.t('Weights of the scores'),
        help: l10n.t('Confidence / entropy / variance in the combined score, such as 0.4 / 0.3 / 0.3'),
      };
    case 'strategy':
      return { title: l10n.t('Strategy'), help: l10n.t('How the images to review are chosen') };
    case 'rankingMetric':
      return {
        title: l10n.t('Ranking score'),
        help: l10n.t('The score that ranks images; the strategy "uncertainty" always takes the combined one'),
      };
    case 'zeroDetections':
      return { title: l10n.t('Images without detections'), help: l10n.t('What becomes of images with nothing found') };
    case 'flip':
      return {
        title: l10n.t('Mirrored images'),
        help: l10n.t('Compares an image with its mirror image; scoring takes twice as long'),
      };
    case 'localisation':
      return {
        title: l10n.t('Box edges'),
        help: l10n.t('Scores how sure the model is of the edges of boxes, where its head tells'),
      };
    case 'fastScoring':
      return {
        title: l10n.t('Fast scoring'),
        help: l10n.t('Scores with a quantised (int8) model where that was measured to be good enough'),
      };
    case 'aggregation':
      return { title: l10n.t('Score of an image'), help: l10n.t('How the boxes of an image become one number') };
  }
}
