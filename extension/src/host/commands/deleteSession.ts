import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { refuseLinks } from '../../adapters/platform/privateFiles.ts';
import { deleteSessionOperation } from '../../workflow/operations/sessionOperations.ts';
import { requireIdle } from '../../workflow/session/sessions.ts';
import { commandIds } from '../ids.ts';
import { isInside } from '../insideFolder.ts';
import { chosenSession, offer, type ChosenSession } from './targets.ts';
import type { CommandHandler } from './handler.ts';
import { showWarning } from '../ui/window.ts';

/** Deletes a session; its run folders too where that is asked for. Images and labels are never touched. */
export const deleteSessionCommand: CommandHandler = async (host, argument) => {
  const chosen = await chosenSession(host, argument);
  const { folder, sessionId, session } = chosen;
  if (host.runner.activityIn({ folder })?.ref.sessionId === sessionId) {
    await offer(vscode.l10n.t('"{0}" is running; stop it first.', session.name), {
      title: vscode.l10n.t('Stop'),
      command: commandIds.iterationStop,
      argument: { folder, sessionId },
    });
    return;
  }
  // Another window may be at work: said before anything is asked.
  await requireIdle(folder.ports, sessionId);
  const alone = vscode.l10n.t('Delete');
  const withFiles = vscode.l10n.t('Delete with Models and Runs');
  const answer = await showWarning(
    vscode.l10n.t('Delete the session "{0}"?', session.name),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Its iterations, scores and metrics are removed; this cannot be undone. Images, labels and exported models stay.\n\nTrained models and run folders stay too, unless you delete them with it.',
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
        // A link in the way, which somebody put there, leads to files that are none of the session's.
        refuseLinks(dirname(folder.ports.runsFolder), path);
        await rm(path, { recursive: true, force: true, maxRetries: 3 });
      } catch (error) {
        host.log.error(`${path} could not be deleted: ${String(error)}`);
        void showWarning(vscode.l10n.t('{0} could not be deleted; the log says why.', path));
      }
    }
  }
  folder.changed();
};

/** The run folders of the session: those that lie inside the runs folder, whatever the database says. */
async function runFolders({ folder, sessionId }: ChosenSession): Promise<readonly string[]> {
  const { ports } = folder;
  const runs = (await ports.store.runs.list()).filter((run) => run.sessionId === sessionId);
  // By the id as well: the workspace may have been moved since the row was written.
  const paths = new Set(runs.flatMap((run) => [run.folder, join(ports.runsFolder, run.id)]));
  return [...paths].filter((path) => isInside(ports.runsFolder, path));
}
