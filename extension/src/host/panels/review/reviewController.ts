import { createSerialQueue } from '../../../core/concurrency.ts';
import { AppError } from '../../../core/errors.ts';
import type { Handlers } from '../../../protocol/channel.ts';
import type { ChangeView, DraftView, ReviewFromWebview, ReviewState, ReviewUpdate } from '../../../protocol/review.ts';
import { addClassOperation } from '../../../workflow/operations/datasetOperations.ts';
import { redoOperation, undoOperation } from '../../../workflow/operations/reviewOperations.ts';
import type { SampleRow } from '../../../workflow/ports/store/samples.ts';
import { chooseThreshold } from '../../../workflow/review/chooseThreshold.ts';
import { imageOfSampleId, queuedSample, sampleIdOfImage } from '../../../workflow/review/imageQueue.ts';
import { reverseImageVerdict, submitImageVerdict } from '../../../workflow/review/imageVerdicts.ts';
import { redoableUndo, takeOverOutsideEdit, undoableVerdict } from '../../../workflow/review/reviewQueue.ts';
import type { Ports } from '../../../workflow/ports/ports.ts';
import { type Direction } from '../../../workflow/review/reversals.ts';
import { submitVerdict } from '../../../workflow/review/verdicts.ts';
import { VerdictChangedError } from '../../../workflow/review/verdictConflict.ts';
import { labelHistory, restoreLabels } from '../../../workflow/review/labelHistory.ts';
import { WorkflowError, requireRow } from '../../../workflow/shared/errors.ts';
import { acceptMany, confidentViews } from './acceptConfident.ts';
import { toChangeViews } from './changeViews.ts';
import { toDecision, toImageDecision } from './reviewDecision.ts';
import { notAvailable, type ReviewPanelHost, type ReviewTarget } from './reviewHost.ts';
import { ShownQueue } from './shownQueue.ts';
import { trainNext } from './trainNext.ts';

/**
 * The logic of a review panel, without VS Code. It handles one request at a time, so that no state is read while a verdict
 * is being written. It remembers which verdicts the page shows: a decision based on an outdated page writes nothing.
 */
export class ReviewController {
  readonly #host: ReviewPanelHost;
  readonly #shown: ShownQueue;
  readonly #serially = createSerialQueue();

  constructor(host: ReviewPanelHost, target: ReviewTarget) {
    this.#host = host;
    this.#shown = new ShownQueue(host, target, host.place.get() ?? undefined);
  }

