import { basename } from 'node:path';
import type { PoolImage, PoolOrders } from '../../workflow/session/poolPage.ts';
import type { ScoreOrder } from '../../workflow/ports/store/predictions.ts';
import type { Localiser } from './localiser.ts';

/** A sort order to select, or a heading. */
export type OrderLine =
  | { readonly kind: 'heading'; readonly label: string }
  | { readonly kind: 'order'; readonly label: string; readonly order: ScoreOrder };

/** The scores, then the classes. */
export function orderLines(l10n: Localiser, { metrics, classNames }: PoolOrders): readonly OrderLine[] {
  const lines: OrderLine[] = [];
  if (metrics.length > 0) lines.push({ kind: 'heading', label: l10n.t('Highest score first') });
  for (const metric of metrics) lines.push({ kind: 'order', label: metric, order: { kind: 'score', metric } });
  if (classNames.length > 0) lines.push({ kind: 'heading', label: l10n.t('Most expected objects first') });
  for (const [classId, label] of classNames.entries()) {
    lines.push({ kind: 'order', label, order: { kind: 'class', classId } });
  }
  return lines;
}

export interface PoolLine {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** "0.873 · weld-17.jpg", the expected objects, and the path. */
export function poolLine(
  l10n: Localiser,
  { value, relativePath, expected, state }: PoolImage,
  order: ScoreOrder,
): PoolLine {
  const objects = expected
    .filter(({ count }) => count >= 0.05)
    .map(({ className, count }) => l10n.t('{0} × {1}', count.toFixed(1), className));
  const shown = order.kind === 'score' ? value.toFixed(3) : value.toFixed(1);
  return {
    label: `${shown} · ${basename(relativePath)}`,
    description: [
      objects.length > 0 ? objects.join(', ') : l10n.t('no detections'),
      ...(state === 'labelled' ? [l10n.t('labelled meanwhile')] : []),
    ].join(' · '),
    detail: relativePath,
  };
}
