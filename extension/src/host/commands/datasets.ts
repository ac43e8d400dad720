import * as vscode from 'vscode';
import { createDatasetValidation } from '../../composition/datasetValidation.ts';
import type { DatasetProblem, DatasetSource, DatasetSummary } from '../../core/dataset/types.ts';
import { visibleText } from '../../core/text/escapeText.ts';
import type { ScanReport } from '../../workflow/dataset/scanImages.ts';
import {
  moveDatasetOperation,
  rescanDatasetOperation,
  validateDatasetOperation,
  writeDataYamlOperation,
} from '../../workflow/operations/datasetOperations.ts';
import { sourceInput } from '../../workflow/operations/fields.ts';
import type { CommandHandler, HostContext } from '../context.ts';
import { commandIds } from '../ids.ts';
import { chooseDataset } from '../session/chooseDataset.ts';
import { UserCancelled } from '../ui/window.ts';
import { pickSession, pickFolder, pickWritableSession, showWithActions } from './targets.ts';
import { reveal } from './reveal.ts';
import { withProgress } from '../ui/progress.ts';
import { showInformation, showWarning } from '../ui/window.ts';

/** Validates every image and label row, and shows problems in the Problems panel. */
export const validateDatasetCommand: CommandHandler = async (host, argument) => {
  const folder = await pickFolder(argument);
  const source = await sourceToValidate(host, folder, argument);
  const opened = await host.folders.open(folder, false);
  // View-only sessions cannot read datasets, but the user chose this one.
  const live = opened?.browseOnly === true ? null : opened;
  const summary = await withProgress(vscode.l10n.t('Validating the dataset'), (task) =>
    validateDatasetOperation.run(
      live === null ? createDatasetValidation(folder.uri.fsPath) : live.ports,
      sourceInput(source),
      task,
    ),
  );
  publishProblems(host, source, summary.problems);
  await showSummary(summary);
};

async function sourceToValidate(
  host: HostContext,
  folder: vscode.WorkspaceFolder,
  argument: unknown,
): Promise<DatasetSource> {
  if (argument instanceof vscode.Uri) return { kind: 'yaml', path: argument.fsPath, poolFolders: [] };
  const live = await host.folders.open(folder, false);
  const sessions = live === null ? [] : await live.ports.store.sessions.list();
  if (live !== null && sessions.length > 0) {
    const { session } = await pickWritableSession(host, argument);
    const dataset = await live.ports.store.datasets.get(session.datasetId);
    if (dataset !== null) return dataset.source;
  }
  return chooseDataset(folder, host.log);
}

/** Shows problems at their files and lines; those without a file at the dataset file. */
export function publishProblems(host: HostContext, source: DatasetSource, problems: readonly DatasetProblem[]): void {
  host.diagnostics.clear();
  setProblems(host, source, problems, () => false);
}

/** The same for some kinds of problems; other known problems stay. */
export function publishProblemsOf(
  host: HostContext,
  codes: readonly string[],
  source: DatasetSource,
  problems: readonly DatasetProblem[],
): void {
  const others = ({ code }: vscode.Diagnostic): boolean => !codes.includes(String(code));
  const known: [vscode.Uri, readonly vscode.Diagnostic[]][] = [];
  host.diagnostics.forEach((uri, diagnostics) => known.push([uri, diagnostics]));
  for (const [uri, diagnostics] of known) host.diagnostics.set(uri, diagnostics.filter(others));
  setProblems(host, source, problems, others);
}

/** @param stays selects the existing problems of a file to keep. */
function setProblems(
  host: HostContext,
  source: DatasetSource,
  problems: readonly DatasetProblem[],
  stays: (known: vscode.Diagnostic) => boolean,
): void {
  const byFile = new Map<string, vscode.Diagnostic[]>();
  for (const problem of problems) {
    const line = Math.max(0, (problem.line ?? 1) - 1);
    const diagnostic = new vscode.Diagnostic(
      new vscode.Range(line, 0, line, problem.line === undefined ? 0 : Number.MAX_SAFE_INTEGER),
      visibleText(`${problem.message} ${problem.hint}`),
      severities[problem.severity],
    );
    diagnostic.source = 'Active Learning';
    diagnostic.code = problem.code;
    const file = problem.file ?? source.path;
    byFile.set(file, [...(byFile.get(file) ?? []), diagnostic]);
  }
  for (const [file, diagnostics] of byFile) {
    const uri = vscode.Uri.file(file);
    host.diagnostics.set(uri, [...(host.diagnostics.get(uri) ?? []).filter(stays), ...diagnostics]);
  }
}

const severities = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
} as const;

