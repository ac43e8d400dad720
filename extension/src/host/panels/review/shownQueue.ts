import type { ShownThresholds } from '../../../core/detection/shownThresholds.ts';
import type { Verdict } from '../../../core/session/types.ts';
import type { ReviewState, ReviewUpdate, SampleView, VerdictLine } from '../../../protocol/review.ts';
import type { Ports } from '../../../workflow/ports/ports.ts';
import type { DraftKey } from '../../../workflow/ports/store/drafts.ts';
import type { LabelEventRow } from '../../../workflow/ports/store/labelEvents.ts';
import { draftKey, imageQueue, queuedSample, sampleIdOfImage } from '../../../workflow/review/imageQueue.ts';
import { redoableEdit, undoableEdit } from '../../../workflow/review/imageVerdicts.ts';
import {
  nextOpen,
  redoableUndo,
  reviewQueue,
  undoableVerdict,
  type ReviewQueue,
  type ReviewSample,
} from '../../../workflow/review/reviewQueue.ts';
import { sessionStatus } from '../../../workflow/session/status.ts';
import { labelledCounts, type LabelledCounts } from '../../../workflow/session/status.ts';
import { requireRow } from '../../../workflow/shared/errors.ts';
import { obstacleText } from '../../text/obstacleText.ts';
import { notAvailable, type ReviewPanelHost, type ReviewTarget } from './reviewHost.ts';
import { emptyReviewState, toReviewState, toSampleView } from './reviewState.ts';
import { toVerdictView } from './verdictView.ts';

/** The queue as the page shows it. It is read as a whole only if it may have changed: it may hold 10,000 samples. */
export class ShownQueue {
  readonly #host: ReviewPanelHost;
  readonly #target: ReviewTarget;
  #queue: ReviewQueue | null = null;
  #state: ReviewState | null = null;
  /** Seconds spent on the images of a list, by sample id: the database keeps only those of samples. */
  readonly #listSeconds = new Map<number, number>();
  /** The open sample, or the one to open. */
  sampleId: number | undefined;

  constructor(host: ReviewPanelHost, target: ReviewTarget, sampleId: number | undefined) {
    this.#host = host;
    this.#target = target;
    this.sampleId = sampleId;
  }

  /** What the page shows; null before the first `read`. */
  get state(): ReviewState | null {
    return this.#state;
  }

