import type { SettingKey } from '../ids.ts';

/** A setting of VS Code as package.json declares it. */
export interface SettingContribution {
  readonly type: 'string' | 'boolean' | 'integer';
  readonly default: string | boolean | number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly scope: 'machine-overridable' | 'resource';
  /** Markdown. */
  readonly description: string;
}

/** The settings of the extension, by their keys below `activeLearning`. */
export const settingContributions: Readonly<Record<SettingKey, SettingContribution>> = {
  'python.path': {
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    description:
      'Path or name of the Python used for training. If empty, the extension searches the environment that it set up, the Python extension, `.venv` and the PATH.',
  },
  'storage.folder': {
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    description:
      'Folder that contains `.active-learning` (sessions, runs, models), absolute or relative to the workspace folder. If empty, the workspace folder is used. Choose a local disk if the workspace is on a network drive.',
  },
  'models.allowDownload': {
    type: 'boolean',
    default: false,
    scope: 'machine-overridable',
    description: 'Download published base weights, such as `yolov8n.pt`, without asking.',
  },
  'defaults.baseModel': {
    type: 'string',
    default: 'yolov8n.pt',
    scope: 'machine-overridable',
    description:
      'Base model of new sessions: a path to a `.pt` file, a published name such as `yolov8n.pt`, or an architecture such as `yolov8n.yaml`.',
  },
  'defaults.epochs': {
    type: 'integer',
    default: 50,
    minimum: 1,
    maximum: 10_000,
    scope: 'resource',
    description: 'Number of epochs per training in new sessions.',
  },
  'defaults.imageSize': {
    type: 'integer',
    default: 640,
    minimum: 32,
    maximum: 4096,
    multipleOf: 32,
    scope: 'resource',
    description: 'Image size of new sessions in pixels. Must be a multiple of 32.',
  },
  'defaults.samplesPerIteration': {
    type: 'integer',
    default: 20,
    minimum: 1,
    maximum: 10_000,
    scope: 'resource',
    description: 'Number of samples that each iteration of a new session selects for review.',
  },
  'defaults.maxIterations': {
    type: 'integer',
    default: 10,
    minimum: 1,
    maximum: 1000,
    scope: 'resource',
    description: 'Number of iterations of new sessions before the final training on all labels.',
  },
};
