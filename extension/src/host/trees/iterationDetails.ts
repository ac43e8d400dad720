import type { IterationStatusView } from '../../workflow/session/status.ts';
import type { Localiser } from '../text/localiser.ts';
import { paceText } from '../text/paceText.ts';
import { contextOf, number, type TreeNode } from './treeNode.ts';

/** The items below an iteration: its model version, metrics and samples. */
export function iterationDetails(
  l10n: Localiser,
  sessionId: number,
  { iteration, model, samples }: IterationStatusView,
): TreeNode[] {
  const { total } = samples;
  const nodes: TreeNode[] = [];
  const base = { expanded: false, children: [], sessionId, iterationId: iteration.id };
  if (model !== null) {
    const marks = [
      ...(model.isBest ? [l10n.t('best')] : []),
      ...(model.isActive ? [l10n.t('active')] : []),
      `${model.modelSizeMb.toFixed(1)} MB`,
    ].join(' · ');
    const label = l10n.t('Model version {0}', model.versionNumber);
    nodes.push({
      ...base,
      kind: 'model',
      id: `model-${model.id}`,
      label,
      description: marks,
      tooltip: model.weightsPath,
      icon: model.isBest ? 'star-full' : 'package',
      context: contextOf('model', model.isActive ? ['active'] : []),
      spoken: `${label}, ${marks}`,
      modelId: model.id,
    });
  }
  if (iteration.map50 !== null) {
    const accuracy = `mAP50 ${number(iteration.map50)} · mAP50-95 ${number(iteration.map5095)}`;
    const count = iteration.validationImagesCount ?? 0;
    const images = count === 1 ? l10n.t('on 1 validation image') : l10n.t('on {0} validation images', count);
    nodes.push({
      ...base,
      kind: 'metrics',
      id: `metrics-${iteration.id}`,
      label: accuracy,
      // Cut in a side bar of the default width, so the tooltip has it too.
      description: images,
      tooltip: [
        `${accuracy} ${images}`,
        l10n.t(
          'Precision {0}, recall {1}, trained on {2} images with {3} boxes',
          number(iteration.precision),
          number(iteration.recall),
          iteration.trainingImagesCount ?? 0,
          iteration.trainingBoxesCount ?? 0,
        ),
      ].join('\n'),
      icon: 'graph-line',
      context: contextOf('metrics', []),
      spoken: `${accuracy} ${images}`,
    });
  }
  if (total > 0) {
    const label = l10n.t('Reviewed {0}/{1}', total - samples.open, total);
    const verdicts = verdictCounts(l10n, samples);
    const pace = paceText(l10n, samples);
    nodes.push({
      ...base,
      kind: 'samples',
      id: `samples-${iteration.id}`,
      label,
      description: verdicts,
      tooltip: [verdicts === '' ? label : `${label}: ${verdicts}`, ...(pace === '' ? [] : [pace])].join('\n'),
      icon: samples.open === 0 ? 'pass' : 'checklist',
      context: contextOf('samples', iteration.status === 'reviewing' ? ['review'] : []),
      spoken: [label, verdicts, pace].filter((part) => part !== '').join(', '),
    });
  }
  return nodes;
}

function verdictCounts(l10n: Localiser, { byVerdict: counts, labelled }: IterationStatusView['samples']): string {
  const rejected =
    (counts['rejected-background'] ?? 0) + (counts['rejected-unusable'] ?? 0) + (counts['rejected-later'] ?? 0);
  const parts: [number, string][] = [
    [counts.accepted ?? 0, l10n.t('accepted')],
    [(counts.corrected ?? 0) - labelled, l10n.t('corrected')],
    [labelled, l10n.t('labelled')],
    [rejected, l10n.t('rejected')],
    [counts.skipped ?? 0, l10n.t('skipped')],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}
