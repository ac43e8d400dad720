/** What a review has recorded. The page, the tree and the status bar all show what follows from it. */
export interface TimedReview {
  /** All seconds that the reviewer spent, without pauses. */
  readonly seconds: number;
  /** Images with a verdict and a time. */
  readonly timed: number;
  /** Images without a verdict. */
  readonly left: number;
}

export interface ReviewPace {
  /** Seconds for one image: all seconds divided by the images that they went into. */
  readonly secondsPerImage: number;
  /** Seconds for the images that are left. */
  readonly secondsLeft: number;
}

/** With fewer images, a few quick keys would promise too much. */
const minTimed = 5;

/** The pace of a review; null until enough images have a verdict and a time. */
export function reviewPace({ seconds, timed, left }: TimedReview): ReviewPace | null {
  if (timed < minTimed) return null;
  const secondsPerImage = seconds / timed;
  return { secondsPerImage, secondsLeft: secondsPerImage * left };
}

/** Nothing below a second is shown, and no seconds from here on. */
const minutesFrom = 90;

/** A duration as shown: whole seconds, or whole minutes. Zero stands for less than one. */
export function wholeDuration(seconds: number): { readonly value: number; readonly unit: 'seconds' | 'minutes' } {
  if (seconds < 1) return { value: 0, unit: 'seconds' };
  if (Math.round(seconds) < minutesFrom) return { value: Math.round(seconds), unit: 'seconds' };
  return { value: Math.round(seconds / 60), unit: 'minutes' };
}

/** Minutes as shown. Zero stands for less than one. */
export function wholeMinutes(seconds: number): number {
  return seconds < 60 ? 0 : Math.round(seconds / 60);
}
