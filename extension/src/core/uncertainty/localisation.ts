import { aggregateWeighted } from './aggregation.ts';
import { NOT_FOR_THIS_HEAD, type UncertaintyScore } from './uncertaintyScore.ts';

/** Entropy of the side distributions of DFL heads (X. Li et al., Generalized Focal Loss, 2020), weighted by confidence. */
export const localisation: UncertaintyScore = {
  id: 'localisation',
  title: 'Localisation',
  description: 'High when the model cannot say where the edges of its boxes are.',
  formula: 'weighted agg( eᵢ ),  e = mean over 4 sides of −Σ P ln P / ln 16, weights sᵢ',
  needs: 'localisation',
  compute: ({ detections }, { aggregation }) => {
    const entropies: number[] = [];
    const confidences: number[] = [];
    for (const { localisationEntropy, confidence } of detections) {
      if (localisationEntropy === undefined) return null;
      entropies.push(Math.min(Math.max(localisationEntropy, 0), 1));
      confidences.push(confidence);
    }
    return aggregateWeighted(entropies, confidences, aggregation);
  },
  whyNot: () => NOT_FOR_THIS_HEAD,
};
