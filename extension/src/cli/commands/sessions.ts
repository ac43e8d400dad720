import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DatasetSource } from '../../core/dataset/types.ts';
import { sessionSettings } from '../../core/session/sessionSettings.ts';
import { settingNames } from '../../core/session/settings.ts';
import { absenceNotes } from '../../workflow/dataset/absentImages.ts';
import { relocateDataset, type ScanReport } from '../../workflow/dataset/datasets.ts';
import { leftOutNote, leftOutOf } from '../../workflow/models/leftOut.ts';
import { createSession, deleteSession, editSession } from '../../workflow/session/sessions.ts';
import { scoredOn } from '../../workflow/models/scoringProvider.ts';
import { sessionStatus, type SessionStatusView } from '../../workflow/session/status.ts';
import type { Command, Flags, Terminal } from '../command.ts';
import { listFlag, requiredFlag, textFlag, UsageError } from '../flags.ts';
import { table } from '../output.ts';
import { chosenSession, inWorkspace, workspaceOptions } from '../session.ts';
import { settingList, settingOptions, settingsFrom } from '../settingFlags.ts';

export const sourceOptions = {
  data: { type: 'string' },
  class: { type: 'string', multiple: true },
  pool: { type: 'string', multiple: true },
} as const;

/** `--data` names a data.yaml or the folder that holds it, or a folder of images with one `--class` a class. */
export function sourceFrom(flags: Flags): DatasetSource {
  const named = resolve(requiredFlag(flags, 'data'));
  const path = listFlag(flags, 'class').length > 0 ? named : (descriptionIn(named) ?? named);
  const poolFolders = listFlag(flags, 'pool').map((folder) => resolve(folder));
  if (/\.ya?ml$/i.test(path)) return { kind: 'yaml', path, poolFolders };
  const classNames = listFlag(flags, 'class');
  if (classNames.some((name) => name.includes('\uFFFD'))) {
    throw new UsageError('A --class is not UTF-8.', 'Set the terminal to UTF-8, or write the names into a data.yaml.');
  }
  return { kind: 'folder', path, classNames, poolFolders };
}

function descriptionIn(folder: string): string | undefined {
  return ['data.yaml', 'data.yml'].map((name) => join(folder, name)).find((path) => existsSync(path));
}

/** What a scan found, in a few lines; the first problems in full. */
export function noteScan(terminal: Terminal, scan: ScanReport): void {
  const shown = 20;
  for (const problem of scan.problems.slice(0, shown)) {
    const place =
      problem.file === undefined ? '' : `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}: `;
    terminal.note(`${problem.severity}: ${place}${problem.message} ${problem.hint}`);
  }
  if (scan.problems.length > shown)
    terminal.note(`… and ${scan.problems.length - shown} more problems; "validate" lists all.`);
}

const create: Command = {
  name: 'create',
  usage:
    'create --data <data.yaml or folder> --name <name> [--weights <path>] [--class <name> …] [--pool <folder> …] [settings]',
  summary: 'Make a session over a dataset',
  details: settingList,
  options: { ...workspaceOptions, ...sourceOptions, ...settingOptions() },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports, task) => {
      const { session, scan } = await createSession(ports, sourceFrom(flags), settingsFrom(flags), task);
      noteScan(terminal, scan);
      terminal.print(`Session ${session.id} "${session.name}" is ready: ${found(scan)}. Next: run`);
      return 0;
    }),
};

/** All images of the dataset, and how many no session of this workspace knew. */
function found({ images, added }: ScanReport): string {
  const count = `${images} ${images === 1 ? 'image' : 'images'} found`;
  return added === images ? count : `${count}, ${added === 0 ? 'none' : added} of them new`;
}

