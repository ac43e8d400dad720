import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { configuredPython } from '../settings.ts';
import type { PythonEnvironment } from './environment.ts';
import { environmentSizes, freeBytes, sizeText } from './diskSpace.ts';
import { installEnvironment, SetUpError } from './install.ts';
import { removeOldEnvironments } from './leftovers.ts';
import { computeChoices, pipPlan, pipSources, type ComputeKind, type PipPlan } from './pip.ts';
import { ask } from './programs.ts';
import { activeInterpreter } from './pythonExtension.ts';
import { showInformation, showList, showProgress } from '../ui/window.ts';

/**
 * Sets up a virtual environment after the user confirms. @returns whether it was created.
 * @param onInstall called after the confirmation, before anything is downloaded.
 */
export async function setUpEnvironment(
  environment: PythonEnvironment,
  folder: vscode.WorkspaceFolder | undefined,
  log: vscode.LogOutputChannel,
  onInstall: () => void = () => {},
): Promise<boolean> {
  if (!(await wantsAnother(environment, folder))) return false;
  const { trainerFolder, environmentsFolder } = environment;
  const base = await basePython(folder, trainerFolder);
  const compute = await chooseCompute(trainerFolder);
  if (compute === undefined) return false;
  const config = (await ask(base, ['-E', '-m', 'pip', 'config', 'list'], trainerFolder)) ?? '';
  const sources = pipSources(config, process.env);
  const free = await requireSpace(environmentsFolder, compute);
  const plan = pipPlan('', compute, process.platform, sources);
  if (!(await confirm(environmentsFolder, plan, compute, free))) return false;
  onInstall();
  return showProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Setting up the training environment'),
      cancellable: true,
    },
    async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      const tell = (message: string): void => progress.report({ message });
      // In a new folder, so that the current environment keeps working until the new one is ready.
      const made = join(environmentsFolder, new Date().toISOString().replace(/\D/g, '').slice(0, 14));
      const installation = { folder: made, base, trainerFolder, compute, platform: process.platform, sources };
      await installEnvironment(installation, { l10n: vscode.l10n, log, tell, signal: abort.signal });
      await removeOldEnvironments(environmentsFolder, log);
      return true;
    },
  );
}

/** The Python that creates the virtual environment. */
async function basePython(folder: vscode.WorkspaceFolder | undefined, trainerFolder: string): Promise<string> {
  const named = folder === undefined ? undefined : configuredPython(folder);
  const chosen = folder === undefined ? undefined : await activeInterpreter(folder).catch(() => undefined);
  const windows = process.platform === 'win32';
  const commands: readonly (readonly string[])[] = [
    ...[named, chosen].flatMap((command) => (command === undefined ? [] : [[command]])),
    ...(windows
      ? [['py', '-3'], ['python']]
      : [['python3'], ['python3.13'], ['python3.12'], ['python3.11'], ['python']]),
  ];
  const script = 'import sys; print("%d.%d %s" % (sys.version_info[0], sys.version_info[1], sys.executable))';
  const seen: string[] = [];
  for (const [command, ...args] of commands) {
    if (command === undefined) continue;
    const answer = await ask(command, [...args, '-E', '-c', script], trainerFolder);
    const told = answer === undefined ? null : /^(\d+)\.(\d+) (.+)$/.exec(answer);
    if (told?.[3] === undefined) continue;
    if (Number(told[1]) === 3 && Number(told[2]) >= 10) return told[3];
    seen.push(`${told[1]}.${told[2]}`);
  }
  throw new SetUpError(
    'base-python-missing',
    seen.length > 0
      ? vscode.l10n.t('Training requires Python 3.10 or later, but only {0} was found.', [...new Set(seen)].join(', '))
      : vscode.l10n.t('Python was not found on this machine.'),
    vscode.l10n.t(
      'Install Python 3.12 from python.org or with your package manager, then set up the environment again.',
    ),
  );
}

