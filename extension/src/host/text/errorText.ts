import { AppError, toErrorReport } from '../../core/errors.ts';
import { commandIds, type CommandId } from '../ids.ts';
import type { Localiser } from './localiser.ts';

/** A button of an error message that helps to fix the error. */
export interface Fix {
  readonly title: string;
  readonly command: CommandId | 'workbench.trust.manage' | 'vscode.open';
  /** The argument of the command; by default the argument of the failed command. */
  readonly argument?: string;
}

export interface ErrorText {
  /** Equal for equal failures. */
  readonly key: string;
  /** What happened and what to do. */
  readonly text: string;
  readonly fixes: readonly Fix[];
  /** The user cancelled, so nothing is shown. */
  readonly silent: boolean;
}

/** The text of an error, its hint, and the commands that help. */
export function errorText(l10n: Localiser, error: unknown): ErrorText {
  const { code, message, hint, where } = toErrorReport(error);
  const parts = [message];
  if (where !== undefined && !message.includes(where)) parts.push(`(${where})`);
  // The hint of an unknown error refers to the log, which has its own button.
  if (error instanceof AppError) parts.push(hint);
  return {
    key: `${code}\n${message}`,
    text: parts.map((part) => part.trim()).join(' '),
    fixes: fixes(l10n, code),
    silent: code === 'cancelled',
  };
}

function fixes(l10n: Localiser, code: string): Fix[] {
  const setUp = { title: l10n.t('Set Up Training Environment'), command: commandIds.environmentSetUp };
  const select = { title: l10n.t('Select Python'), command: commandIds.environmentSelect };
  const edit = { title: l10n.t('Edit Session'), command: commandIds.sessionEdit };
  const locate = { title: l10n.t('Locate Dataset'), command: commandIds.datasetLocate };
  const validate = { title: l10n.t('Validate Dataset'), command: commandIds.datasetValidate };
  if (code.startsWith('set-up-')) return [setUp, select];
  switch (code) {
    case 'python-missing':
    case 'python-too-old':
    case 'packages-missing':
    case 'trainer-broken':
    case 'trainer-not-started':
      return [setUp, select];
    case 'base-python-missing':
      return [
        { title: l10n.t('Get Python'), command: 'vscode.open', argument: 'https://www.python.org/downloads/' },
        select,
      ];
    case 'weights-missing':
    case 'weights-broken':
    case 'out-of-memory':
    case 'device-missing':
    case 'settings-invalid':
      return [edit];
    case 'dataset-moved':
      return [locate];
    case 'classes-reordered':
    case 'no-labels':
    case 'no-validation':
    case 'dataset-invalid':
      return [validate];
    case 'trainer-busy':
      return [{ title: l10n.t('Show Progress'), command: commandIds.activityShow }];
    case 'session-busy':
      return [{ title: l10n.t('Stop'), command: commandIds.iterationStop }];
    case 'trainer-died':
      return [{ title: l10n.t('Continue Training'), command: commandIds.iterationRun }];
    case 'not-found':
    case 'wrong-step':
    case 'not-now':
      return [{ title: l10n.t('Refresh'), command: commandIds.viewRefresh }];
    case 'no-model':
    case 'run-missing':
    case 'run-over':
    case 'run-conflict':
      return [{ title: l10n.t('Train Next Iteration'), command: commandIds.iterationRun }];
    case 'image-unreadable':
      return [{ title: l10n.t('Rescan Dataset'), command: commandIds.datasetRescan }];
    case 'storage-read-only':
      return [{ title: l10n.t('Choose Session Storage Location'), command: commandIds.storageChoose }];
    case 'browse-only':
    case 'older-version':
      return [{ title: l10n.t('Manage Workspace Trust'), command: 'workbench.trust.manage' }];
    case 'untrusted-folder':
      return [{ title: l10n.t('Trust Sessions in This Folder'), command: commandIds.folderTrust }];
    case 'edited-outside':
      return [{ title: l10n.t('Rescan Dataset'), command: commandIds.datasetRescan }];
    default:
      return [];
  }
}
