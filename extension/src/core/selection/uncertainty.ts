import { DRAWN_AT_RANDOM, placeInPool } from '../uncertainty/reasons.ts';
import { draw, interleave } from './draw.ts';
import {
  inStableOrder,
  shortPoolNote,
  type Candidate,
  type ChosenImage,
  type SelectionContext,
  type SelectionResult,
  type Strategy,
} from './strategy.ts';

/** DESIGN §6: the zero-detection quota at first. */
export const DEFAULT_ZERO_DETECTION_SHARE = 0.1;

/**
 * The most uncertain images that reach the minimum, and a quota of images without detections, those first in which
 * something was almost found. Places that too few uncertain images leave open are drawn at random from all the rest of
 * the pool; where nothing with a detection is left, they go to the images without detections by their rank.
 */
export const uncertaintyStrategy: Strategy = {
  id: 'uncertainty',
  title: 'Uncertainty',
  description: 'Takes the images with the highest score, down to the minimum uncertainty.',
  needsScores: true,
  select,
};

interface Scored {
  readonly candidate: Candidate;
  readonly score: number;
}

function select(candidates: readonly Candidate[], context: SelectionContext): SelectionResult {
  const { batchSize, minUncertainty, scoreName = 'combined' } = context;
  const pool = inStableOrder(candidates, context);
  const scored: Scored[] = [];
  for (const candidate of pool) {
    const score = candidate.scores[scoreName];
    if (candidate.hasDetections && score !== undefined) scored.push({ candidate, score });
  }
  // Sorting is stable, so that equal scores stay ascending by image id.
  scored.sort((a, b) => b.score - a.score);
  const passing = scored.filter(({ score }) => score >= minUncertainty);
  const empty = pool.filter((candidate) => !candidate.hasDetections);
  empty.sort((a, b) => b.bestScore - a.bestScore);

  const quota = Math.round(batchSize * (context.zeroDetectionShare ?? DEFAULT_ZERO_DETECTION_SHARE));
  const emptyPlaces = Math.min(quota, empty.length);
  const uncertain = passing.slice(0, batchSize - emptyPlaces);
  const open = batchSize - emptyPlaces - uncertain.length;

  const taken = new Set(uncertain.map(({ candidate }) => candidate.imageId));
  for (const { imageId } of empty.slice(0, emptyPlaces)) taken.add(imageId);
  const rest = open > 0 ? pool.filter(({ imageId }) => !taken.has(imageId)) : [];
  const onlyEmptyLeft = rest.every((candidate) => !candidate.hasDetections);
  const furtherEmpty = onlyEmptyLeft ? empty.slice(emptyPlaces, emptyPlaces + open) : [];
  const drawn = onlyEmptyLeft ? [] : draw(rest, open, context.random);

  const withoutDetection = empty
    .slice(0, emptyPlaces + furtherEmpty.length)
    .map(({ imageId }): ChosenImage => ({ imageId, reasons: ['taken from the images without detections'] }));
  const chosen = interleave(withPlaces(uncertain, scored, scoreName), withoutDetection);
  for (const { imageId } of drawn) chosen.push({ imageId, reasons: [DRAWN_AT_RANDOM] });

  const few = `Only ${uncertain.length} of ${chosen.length} images reach ${scoreName} ${minUncertainty.toFixed(2)}`;
  const notes = shortPoolNote(pool.length, batchSize);
  if (drawn.length > 0) notes.push(`${few}; ${drawn.length} ${drawn.length === 1 ? 'was' : 'were'} drawn at random.`);
  if (furtherEmpty.length > 0) {
    notes.push(`${few}; ${furtherEmpty.length} more came from the images without detections.`);
  }
  return { chosen, notes };
}

/** Says of each image how many of the pool it outranks. Both lists are sorted by falling score. */
function withPlaces(chosen: readonly Scored[], all: readonly Scored[], scoreName: string): ChosenImage[] {
  let notBelow = 0;
  return chosen.map(({ candidate, score }) => {
    while (notBelow < all.length && (all[notBelow]?.score ?? 0) >= score) notBelow++;
    const place = placeInPool({ scoreName, score, below: all.length - notBelow, scored: all.length });
    return { imageId: candidate.imageId, reasons: [place] };
  });
}