const edit: Command = {
  name: 'edit',
  usage: 'edit [--session <number or name>] [settings]',
  summary: 'Change settings of a session, from its next iteration on; what is over keeps what it was made with',
  details: settingList,
  options: { ...workspaceOptions, ...settingOptions() },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const change = settingsFrom(flags);
      const before = await chosenSession(ports, flags);
      if (Object.keys(change).length === 0) {
        throw new UsageError(
          'Nothing is to be changed.',
          'Name a setting, such as --epochs 80; --help lists them all.',
        );
      }
      const session = await editSession(ports, before.id, change);
      if (flags['json'] === true) {
        terminal.print(JSON.stringify(session));
        return 0;
      }
      const changed = settingNames.flatMap((field) => {
        const { flag } = sessionSettings[field];
        return field in change
          ? [`--${flag} ${JSON.stringify(before[field])} -> ${JSON.stringify(session[field])}`]
          : [];
      });
      terminal.print(`Session ${session.id} "${session.name}" is saved: ${changed.join(', ')}.`);
      terminal.print('Changes count from the next iteration on.');
      return 0;
    }),
};

const list: Command = {
  name: 'list',
  usage: 'list [--json]',
  summary: 'List the sessions of this workspace',
  options: workspaceOptions,
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const sessions = await ports.store.sessions.list();
      if (flags['json'] === true) terminal.print(JSON.stringify(sessions));
      else {
        const rows = sessions.map((row) => [
          row.id,
          row.name,
          row.status,
          row.currentIteration,
          row.bestMap50,
          row.bestMap5095,
        ]);
        terminal.print(table(['id', 'name', 'status', 'iteration', 'best mAP50', 'best mAP50-95'], rows));
      }
      return 0;
    }),
};

const status: Command = {
  name: 'status',
  usage: 'status [--session <number or name>] [--json]',
  summary: 'Show iterations, metrics, review progress and what can be done next',
  options: workspaceOptions,
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const view = await sessionStatus(ports, (await chosenSession(ports, flags)).id);
      terminal.print(flags['json'] === true ? JSON.stringify(view) : describe(view));
      return 0;
    }),
};

function describe({ session, iterations, actions, images, absent }: SessionStatusView): string {
  const rows = iterations.map(({ iteration, model, samples }) => [
    iteration.iterationNumber,
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
    ...absenceNotes(absent).map((note) => `Note: ${note}`),
    table(['iteration', 'status', 'images', 'boxes', 'mAP50', 'mAP50-95', 'validation', 'reviewed', 'scored on'], rows),
    ...iterations.flatMap(({ iteration, model }) => {
      const note = model === null ? null : leftOutNote(leftOutOf(model.lineage));
      return note === null ? [] : [`Note: of iteration ${iteration.iterationNumber}, ${note}`];
    }),
    ...(failed ? [`Stopped: ${failed}`] : []),
    `Now possible: ${possible.join(', ') || 'nothing'}`,
  ].join('\n');
}

const move: Command = {
  name: 'move',
  usage: 'move --session <number or name> --to <new data.yaml or folder>',
  summary: 'Tell where a moved dataset is now',
  options: { ...workspaceOptions, to: { type: 'string' } },
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports, task) => {
      const session = await chosenSession(ports, flags);
      const scan = await relocateDataset(ports, session.datasetId, resolve(requiredFlag(flags, 'to')), task);
      noteScan(terminal, scan);
      terminal.print(`The dataset is now at ${textFlag(flags, 'to')}.`);
      return 0;
    }),
};

const remove: Command = {
  name: 'delete',
  usage: 'delete --session <number or name>',
  summary: 'Delete a session; images and labels stay',
  options: workspaceOptions,
  run: (flags, _, terminal) =>
    inWorkspace(flags, terminal, async (ports) => {
      const session = await chosenSession(ports, flags);
      await deleteSession(ports, session.id);
      terminal.print(`Session "${session.name}" is deleted. Its images and labels were not touched.`);
      return 0;
    }),
};

export const sessionCommands: readonly Command[] = [create, edit, list, status, move, remove];
