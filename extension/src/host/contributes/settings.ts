import * as z from 'zod';
import { sessionSettings } from '../../core/session/sessionSettings.ts';
import type { Setting } from '../../core/session/setting.ts';
import { sessionDefaultKeys, type SessionDefaultKey, type SettingKey } from '../ids.ts';

/** A setting of VS Code as package.json declares it. */
export interface SettingContribution {
  readonly type: 'string' | 'boolean' | 'integer';
  readonly default: string | boolean | number;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly multipleOf?: number | undefined;
  readonly scope: 'machine-overridable' | 'resource';
  /** Markdown. */
  readonly description: string;
}

/** The limits that VS Code checks. */
const limits = z.object({
  type: z.enum(['string', 'boolean', 'integer']),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  multipleOf: z.number().optional(),
});

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
  ...sessionDefaults(),
};

/** The defaults of new sessions, from the descriptors of the session settings. */
function sessionDefaults(): Readonly<Record<SessionDefaultKey, SettingContribution>> {
  const names = Object.keys(sessionDefaultKeys) as (keyof typeof sessionDefaultKeys)[];
  return Object.fromEntries(
    names.map((name) => [sessionDefaultKeys[name], contributionOf(sessionSettings[name])]),
  ) as Record<SessionDefaultKey, SettingContribution>;
}

function contributionOf({
  schema,
  title,
  help,
  input,
  default: usual,
}: Setting<string> | Setting<number>): SettingContribution {
  if (usual === undefined) throw new TypeError(`The setting "${title}" has no default.`);
  return {
    ...limits.parse(z.toJSONSchema(schema, { io: 'input' })),
    default: usual,
    // A workspace must not choose a file that is loaded.
    scope: input === 'weights' ? 'machine-overridable' : 'resource',
    description: `${title} of new sessions. ${help}.`,
  };
}
