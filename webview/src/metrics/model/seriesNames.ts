import type { MetricsString } from '../../../../extension/src/protocol/metricsStrings.ts';
import { t } from '../strings.ts';

/** The chart of a series. */
export type SeriesGroup = 'losses' | 'map' | 'precision-recall' | 'other';

export interface SeriesIdentity {
  readonly group: SeriesGroup;
  readonly title: string;
  /** Position among the lines of its chart. Unknown names come last. */
  readonly order: number;
}

interface Known {
  readonly group: SeriesGroup;
  readonly title: MetricsString;
  readonly order: number;
}

/** The losses of Ultralytics' heads and the measurements of the trainer. */
const knownNames: Readonly<Record<string, Known>> = {
  box_loss: { group: 'losses', title: 'Box loss', order: 0 },
  giou_loss: { group: 'losses', title: 'Box overlap loss (GIoU)', order: 0 },
  cls_loss: { group: 'losses', title: 'Class loss', order: 1 },
  dfl_loss: { group: 'losses', title: 'Box edge loss (DFL)', order: 2 },
  l1_loss: { group: 'losses', title: 'Box distance loss (L1)', order: 2 },
  map50: { group: 'map', title: 'mAP50', order: 0 },
  map50_95: { group: 'map', title: 'mAP50-95', order: 1 },
  precision: { group: 'precision-recall', title: 'Precision', order: 2 },
  recall: { group: 'precision-recall', title: 'Recall', order: 3 },
};

const unknownOrder = 10;

/** The chart and title of a series such as `train/box_loss`. Unknown names get a readable title. */
export function identifySeries(name: string): SeriesIdentity {
  const slash = name.lastIndexOf('/');
  const prefix = name.slice(0, Math.max(0, slash));
  const base = name.slice(slash + 1);
  const known = Object.hasOwn(knownNames, base) ? knownNames[base] : undefined;
  const isLoss = known === undefined && (prefix === 'train' || /(^|_)loss(_|$)/.test(base));
  const group = known?.group ?? (isLoss ? 'losses' : 'other');
  const title = known === undefined ? readable(base) : t(known.title);
  const validated = prefix === 'val' && group === 'losses';
  return {
    group,
    title: validated ? t('{0} (validation)', title) : title,
    order: (known?.order ?? unknownOrder) + (validated ? 2 * unknownOrder : 0),
  };
}

function readable(base: string): string {
  const words = base.replaceAll(/[_\s]+/g, ' ').trim();
  return words === '' ? base : words[0]?.toUpperCase() + words.slice(1);
}
