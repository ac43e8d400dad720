import * as vscode from 'vscode';
import { poolOrders, poolPage, type PoolImage, type PoolOrders } from '../../workflow/session/poolPage.ts';
import type { ScoreOrder } from '../../workflow/ports/store/predictions.ts';
import { sessionStatusOperation } from '../../workflow/operations/sessionOperations.ts';
import type { CommandHandler } from '../context.ts';
import { back, pickItem } from '../session/multiStep.ts';
import { orderLines, poolLine } from '../text/poolText.ts';
import { pickSession, showWithActions, suggestedActions, type SessionTarget } from './targets.ts';
import { openImage } from './openImage.ts';
import { mayShowPath } from '../trust/visiblePaths.ts';
import { showInformation, type ListRow } from '../ui/window.ts';

const pageSize = 100;

interface OrderItem extends ListRow {
  readonly order?: ScoreOrder;
}

interface ImageItem extends ListRow {
  readonly image?: PoolImage;
  readonly more?: true;
}

/** "Browse Scored Images": lists images by a score or a class, page by page, and opens the selected one. */
export const browsePool: CommandHandler = async (host, argument) => {
  const chosen = await pickSession(host, argument);
  const { folder, sessionId, session } = chosen;
  const orders = await poolOrders(folder.ports, sessionId);
  if (orders === null) {
    const view = await sessionStatusOperation.run(folder.ports, { session: sessionId }, {});
    await showWithActions(
      vscode.l10n.t('"{0}" has no scored images yet.', session.name),
      ...suggestedActions(chosen, view),
    );
    return;
  }
  let active: OrderItem | undefined;
  const items = orderLines(vscode.l10n, orders).map((line): OrderItem =>
    line.kind === 'heading'
      ? { label: line.label, kind: vscode.QuickPickItemKind.Separator }
      : { label: line.label, order: line.order },
  );
  for (;;) {
    const item = await pickItem<OrderItem>({
      title: vscode.l10n.t('Scored images of "{0}", model version {1}', session.name, orders.version.versionNumber),
      step: 1,
      totalSteps: 2,
      canGoBack: false,
      items,
      placeholder: vscode.l10n.t('Select a score or a class'),
      ...(active === undefined ? {} : { active }),
    });
    if (item === back || item.order === undefined) return;
    active = item;
    await browse(chosen, orders, item.order, item.label);
  }
};

/** Shows images until the user goes back. @throws UserCancelled */
async function browse({ folder }: SessionTarget, orders: PoolOrders, order: ScoreOrder, title: string): Promise<void> {
  const items: ImageItem[] = [];
  const more: ImageItem = { icon: 'ellipsis', label: vscode.l10n.t('Show more…'), more: true, alwaysShow: true };
  let after: string | null = null;
  let active: ImageItem | undefined;
  const load = async (): Promise<void> => {
    const first = items.length;
    const page = await poolPage(folder.ports, orders, order, { size: pageSize, after: after ?? undefined });
    items.push(...page.images.map((image): ImageItem => ({ ...poolLine(vscode.l10n, image, order), image })));
    after = page.next;
    active = items[first];
  };
  await load();
  for (;;) {
    const item = await pickItem<ImageItem>({
      title,
      step: 2,
      totalSteps: 2,
      canGoBack: true,
      items: after === null ? items : [...items, more],
      placeholder: items.length === 0 ? vscode.l10n.t('No images') : vscode.l10n.t('Select an image to open it'),
      ...(active === undefined ? {} : { active }),
    });
    if (item === back) return;
    if (item.more === true) {
      await load();
    } else if (item.image !== undefined) {
      active = item;
      if (await mayShowPath(folder, item.image.path)) await openImage(item.image.path);
      else void showInformation(vscode.l10n.t('{0} is outside this workspace.', item.image.path));
    }
  }
}