async function showSummary(summary: DatasetSummary): Promise<void> {
  const { images, labelled, background, unlabelled, validation, boxes, problems } = summary;
  const counts = vscode.l10n.t(
    '{0} images: {1} labelled ({2} background) with {3} boxes, {4} unlabelled, {5} for validation.',
    images,
    labelled,
    background,
    boxes,
    unlabelled,
    validation,
  );
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.filter(({ severity }) => severity === 'warning').length;
  if (problems.length === 0) {
    void showInformation(`${counts} ${vscode.l10n.t('No problems found.')}`);
    return;
  }
  const show = vscode.l10n.t('Show Problems');
  const text = `${counts} ${vscode.l10n.t('{0} errors, {1} warnings.', errors, warnings)}`;
  const chosen = await (errors > 0 ? showWarning(text, show) : showInformation(text, show));
  if (chosen === show) await vscode.commands.executeCommand('workbench.actions.view.problems');
}

export const rescanDatasetCommand: CommandHandler = async (host, argument) => {
  const { folder, session } = await pickWritableSession(host, argument);
  const report = await withProgress(vscode.l10n.t('Rescanning the dataset'), (task) =>
    rescanDatasetOperation.run(folder.ports, { session: session.id }, task),
  );
  publishProblems(host, report.dataset.source, report.problems);
  folder.changed();
  void showInformation(scanText(report));
};

export const locateDataset: CommandHandler = async (host, argument) => {
  const { folder, session } = await pickWritableSession(host, argument);
  const dataset = await folder.ports.store.datasets.get(session.datasetId);
  if (dataset === null) return;
  const yaml = dataset.source.kind === 'yaml';
  const [place] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Locate {0}', dataset.source.path),
      openLabel: vscode.l10n.t('Select'),
      canSelectFiles: yaml,
      canSelectFolders: !yaml,
      defaultUri: folder.folder.uri,
      ...(yaml ? { filters: { YAML: ['yaml', 'yml'] } } : {}),
    })) ?? [];
  if (place === undefined) throw new UserCancelled();
  const report = await withProgress(vscode.l10n.t('Reading the dataset'), (task) =>
    moveDatasetOperation.run(folder.ports, { session: session.id, to: place.fsPath }, task),
  );
  folder.changed();
  void showInformation(scanText(report));
};

export const openDatasetFile: CommandHandler = async (host, argument) => {
  const { folder, sessionId, session } = await pickSession(host, argument);
  const dataset = await folder.ports.store.datasets.get(session.datasetId);
  if (dataset === null) return;
  const { kind, path } = dataset.source;
  if (!(await folder.ports.artifacts.exists(path))) {
    await showWithActions(vscode.l10n.t('The dataset was not found at {0}.', path), {
      title: vscode.l10n.t('Locate Dataset'),
      command: commandIds.datasetLocate,
      argument: { folder, sessionId },
    });
    return;
  }
  if (kind === 'yaml') await vscode.window.showTextDocument(vscode.Uri.file(path));
  else await reveal(path);
};

/** Writes a `data.yaml` into a folder of images, so that other tools can read its labels. */
export const writeDataYamlCommand: CommandHandler = async (host, argument) => {
  const { folder, sessionId, session } = await pickWritableSession(host, argument);
  const dataset = await folder.ports.store.datasets.get(session.datasetId);
  if (dataset?.source.kind === 'yaml') {
    await showWithActions(vscode.l10n.t('The dataset has a data.yaml already.'), {
      title: vscode.l10n.t('Open Dataset File'),
      command: commandIds.datasetOpen,
      argument: { folder, sessionId },
    });
    return;
  }
  const { path, training, validation } = await writeDataYamlOperation.run(folder.ports, { session: session.id }, {});
  folder.changed();
  await showWithActions(
    vscode.l10n.t('Wrote data.yaml with {0} training and {1} validation images.', training, validation),
    { title: vscode.l10n.t('Open File'), command: 'vscode.open', argument: vscode.Uri.file(path) },
  );
};

/** Lists only what changed. */
function scanText({ added, changed, missing, labelsChangedOutside }: ScanReport): string {
  const parts = [
    ...(added > 0 ? [vscode.l10n.t('{0} new images', added)] : []),
    ...(changed > 0 ? [vscode.l10n.t('{0} changed images', changed)] : []),
    ...(missing > 0 ? [vscode.l10n.t('{0} missing images', missing)] : []),
    ...(labelsChangedOutside > 0
      ? [vscode.l10n.t('{0} label files edited by other programs', labelsChangedOutside)]
      : []),
  ];
  return parts.length === 0
    ? vscode.l10n.t('The dataset has not changed.')
    : vscode.l10n.t('Rescanned the dataset: {0}.', parts.join(', '));
}