async function chooseCompute(trainerFolder: string): Promise<ComputeKind | undefined> {
  const choices = computeChoices(process.platform);
  const [only, ...others] = choices;
  if (others.length === 0) return only;
  const hasGpu = (await ask('nvidia-smi', ['-L'], trainerFolder, 10_000)) !== undefined;
  const items = choices.map((kind) => ({
    compute: kind,
    label: kind === 'cuda' ? vscode.l10n.t('NVIDIA GPU (CUDA)') : vscode.l10n.t('CPU only'),
    description:
      kind === 'cuda'
        ? hasGpu
          ? vscode.l10n.t('recommended: GPU found')
          : vscode.l10n.t('no NVIDIA GPU found on this machine')
        : hasGpu
          ? ''
          : vscode.l10n.t('recommended for this machine'),
    detail:
      kind === 'cuda'
        ? vscode.l10n.t(
            'Much faster training. Requires an NVIDIA driver and {0}',
            sizeText(environmentSizes.cuda.installed),
          )
        : vscode.l10n.t(
            'Works on every machine; small models train in minutes. Requires {0}',
            sizeText(environmentSizes.cpu.installed),
          ),
  }));
  const chosen = await showList(hasGpu ? items.toReversed() : items, {
    title: vscode.l10n.t('Set Up Training Environment'),
    placeHolder: vscode.l10n.t('Select a PyTorch build'),
  });
  return chosen?.compute;
}

/** Asks whether to set up another environment if a suitable Python exists. */
async function wantsAnother(
  environment: PythonEnvironment,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<boolean> {
  const ready = await pythonThatTrains(environment, folder);
  if (ready === undefined || (folder !== undefined && environment.outdated(folder).length > 0)) return true;
  const another = vscode.l10n.t('Set Up Another');
  const check = vscode.l10n.t('Check Training Environment');
  const chosen = await showInformation(
    vscode.l10n.t('A training environment is already set up. Set up another one?'),
    {
      modal: true,
      detail: [
        vscode.l10n.t('Trainings use {0}.', ready),
        vscode.l10n.t(
          'Another environment takes {0} of disk space, or {1} with CUDA. Trainings use the newest environment. The previous one is kept; older ones are deleted.',
          sizeText(environmentSizes.cpu.installed),
          sizeText(environmentSizes.cuda.installed),
        ),
      ].join('\n\n'),
    },
    check,
    another,
  );
  if (chosen === check) await vscode.commands.executeCommand(commandIds.environmentCheck);
  return chosen === another;
}

async function pythonThatTrains(
  environment: PythonEnvironment,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<string | undefined> {
  if (folder === undefined) return environment.privatePython;
  return showProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Checking the training environment') },
    () => environment.find(folder).catch(() => undefined),
  );
}

/** @returns the free bytes, if known. @throws SetUpError before anything is downloaded. */
async function requireSpace(environmentsFolder: string, compute: ComputeKind): Promise<number | undefined> {
  const free = await freeBytes(environmentsFolder);
  const { peak } = environmentSizes[compute];
  if (free === undefined || free >= peak) return free;
  throw new SetUpError(
    'set-up-disk-full',
    vscode.l10n.t(
      'The setup needs {0} of disk space, but only {1} are free in {2}.',
      sizeText(peak),
      sizeText(free),
      environmentsFolder,
    ),
    vscode.l10n.t('Free up disk space, or select a Python environment that already has PyTorch and Ultralytics.'),
  );
}

async function confirm(
  environmentsFolder: string,
  { hosts }: PipPlan,
  compute: ComputeKind,
  free: number | undefined,
): Promise<boolean> {
  const yes = vscode.l10n.t('Install');
  const { download, installed } = environmentSizes[compute];
  const detail = [
    vscode.l10n.t(
      'PyTorch, Ultralytics and ONNX are installed in a separate virtual environment, {0}. Nothing else on this machine changes.',
      environmentsFolder,
    ),
    vscode.l10n.t(
      'The download is about {0}, from {1}. The environment takes {2} of disk space.',
      sizeText(download),
      hosts.join(', '),
      sizeText(installed),
    ) + (free === undefined ? '' : ` ${vscode.l10n.t('{0} available.', sizeText(free))}`),
    vscode.l10n.t('Ultralytics is licensed under AGPL-3.0.'),
  ].join('\n\n');
  const message = vscode.l10n.t('Install the packages required for training?');
  return (await showInformation(message, { modal: true, detail }, yes)) === yes;
}
