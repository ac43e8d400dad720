import * as vscode from 'vscode';
import { findDuplicatesOperation } from '../../workflow/operations/poolOperations.ts';
import { imagesWithDuplicates } from '../../workflow/grid/duplicatesOf.ts';
import type { DuplicateReport } from '../../workflow/similarity/duplicates.ts';
import { requireRow } from '../../workflow/shared/errors.ts';
import type { CommandHandler } from '../context.ts';
import { back, pickItem } from '../session/multiStep.ts';
import {
  duplicateLines,
  duplicateSummary,
  leakCodes,
  leakProblems,
  type DuplicateLine,
} from '../text/duplicateText.ts';
import { pickWritableSession } from './targets.ts';
import { publishProblemsOf } from './datasets.ts';
import { openImage } from './openImage.ts';
import { withProgress } from '../ui/progress.ts';
import { showInformation, type ListRow } from '../ui/window.ts';

interface DuplicateItem extends ListRow {
  readonly path?: string;
  readonly pictures?: true;
}

/** "Find Duplicates": lists the images that show the same, and puts those across the validation split into Problems. */
export const findDuplicatesCommand: CommandHandler = async (host, argument) => {
  const { folder, sessionId, session } = await pickWritableSession(host, argument);
  const { ports } = folder;
  const report = await withProgress(vscode.l10n.t('Looking for duplicate images'), (task) =>
    findDuplicatesOperation.run(ports, { session: sessionId }, task),
  );
  const { source } = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  publishProblemsOf(host, leakCodes, source, leakProblems(vscode.l10n, report));
  if (report.groups.length === 0) {
    void showInformation(
      vscode.l10n.t('Found no duplicates among the {0} images of "{1}".', report.images, session.name),
    );
    return;
  }
  if (!(await choosesPictures(session.name, report))) return;
  const title = vscode.l10n.t('Duplicates in "{0}"', session.name);
  const images = imagesWithDuplicates(report);
  await host.panels.showGrid({ folder, sessionId }, { title, images, since: new Date().toISOString() });
};

/**
 * Lists the groups until the person leaves the list.
 * @returns whether the person wants to see them as pictures. @throws UserCancelled
 */
async function choosesPictures(name: string, report: DuplicateReport): Promise<boolean> {
  const pictures: DuplicateItem = { icon: 'symbol-array', label: vscode.l10n.t('Show as pictures'), pictures: true };
  const items = [pictures, ...duplicateLines(vscode.l10n, report).map(toItem)];
  let active: DuplicateItem | undefined;
  for (;;) {
    const item = await pickItem<DuplicateItem>({
      title: vscode.l10n.t('Duplicates in "{0}"', name),
      step: undefined,
      totalSteps: undefined,
      canGoBack: false,
      items,
      placeholder: vscode.l10n.t('{0}. Select an image to open it', duplicateSummary(vscode.l10n, report)),
      ...(active === undefined ? {} : { active }),
    });
    if (item === back) return false;
    if (item.path === undefined) return item.pictures === true;
    active = item;
    await openImage(item.path);
  }
}

function toItem(line: DuplicateLine): DuplicateItem {
  if (line.kind === 'heading') return { label: line.label, kind: vscode.QuickPickItemKind.Separator };
  const icon = line.kind === 'first' ? 'file-media' : 'indent';
  return { icon, label: line.label, description: line.description, path: line.path };
}