  /** The queue, read if it was not. @throws WorkflowError `not-now` if there is none. */
  async require(): Promise<ReviewQueue> {
    if (this.#queue === null) await this.read();
    if (this.#queue !== null) return this.#queue;
    throw notAvailable(this.#host.l10n.t('There is no batch to review.'));
  }

  /** Reads everything again. */
  async read(): Promise<ReviewState> {
    this.#queue = await this.#readQueue();
    this.#state = this.#queue === null ? await this.#emptyState() : await this.#view(this.#queue);
    return this.#state;
  }

  /** Opens a sample. The rest of the queue stays as the page has it: changes of other windows come with `read`. */
  async open(sampleId: number): Promise<ReviewUpdate> {
    const queue = await this.require();
    const ports = this.#host.ports();
    const current = await queuedSample(ports, queue, sampleId);
    this.#queue = { ...queue, current, ...(await reversible(ports, queue)) };
    this.#state = await this.#view(this.#queue);
    return { ...this.#state, queue: null };
  }

  /** Samples of the queue to show later. Those that cannot be read are left out. */
  async samples(sampleIds: readonly number[]): Promise<SampleView[]> {
    const queue = this.#queue;
    if (queue === null) return [];
    const views: SampleView[] = [];
    for (const id of sampleIds) {
      const sample = await queuedSample(this.#host.ports(), queue, id).catch(() => null);
      if (sample !== null) views.push(await this.#sampleView(queue, sample));
    }
    return views;
  }

  /** Notes what the page knows as soon as a verdict is saved, and continues with the next open sample. */
  noteVerdict(sampleId: number, verdict: Verdict, reviewSeconds: number): void {
    const queue = this.#queue;
    const state = this.#state;
    if (queue === null || state === null) return;
    const judged = queue.samples.find(({ id }) => id === sampleId);
    const seconds = (judged?.reviewSeconds ?? 0) + reviewSeconds;
    if (queue.list !== null) this.#listSeconds.set(sampleId, seconds);
    const samples = queue.samples.map((one) =>
      one.id === sampleId ? { ...one, verdict, reviewSeconds: seconds } : one,
    );
    this.#queue = { ...queue, samples };
    this.sampleId = nextOpen(samples, sampleId)?.id ?? sampleId;
    const shown = toVerdictView(verdict, judged?.unpredicted === true);
    const entries = state.queue.map((one) => (one.sampleId === sampleId ? { ...one, verdict: shown, seconds } : one));
    this.#state = { ...state, queue: entries };
  }

  /** The verdict of a sample that the page shows; undefined if it is not in the queue. */
  verdictOf(sampleId: number): Verdict | null | undefined {
    return this.#queue?.samples.find(({ id }) => id === sampleId)?.verdict;
  }

  /** Whether nothing was predicted on a sample of the batch. */
  isUnpredicted(sampleId: number | null): boolean {
    return this.#queue?.samples.find(({ id }) => id === sampleId)?.unpredicted === true;
  }

  /** Notes the thresholds of the batch, which the page shows already. */
  noteThresholds(shownThresholds: ShownThresholds): void {
    const queue = this.#queue;
    if (queue !== null && queue.iteration !== null) {
      this.#queue = { ...queue, iteration: { ...queue.iteration, shownThresholds } };
    }
    if (this.#state !== null) this.#state = { ...this.#state, thresholds: shownThresholds };
  }

  /** The key of the draft of a sample. @throws WorkflowError `not-found` if it is not in the queue. */
  async draftKey(sampleId: number): Promise<DraftKey> {
    const { session, samples } = await this.require();
    return draftKey(session.id, requireRow(samples.find(({ id }) => id === sampleId) ?? null, 'sample', sampleId));
  }

  async #readQueue(): Promise<ReviewQueue | null> {
    const { sessionId, list, iterationId } = this.#target;
    const { sampleId } = this;
    if (list === undefined) {
      return reviewQueue(this.#host.ports(), sessionId, { iterationId: iterationId ?? undefined, sampleId });
    }
    const queue = await imageQueue(this.#host.ports(), sessionId, list, { sampleId });
    const samples = queue.samples.map((one) => ({ ...one, reviewSeconds: this.#listSeconds.get(one.id) ?? null }));
    return { ...queue, samples };
  }

  async #view(queue: ReviewQueue): Promise<ReviewState> {
    // The page stays at its sample if another window gives a verdict.
    this.sampleId = queue.current?.sample.id;
    const edited = await this.#host.ports().store.drafts.edited(queue.session.id);
    return toReviewState(queue, {
      l10n: this.#host.l10n,
      edited: edited.map(({ sampleId, imageId }) => sampleId ?? sampleIdOfImage(imageId)),
      current: queue.current === null ? null : await this.#sampleView(queue, queue.current),
      undo: await this.#line(queue.undoable, queue.undoable?.verdictAfter),
      redo: await this.#line(queue.redoable, queue.redoable?.verdictBefore),
      lockReason: this.#host.lockReason(),
      labelled: await this.#labelledFirst(queue),
    });
  }

  /** The labels of a dataset whose first batch is reviewed; null before, and later. */
  async #labelledFirst({ session, iteration, samples }: ReviewQueue): Promise<LabelledCounts | null> {
    if (iteration?.iterationNumber !== 0 || samples.some(({ verdict }) => verdict === null)) return null;
    return labelledCounts(this.#host.ports(), session.datasetId);
  }

  async #line(event: LabelEventRow | null, verdict: Verdict | null = null): Promise<VerdictLine | null> {
    if (event === null) return null;
    const { images, labelEvents } = this.#host.ports().store;
    const image = await images.get(event.imageId);
    return {
      verdict: toVerdictView(verdict, this.isUnpredicted(event.sampleId)),
      name: image?.relativePath.split('/').at(-1) ?? '',
      group: event.group,
      count: event.group === null ? 1 : (await labelEvents.standing(event.group)).length,
    };
  }

  async #sampleView({ session, iteration }: ReviewQueue, current: ReviewSample): Promise<SampleView> {
    const { previews, l10n, imageUrl, ports } = this.#host;
    return toSampleView(current, iteration?.iterationNumber ?? 0, {
      l10n,
      imageUrl: imageUrl(await previews.pathFor({ path: current.path, contentHash: current.image.contentHash })),
      unpredicted: this.isUnpredicted(current.sample.id),
      draft: await ports().store.drafts.get(draftKey(session.id, current.sample)),
    });
  }

  async #emptyState(): Promise<ReviewState> {
    const ports = this.#host.ports();
    const { session, actions } = await sessionStatus(ports, this.#target.sessionId);
    const dataset = await ports.store.datasets.get(session.datasetId);
    const { l10n } = this.#host;
    const reason = obstacleText(
      l10n,
      actions.find(({ action }) => action === 'review'),
    );
    return emptyReviewState(session, dataset?.classNames ?? [], reason ?? l10n.t('There is no batch to review.'));
  }
}

/** What an undo and a redo would reverse. */
async function reversible(
  ports: Ports,
  { iteration, list }: ReviewQueue,
): Promise<Pick<ReviewQueue, 'undoable' | 'redoable'>> {
  if (list !== null) return { undoable: await undoableEdit(ports, list), redoable: await redoableEdit(ports, list) };
  if (iteration === null) return { undoable: null, redoable: null };
  return { undoable: await undoableVerdict(ports, iteration.id), redoable: await redoableUndo(ports, iteration.id) };
}
