import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { AppError } from '../../core/errors.ts';
import { activeInterpreter } from './pythonExtension.ts';
import type { PythonEnvironment } from './environment.ts';
import { computeChoices, explainFailure, pipPlan, pipProgress, type ComputeKind, type PipPlan } from './pip.ts';
import { completeMark, pythonIn } from './places.ts';
import { ask, runProgram } from './programs.ts';

/** Setting up the training environment failed: what happened and what to do. */
export class SetUpError extends AppError {}

/** Makes the product's own virtual environment, after the user said yes. @returns whether it is there now. */
export async function setUpEnvironment(
  environment: PythonEnvironment,
  folder: vscode.WorkspaceFolder | undefined,
  log: vscode.LogOutputChannel,
): Promise<boolean> {
  const base = await basePython(folder);
  const kind = await chooseCompute();
  if (kind === undefined) return false;
  const ownIndex =
    process.env['PIP_INDEX_URL'] ?? (await ask(base, ['-m', 'pip', 'config', 'get', 'global.index-url']));
  const plan = pipPlan(
    join(environment.trainerFolder, 'requirements.txt'),
    kind,
    process.platform,
    ownIndex === '' ? undefined : ownIndex,
  );
  if (!(await confirm(environment, plan))) return false;
  return vscode.window.withProgress(
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
      const target = join(environment.environmentsFolder, new Date().toISOString().replace(/\D/g, '').slice(0, 14));
      try {
        await install(environment.trainerFolder, target, base, plan, { log, tell, signal: abort.signal });
      } catch (error) {
        // Half an environment would fail later, and less clearly.
        await removeFolder(target, log);
        throw error;
      }
      for (const name of await readdir(environment.environmentsFolder)) {
        const path = join(environment.environmentsFolder, name);
        if (path !== target) await removeFolder(path, log);
      }
      return true;
    },
  );
}

interface Reporting {
  readonly log: vscode.LogOutputChannel;
  readonly tell: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Removes a folder as far as it can be: on Windows, a program that runs keeps its files. */
async function removeFolder(folder: string, log: vscode.LogOutputChannel): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    log.warn(`${folder} could not be removed: ${String(error)}`);
  }
}

async function install(
  trainerFolder: string,
  folder: string,
  base: string,
  plan: PipPlan,
  { log, tell, signal }: Reporting,
): Promise<void> {
  const python = pythonIn(folder);
  const step = async (command: string, args: readonly string[], onLine: (line: string) => void): Promise<void> => {
    log.info(`${command} ${args.join(' ')}`);
    const end = await runProgram(
      command,
      args,
      (line) => {
        log.debug(line);
        onLine(line);
      },
      signal,
    );
    if (signal.aborted) {
      throw new SetUpError('cancelled', 'The set-up was stopped.', 'Start it again when you like.');
    }
    if (end.exitCode === 0) return;
    log.error(end.tail);
    const failure = explainFailure(vscode.l10n, end.tail);
    throw new SetUpError(failure.code, failure.message, failure.hint);
  };
  tell(vscode.l10n.t('Making a virtual environment'));
  await mkdir(folder, { recursive: true });
  await step(base, ['-m', 'venv', folder], () => {});
  await step(python, plan.args, (line) => {
    const message = pipProgress(vscode.l10n, line);
    if (message !== null) tell(message);
  });
  tell(vscode.l10n.t('Checking the environment'));
  const { findPython } = await import('../../adapters/training/pythonEnvironment.ts');
  await findPython({ configured: python }, trainerFolder);
  await copyFile(join(trainerFolder, 'requirements.txt'), join(folder, 'requirements.txt'));
  await writeFile(join(folder, completeMark), '');
}

/** The Python that the virtual environment is made from. */
async function basePython(folder: vscode.WorkspaceFolder | undefined): Promise<string> {
  const chosen = folder === undefined ? undefined : await activeInterpreter(folder).catch(() => undefined);
  const windows = process.platform === 'win32';
  const commands: readonly (readonly string[])[] = [
    ...(chosen === undefined ? [] : [[chosen]]),
    ...(windows
      ? [['py', '-3'], ['python']]
      : [['python3'], ['python3.13'], ['python3.12'], ['python3.11'], ['python']]),
  ];
  const script = 'import sys; print("%d.%d %s" % (sys.version_info[0], sys.version_info[1], sys.executable))';
  const seen: string[] = [];
  for (const [command, ...args] of commands) {
    if (command === undefined) continue;
    const answer = await ask(command, [...args, '-c', script]);
    const told = answer === undefined ? null : /^(\d+)\.(\d+) (.+)$/.exec(answer);
    if (told?.[3] === undefined) continue;
    if (Number(told[1]) === 3 && Number(told[2]) >= 10) return told[3];
    seen.push(`${told[1]}.${told[2]}`);
  }
  throw new SetUpError(
    seen.length > 0 ? 'python-too-old' : 'python-missing',
    seen.length > 0
      ? vscode.l10n.t('Training needs Python 3.10 or newer; found only {0}.', [...new Set(seen)].join(', '))
      : vscode.l10n.t('No Python was found on this machine.'),
    vscode.l10n.t('Install Python 3.12 from python.org or your package manager, then set up the environment again.'),
  );
}

async function chooseCompute(): Promise<ComputeKind | undefined> {
  const choices = computeChoices(process.platform);
  const [only, ...others] = choices;
  if (others.length === 0) return only;
  const hasGpu = (await ask('nvidia-smi', ['-L'], 10_000)) !== undefined;
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
        ? vscode.l10n.t('Trains many times faster. About 3.5 GB to download; needs a recent NVIDIA driver.')
        : vscode.l10n.t('Works everywhere; small models train in minutes. About 700 MB to download.'),
  }));
  const chosen = await vscode.window.showQuickPick(hasGpu ? items.toReversed() : items, {
    title: vscode.l10n.t('Set Up Training Environment'),
    placeHolder: vscode.l10n.t('What should PyTorch be installed for?'),
  });
  return chosen?.compute;
}

async function confirm(environment: PythonEnvironment, plan: PipPlan): Promise<boolean> {
  const yes = vscode.l10n.t('Install');
  const detail = vscode.l10n.t(
    'PyTorch, Ultralytics and ONNX are installed into a virtual environment of their own, {0}. Nothing else on this machine is changed.\n\nAbout {1} MB are downloaded from {2}.\n\nUltralytics is licensed under AGPL-3.0.',
    environment.environmentsFolder,
    plan.downloadMb,
    plan.hosts.join(', '),
  );
  const message = vscode.l10n.t('Install the packages that training needs?');
  return (await vscode.window.showInformationMessage(message, { modal: true, detail }, yes)) === yes;
}