  /** The requests of the page. Payloads must be validated before. */
  get handlers(): Handlers<ReviewFromWebview> {
    return {
      events: {},
      requests: {
        'review/ready': () =>
          this.#serially(async () => {
            const state = await this.#shown.read();
            const place = this.#host.place.get();
            return {
              strings: this.#host.strings(),
              state,
              chosen: place !== null && state.current?.sampleId === place,
            };
          }),
        'review/open': ({ sampleId, rescan, chosen }) =>
          this.#serially(() => {
            this.#host.place.set(chosen === true ? sampleId : null);
            return this.#open(sampleId, rescan === true);
          }),
        'review/samples': ({ sampleIds }) => this.#shown.samples(sampleIds),
        'review/submit': (message) => this.#serially(() => this.#submit(message)),
        'review/confident': () => this.#serially(() => confidentViews(this.#host, this.#shown)),
        'review/accept-many': (message) =>
          this.#serially(() => {
            this.#requireUnlocked();
            return acceptMany(this.#host, this.#shown, message);
          }),
        'review/draft': ({ sampleId, draft }) => this.#serially(() => this.#keepDraft(sampleId, draft)),
        'review/threshold': ({ chosen }) => this.#serially(() => this.#chooseThreshold(chosen)),
        'review/history': ({ sampleId }) => this.#history(sampleId),
        'review/restore': ({ sampleId, eventId, side }) =>
          this.#serially(() => this.#restore(sampleId, { eventId, side })),
        'review/undo': ({ overwrite }) => this.#serially(() => this.#reverse('undo', overwrite)),
        'review/redo': ({ overwrite }) => this.#serially(() => this.#reverse('redo', overwrite)),
        'review/add-class': ({ name }) => this.#serially(() => this.#addClass(name)),
        'review/train-next': () =>
          this.#serially(async () => {
            this.#requireUnlocked();
            await this.#shown.read();
            await trainNext(this.#host, await this.#shown.require());
            return null;
          }),
        'review/show-metrics': async () => {
          this.#host.showMetrics();
          return null;
        },
        'review/change-keys': async () => {
          await this.#host.changeKeys();
          return null;
        },
      },
    };
  }

  /** Opens a sample of the batch, as a command outside the page does. */
  async show(sampleId: number): Promise<void> {
    this.#host.push(
      await this.#serially(async () => {
        this.#host.place.set(sampleId);
        await this.#open(sampleId, false);
        return this.#shown.read();
      }),
    );
  }

  /** Reads everything again, and sends it if it changed or `always` is set. */
  async refresh(always = false): Promise<void> {
    const { before, state } = await this.#serially(async () => ({
      before: this.#shown.state,
      state: await this.#shown.read(),
    }));
    if (always || JSON.stringify(before) !== JSON.stringify(state)) this.#host.push(state);
  }

  async #open(sampleId: number, rescan: boolean): Promise<ReviewUpdate> {
    const update = await this.#shown.open(sampleId);
    if (!rescan) return update;
    this.#requireUnlocked();
    const ports = this.#host.ports();
    const key = await this.#shown.draftKey(sampleId);
    await ports.store.drafts.remove(key);
    if (await takeOverOutsideEdit(ports, key)) this.#host.databaseChanged();
    return this.#shown.read();
  }

  async #submit({
    sampleId,
    decision,
    reviewSeconds,
    overwrite,
  }: ReviewFromWebview['requests']['review/submit']['payload']): Promise<null> {
    this.#requireUnlocked();
    const ports = this.#host.ports();
    const { sample, image, labels } = await queuedSample(ports, await this.#shown.require(), sampleId);
    await this.#requireUpToDate(sample);
    try {
      if (imageOfSampleId(sampleId) === null) {
        // Not the operation: it counts what is left, which takes longer than the verdict in a queue of 10,000.
        const options = { reviewSeconds, overwriteOutsideEdit: overwrite };
        // What a blind sample shows after its verdict is no prediction of the sample, so none can be accepted as one.
        const given =
          sample.blind === true && sample.verdict !== null
            ? toImageDecision(decision, image, labels, sample.predictedBoxes)
            : toDecision(decision, image, labels);
        await submitVerdict(ports, sampleId, given, options);
      } else {
        await submitImageVerdict(ports, image.id, toImageDecision(decision, image, labels, sample.predictedBoxes), {
          before: sample.verdict,
          reviewSeconds,
          overwriteOutsideEdit: overwrite,
        });
      }
    } catch (error) {
      if (error instanceof AppError && error.code === 'verdict-changed') await this.#pushState();
      throw error;
    }
    this.#shown.noteVerdict(sampleId, decision.verdict, reviewSeconds);
    this.#host.place.set(null);
    // After the reply, which must not wait for it.
    setTimeout(() => this.#host.verdictGiven());
    return null;
  }

  /** Stores edits of a sample of the batch. Other views do not show drafts, so nothing is refreshed. */
  async #keepDraft(sampleId: number, draft: DraftView | null): Promise<null> {
    this.#requireUnlocked();
    const { drafts } = this.#host.ports().store;
    const key = await this.#shown.draftKey(sampleId);
    if (draft === null) await drafts.remove(key);
    else await drafts.put(key, draft);
    return null;
  }

  /** Images outside a batch have no place for it: the page keeps it while it is open. */
  async #chooseThreshold(chosen: number | null): Promise<null> {
    this.#requireUnlocked();
    const { iteration } = await this.#shown.require();
    if (iteration !== null) this.#shown.noteThresholds(await chooseThreshold(this.#host.ports(), iteration.id, chosen));
    return null;
  }

  async #reverse(direction: Direction, overwrite: boolean): Promise<ReviewState> {
    this.#requireUnlocked();
    const ports = this.#host.ports();
    const { iteration, list } = await this.#shown.require();
    if (list !== null) {
      const imageId = await reverseImageVerdict(ports, list, direction, { overwriteOutsideEdit: overwrite });
      this.#shown.sampleId = sampleIdOfImage(imageId);
    } else if (iteration === null) {
      throw notAvailable(this.#host.l10n.t('There is no batch to review.'));
    } else {
      await requireOwn(ports, iteration.id, direction);
      const operation = direction === 'undo' ? undoOperation : redoOperation;
      const { sample } = await operation.run(ports, { iteration: iteration.id, overwrite }, {});
      this.#shown.sampleId = sample;
    }
    this.#host.place.set(this.#shown.sampleId);
    this.#host.databaseChanged();
    return this.#shown.read();
  }

  async #history(sampleId: number): Promise<ChangeView[]> {
    const { imageId } = await this.#shown.draftKey(sampleId);
    const { store } = this.#host.ports();
    const image = requireRow(await store.images.get(imageId), 'image', imageId);
    return toChangeViews(await labelHistory({ store }, imageId), image, {
      l10n: this.#host.l10n,
      unpredicted: this.#shown.isUnpredicted(sampleId),
    });
  }

  async #restore(
    sampleId: number,
    change: { readonly eventId: number; readonly side: 'before' | 'after' },
  ): Promise<ReviewState> {
    this.#requireUnlocked();
    const { sample } = await queuedSample(this.#host.ports(), await this.#shown.require(), sampleId);
    if (this.#shown.state?.editable === false) throw notAvailable(this.#shown.state.notice ?? '');
    await this.#requireUpToDate(sample);
    const key = await this.#shown.draftKey(sampleId);
    await restoreLabels(this.#host.ports(), { ...key, verdict: sample.verdict }, change);
    this.#host.databaseChanged();
    this.#shown.sampleId = sampleId;
    return this.#shown.read();
  }

  async #addClass(name: string): Promise<ReviewState> {
    this.#requireUnlocked();
    const { session } = await this.#shown.require();
    await addClassOperation.run(this.#host.ports(), { session: session.id, name }, {});
    this.#host.databaseChanged();
    return this.#shown.read();
  }

  /** @throws VerdictChangedError if another window gave a verdict that the page does not show yet. */
  async #requireUpToDate(sample: SampleRow): Promise<void> {
    if (this.#shown.verdictOf(sample.id) === sample.verdict) return;
    await this.#pushState();
    throw new VerdictChangedError(sample);
  }

  async #pushState(): Promise<void> {
    this.#host.push(await this.#shown.read());
  }

  #requireUnlocked(): void {
    const reason = this.#host.lockReason();
    if (reason !== null) throw notAvailable(reason);
  }
}

/** @throws WorkflowError `nothing-to-undo` or `nothing-to-redo` if another window gave the verdict, or took it back. */
async function requireOwn(ports: Ports, iterationId: number, direction: Direction): Promise<void> {
  const { labelEvents } = ports.store;
  if (direction === 'undo') {
    if ((await undoableVerdict(ports, iterationId)) !== null) return;
    if ((await labelEvents.lastUndoable(iterationId)) === null) return;
    throw new WorkflowError(
      'nothing-to-undo',
      'The newest verdict was given in another window.',
      'Undo it there, or open its sample here and decide again.',
    );
  }
  if ((await redoableUndo(ports, iterationId)) !== null) return;
  if ((await labelEvents.lastRedoable(iterationId)) === null) return;
  throw new WorkflowError(
    'nothing-to-redo',
    'The newest verdict was undone in another window.',
    'Redo it there, or open its sample here and decide again.',
  );
}
