import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetProblem } from '../../core/dataset/types.ts';
import { sessionSettings } from '../../core/session/sessionSettings.ts';
import { isSettingName } from '../../core/session/settings.ts';
import { absentImageNotes } from '../../workflow/dataset/absentImages.ts';
import type { ScanReport } from '../../workflow/dataset/scanImages.ts';
import { leftOutNote, leftOutOf } from '../../workflow/models/leftOut.ts';
import { scoredOn } from '../../workflow/models/scoringProvider.ts';
import {
  addClassOperation,
  writeDataYamlOperation,
  moveDatasetOperation,
  rescanDatasetOperation,
  setPoolFoldersOperation,
} from '../../workflow/operations/datasetOperations.ts';
import {
  completeSessionOperation,
  createSessionOperation,
  deleteSessionOperation,
  duplicateSessionOperation,
  editSessionOperation,
  listSessionsOperation,
  listSettingsOperation,
  reopenSessionOperation,
  sessionStatusOperation,
} from '../../workflow/operations/sessionOperations.ts';
import type { SessionStatusView } from '../../workflow/session/status.ts';
import type { Command } from '../command.ts';
import { defineCommand, type Environment } from '../defineCommand.ts';
import { table } from '../output.ts';
import { workspaceEnvironment } from '../session.ts';
import { settingList } from '../settingFlags.ts';

type Input = Readonly<Record<string, unknown>>;

/** `--data` may also name the folder of a data.yaml; with a `--class`, it is a folder of images. */
export function findDescription(input: Input): Promise<Input> {
  const { data, class: classNames } = input;
  const named = typeof data === 'string' && classNames === undefined ? descriptionIn(data) : undefined;
  return Promise.resolve(named === undefined ? input : { ...input, data: named });
}

function descriptionIn(folder: string): string | undefined {
  return ['data.yaml', 'data.yml'].map((name) => join(folder, name)).find((path) => existsSync(path));
}

