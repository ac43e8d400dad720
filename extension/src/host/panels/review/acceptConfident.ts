import type { AcceptedMany, AcceptMany, ConfidentView } from '../../../protocol/confidentImages.ts';
import type { ReviewState } from '../../../protocol/review.ts';
import { acceptChoice, confidentSamples } from '../../../workflow/review/confidentSamples.ts';
import { judgeMany } from '../../../workflow/review/manyVerdicts.ts';
import type { ReviewPanelHost } from './reviewHost.ts';
import type { ShownQueue } from './shownQueue.ts';

/** The samples of the open batch that can be accepted together. */
export async function confidentViews(host: ReviewPanelHost, shown: ShownQueue): Promise<ConfidentView[]> {
  const { session, iteration } = await shown.require();
  return iteration?.status === 'reviewing' ? confidentSamples(host.ports(), session, iteration) : [];
}

/** Accepts samples together, and opens the next one without a verdict. */
export async function acceptMany(
  host: ReviewPanelHost,
  shown: ShownQueue,
  { samples, secondsEach }: AcceptMany,
): Promise<{ readonly state: ReviewState; readonly outcome: AcceptedMany }> {
  const { session } = await shown.require();
  const choices = samples.map(acceptChoice);
  const { given, leftOut, failure } = await judgeMany(host.ports(), session.id, choices, choices.length, {
    secondsEach,
  });
  if (given.length > 0) {
    host.place.set(null);
    shown.sampleId = undefined;
    // After the reply, which must not wait for it.
    setTimeout(() => host.verdictGiven());
  }
  const failed = leftOut.failed ?? 0;
  return {
    state: await shown.read(),
    outcome: {
      accepted: given.length,
      leftOut: samples.length - given.length - failed,
      failed: failure === null ? null : { count: failed, reason: failure.message },
    },
  };
}
