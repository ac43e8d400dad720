import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { refuseLinks } from '../../adapters/platform/privateFiles.ts';
import { deleteSessionOperation } from '../../workflow/operations/sessionOperations.ts';
import { requireIdle } from '../../workflow/session/sessions.ts';
import type { CommandHandler } from '../context.ts';
import { commandIds } from '../ids.ts';
import { isInside } from '../paths.ts';
import { pickWritableSession, showWithActions, type SessionTarget } from './targets.ts';
import { showWarning } from '../ui/window.ts';

/** Deletes a session, and its run folders if the user wants that. Never touches images and labels. */
export const deleteSessionCommand: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument);
  const { folder, sessionId, session } = chosen;
  if (host.runner.activityIn({ folder })?.ref.sessionId === sessionId) {
    await showWithActions(vscode.l10n.t('"{0}" is running. Stop it first.', session.name), {
      title: vscode.l10n.t('Stop'),
      command: commandIds.iterationStop,
      argument: { folder, sessionId },
    });
    return;
  }
  // Another window may be running the session, so check before asking.
  await requireIdle(folder.ports, sessionId);
  const alone = vscode.l10n.t('Delete');
  const withFiles = vscode.l10n.t('Delete with Models and Runs');
  const answer = await showWarning(
    vscode.l10n.t('Delete the session "{0}"?', session.name),
    {
      modal: true,
      detail: vscode.l10n.t(
        'This deletes its iterations, scores and metrics, and cannot be undone. Images, labels and exported models are kept.\n\nTrained models and run folders are also kept unless you delete them with the session.',
      ),
    },
    alone,
    withFiles,
  );
  if (answer === undefined) return;
  const folders = await runFolders(chosen);
  await deleteSessionOperation.run(folder.ports, { session: sessionId }, {});
  if (answer === withFiles) {
    for (const path of folders) {
      try {
        // A link may lead to files that do not belong to the session.
        refuseLinks(dirname(folder.ports.runsFolder), path);
        await rm(path, { recursive: true, force: true, maxRetries: 3 });
      } catch (error) {
        host.log.error(`${path} could not be deleted: ${String(error)}`);
        void showWarning(vscode.l10n.t('Could not delete {0}. See the log for details.', path));
      }
    }
  }
  folder.changed();
};

/** The run folders of the session. Paths from the database count only if they are inside the runs folder. */
async function runFolders({ folder, sessionId }: SessionTarget): Promise<readonly string[]> {
  const { ports } = folder;
  const runs = (await ports.store.runs.list()).filter((run) => run.sessionId === sessionId);
  // Also by id: the workspace may have moved since the row was written.
  const paths = new Set(runs.flatMap((run) => [run.folder, join(ports.runsFolder, run.id)]));
  return [...paths].filter((path) => isInside(ports.runsFolder, path));
}