export function problemLine({ severity, file, line, message, hint }: DatasetProblem): string {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `;
  return `${severity}: ${place}${message} ${hint}`;
}

/** The first problems of a scan. */
function scanNotes({ problems }: ScanReport): readonly string[] {
  const listed = 20;
  const more = problems.length - listed;
  return [
    ...problems.slice(0, listed).map(problemLine),
    ...(more > 0 ? [`… and ${more} more problems; "validate" lists all.`] : []),
  ];
}

/** All images of the dataset, and how many no session of this workspace knew. */
function foundImages({ images, added }: ScanReport): string {
  const count = `${images} ${images === 1 ? 'image' : 'images'} found`;
  return added === images ? count : `${count}, ${added === 0 ? 'none' : added} of them new`;
}

const create = defineCommand({
  name: 'create',
  operation: createSessionOperation,
  environment: workspaceEnvironment,
  prepare: findDescription,
  notes: ({ scan }) => scanNotes(scan),
  text: ({ session, scan }) => `Session ${session.id} "${session.name}" is ready: ${foundImages(scan)}. Next: run`,
});

const edit = defineCommand({
  name: 'edit',
  operation: editSessionOperation,
  environment: workspaceEnvironment,
  text: ({ id, name, changes }) => {
    const changed = changes.map(({ setting, before, after }) => {
      const flag = isSettingName(setting) ? sessionSettings[setting].flag : setting;
      return `--${flag} ${JSON.stringify(before)} -> ${JSON.stringify(after)}`;
    });
    return `Session ${id} "${name}" is saved: ${changed.join(', ')}.\nChanges take effect from the next iteration on.`;
  },
});

const list = defineCommand({
  name: 'list',
  operation: listSessionsOperation,
  environment: workspaceEnvironment,
  text: (sessions) =>
    table(
      ['id', 'name', 'status', 'iteration', 'best mAP50', 'best mAP50-95'],
      sessions.map((row) => [row.id, row.name, row.status, row.currentIteration, row.bestMap50, row.bestMap5095]),
    ),
});

const status = defineCommand({
  name: 'status',
  operation: sessionStatusOperation,
  environment: workspaceEnvironment,
  text: statusText,
});

function statusText({ session, iterations, actions, images, absent }: SessionStatusView): string {
  const rows = iterations.map(({ iteration, model, samples }) => [
    iteration.iterationNumber === 0 ? 'first batch' : iteration.iterationNumber,
    iteration.status,
    iteration.trainingImagesCount,
    iteration.trainingBoxesCount,
    iteration.map50,
    iteration.map5095,
    iteration.validationImagesCount,
    `${samples.total - samples.open}/${samples.total}`,
    model === null ? null : scoredOn(model),
  ]);
  const possible = actions.filter((action) => action.enabled).map((action) => action.action);
  const failed = iterations.at(-1)?.iteration.error;
  return [
    `Session ${session.id} "${session.name}" (${session.status}), strategy ${session.strategy}`,
    `Images: ${images.labelled} labelled, ${images.unlabelled} unlabelled, ${images.later} for later, ${images.unusable} unusable, ${images.broken} broken, ${images.missing} missing`,
    ...absentImageNotes(absent).map((note) => `Note: ${note}`),
    table(['iteration', 'status', 'images', 'boxes', 'mAP50', 'mAP50-95', 'validation', 'reviewed', 'scored on'], rows),
    ...iterations.flatMap(({ iteration, model }) => {
      const note = model === null ? null : leftOutNote(leftOutOf(model.lineage));
      return note === null ? [] : [`Note: of iteration ${iteration.iterationNumber}, ${note}`];
    }),
    ...(failed ? [`Stopped: ${failed}`] : []),
    `Now possible: ${possible.join(', ') || 'nothing'}`,
  ].join('\n');
}

const duplicate = defineCommand({
  name: 'duplicate',
  operation: duplicateSessionOperation,
  environment: workspaceEnvironment,
  text: ({ id, name }) => `Session ${id} "${name}" is ready: the same dataset and settings, no iterations. Next: run`,
});

const complete = defineCommand({
  name: 'complete',
  operation: completeSessionOperation,
  environment: workspaceEnvironment,
  text: ({ name }) => `Session "${name}" is completed. To continue it: reopen`,
});

const reopen = defineCommand({
  name: 'reopen',
  operation: reopenSessionOperation,
  environment: workspaceEnvironment,
  text: ({ name }) => `Session "${name}" is open again. Next: run`,
});

/** Only what changed. */
function scanText({ images, added, changed, missing, labelsChangedOutside }: ScanReport): string {
  const parts = [
    ...(added > 0 ? [`${added} new`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(labelsChangedOutside > 0 ? [`${labelsChangedOutside} with labels that other programs edited`] : []),
  ];
  return `${images} images: ${parts.length === 0 ? 'nothing has changed' : parts.join(', ')}.`;
}

const rescan = defineCommand({
  name: 'rescan',
  operation: rescanDatasetOperation,
  environment: workspaceEnvironment,
  notes: scanNotes,
  text: scanText,
});

const folders = defineCommand({
  name: 'folders',
  operation: setPoolFoldersOperation,
  environment: workspaceEnvironment,
  notes: scanNotes,
  text: scanText,
});

const describe = defineCommand({
  name: 'describe',
  operation: writeDataYamlOperation,
  environment: workspaceEnvironment,
  text: ({ path, training, validation }) => `Wrote ${path}: ${training} images in train, ${validation} in val.`,
});

const addClass = defineCommand({
  name: 'add-class',
  operation: addClassOperation,
  environment: workspaceEnvironment,
  text: ({ classNames }) => `Class ${classNames.length - 1} is "${classNames.at(-1)}".`,
});

const move = defineCommand({
  name: 'move',
  operation: moveDatasetOperation,
  environment: workspaceEnvironment,
  notes: scanNotes,
  text: ({ dataset }) => `The dataset is now at ${dataset.source.path}.`,
});

const remove = defineCommand({
  name: 'delete',
  operation: deleteSessionOperation,
  environment: workspaceEnvironment,
  text: ({ name }) => `Session "${name}" is deleted. Its images and labels were not touched.`,
});

const noEnvironment: Environment<unknown> = { flags: [], use: (_flags, _terminal, work) => work(null, {}) };

const settings = defineCommand({
  name: 'settings',
  operation: listSettingsOperation,
  environment: noEnvironment,
  text: () => settingList(),
});

export const sessionCommands: readonly Command[] = [
  create,
  edit,
  list,
  status,
  duplicate,
  complete,
  reopen,
  rescan,
  folders,
  addClass,
  describe,
  move,
  remove,
  settings,
];
