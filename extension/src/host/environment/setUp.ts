import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { configuredPython } from '../settings.ts';
import type { PythonEnvironment } from './environment.ts';
import { environmentSizes, freeBytes, sizeText } from './diskSpace.ts';
import { installEnvironment, SetUpError } from './install.ts';
import { removeReplaced } from './leftovers.ts';
import { computeChoices, pipPlan, pipSources, type ComputeKind, type PipPlan } from './pip.ts';
import { ask } from './programs.ts';
import { activeInterpreter } from './pythonExtension.ts';
import { showInformation, showList, showProgress } from '../ui/window.ts';

/**
 * Makes the product's own virtual environment, after the user said yes. @returns whether it is there now.
 * @param onInstall called after that yes, before anything is downloaded.
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
      // A folder of its own: the environment that is there keeps working until the new one does.
      const made = join(environmentsFolder, new Date().toISOString().replace(/\D/g, '').slice(0, 14));
      const installation = { folder: made, base, trainerFolder, compute, platform: process.platform, sources };
      await installEnvironment(installation, { l10n: vscode.l10n, log, tell, signal: abort.signal });
      await removeReplaced(environmentsFolder, log);
      return true;
    },
  );
}

/** The Python that the virtual environment is made from. */
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
      ? vscode.l10n.t('Training needs Python 3.10 or newer; found only {0}.', [...new Set(seen)].join(', '))
      : vscode.l10n.t('No Python was found on this machine.'),
    vscode.l10n.t('Install Python 3.12 from python.org or your package manager, then set up the environment again.'),
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
          ? vscode.l10n.t('recommended: a GPU was found')
          : vscode.l10n.t('no NVIDIA GPU was found on this machine')
        : hasGpu
          ? ''
          : vscode.l10n.t('recommended for this machine'),
    detail:
      kind === 'cuda'
        ? vscode.l10n.t(
            'Trains many times faster; needs an NVIDIA driver and {0}',
            sizeText(environmentSizes.cuda.installed),
          )
        : vscode.l10n.t(
            'Works everywhere, small models train in minutes; needs {0}',
            sizeText(environmentSizes.cpu.installed),
          ),
  }));
  const chosen = await showList(hasGpu ? items.toReversed() : items, {
    title: vscode.l10n.t('Set Up Training Environment'),
    placeHolder: vscode.l10n.t('What should PyTorch be installed for?'),
  });
  return chosen?.compute;
}

/** Whether to make an environment although there is a Python that trains with the packages of this version. */
async function wantsAnother(
  environment: PythonEnvironment,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<boolean> {
  const ready = await pythonThatTrains(environment, folder);
  if (ready === undefined || (folder !== undefined && environment.outdated(folder).length > 0)) return true;
  const another = vscode.l10n.t('Set Up Another');
  const check = vscode.l10n.t('Check Training Environment');
  const chosen = await showInformation(
    vscode.l10n.t('A training environment is ready. Set up another one?'),
    {
      modal: true,
      detail: [
        vscode.l10n.t('Trainings use {0}.', ready),
        vscode.l10n.t(
          'Another environment takes {0} of disk space, {1} with CUDA. The newest one is used, the one before is kept, and older ones are removed.',
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

/** @returns the bytes that are free, if the system tells. @throws SetUpError before anything is downloaded. */
async function requireSpace(environmentsFolder: string, compute: ComputeKind): Promise<number | undefined> {
  const free = await freeBytes(environmentsFolder);
  const { peak } = environmentSizes[compute];
  if (free === undefined || free >= peak) return free;
  throw new SetUpError(
    'set-up-disk-full',
    vscode.l10n.t(
      'The training environment needs {0} while it is made, and {1} are free in {2}.',
      sizeText(peak),
      sizeText(free),
      environmentsFolder,
    ),
    vscode.l10n.t('Free some space, or select a Python that has PyTorch and Ultralytics already.'),
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
      'PyTorch, Ultralytics and ONNX are installed into a virtual environment of their own, {0}. Nothing else on this machine is changed.',
      environmentsFolder,
    ),
    vscode.l10n.t(
      'The download is about {0}, from {1}. The environment takes {2} of disk space.',
      sizeText(download),
      hosts.join(', '),
      sizeText(installed),
    ) + (free === undefined ? '' : ` ${vscode.l10n.t('{0} are free.', sizeText(free))}`),
    vscode.l10n.t('Ultralytics is licensed under AGPL-3.0.'),
  ].join('\n\n');
  const message = vscode.l10n.t('Install the packages that training needs?');
  return (await showInformation(message, { modal: true, detail }, yes)) === yes;
}
