import { aggregate } from './aggregation.ts';
import type { UncertaintyScore } from './uncertaintyScore.ts';
import { compareMirrored } from './mirror.ts';

/**
 * Consistency under mirroring, as in CALD (W. Yu et al., 2022). Works with every head, because it needs only boxes and
 * scores.
 */
export const flip: UncertaintyScore = {
  id: 'flip',
  title: 'Flip consistency',
  description: 'High when boxes shift, change or vanish as soon as the image is mirrored.',
  formula: 'agg( 1 − IoUₖ · (1 − |sₖ − s̃ₖ|) ), 1 for a box without a partner',
  needs: 'flip',
  compute: ({ detections, flipped }, { aggregation, threshold }) =>
    flipped === undefined
      ? null
      : aggregate(
          compareMirrored(detections, flipped, threshold).map(({ change }) => change),
          aggregation,
        ),
  whyNot: ({ flipped }) =>
    flipped === undefined ? 'the image was not mirrored; that is a setting' : 'no box is sure enough to be compared',
};
