import { createSerialQueue } from '../../../core/concurrency.ts';
import { AppError } from '../../../core/errors.ts';
import { availableActions } from '../../../core/session/actions.ts';
import type { Handlers } from '../../../protocol/channel.ts';
import type { DraftView, ReviewFromWebview, ReviewState } from '../../../protocol/review.ts';
import { addClassOperation } from '../../../workflow/operations/datasetOperations.ts';
import { finishReviewOperation } from '../../../workflow/operations/iterationOperations.ts';
import { runDecision, undoOperation } from '../../../workflow/operations/reviewOperations.ts';
import { VerdictChangedError } from '../../../workflow/review/verdictConflict.ts';
import type { Ports } from '../../../workflow/ports/ports.ts';
import { WorkflowError, requireRow } from '../../../workflow/shared/errors.ts';
import type { SampleRow } from '../../../workflow/ports/store/samples.ts';
import { draftKey, imageOfSampleId, imageQueue, sampleIdOfImage } from '../../../workflow/review/imageQueue.ts';
import { submitImageVerdict, undoImageVerdict, type ImageList } from '../../../workflow/review/imageVerdicts.ts';
import {
  nextOpen,
  reviewQueue,
  takeOverOutsideEdit,
  undoableVerdict,
  type ReviewQueue,
  type ReviewSample,
} from '../../../workflow/review/reviewQueue.ts';
import { sessionFacts, sessionStatus } from '../../../workflow/session/status.ts';
import type { Localiser } from '../../text/localiser.ts';
import { obstacleText } from '../../text/obstacleText.ts';
import type { Previews } from '../../../adapters/previews/previews.ts';
import { toDecision, toImageDecision } from './reviewDecision.ts';
import { emptyReviewState, toReviewState } from './reviewState.ts';

/** What a review needs of the editor. */
export interface ReviewPanelHost {
  /** The ports of the folder; they may be replaced while the panel is open. */
  readonly ports: () => Ports;
  readonly previews: Previews;
  readonly l10n: Localiser;
  /** The texts of the page in the user's language, by English text. */
  readonly strings: () => Readonly<Record<string, string>>;
  imageUrl(path: string): string;
  /** Why the review is view-only; `null` if verdicts are allowed. */
  lockReason(): string | null;
  /** Asks the user. @param action the title of the confirming button. */
  confirm(question: string, action: string): Promise<boolean>;
  /** Starts the next iteration in the background. */
  trainNext(): void;
  showMetrics(): void;
  /** Opens the list of keyboard shortcuts. */
  changeKeys(): Promise<void>;
  /** This panel changed the database. */
  databaseChanged(): void;
  /** The user gave a verdict in this panel. */
  verdictGiven(): void;
  /** Sends a state that the page did not request. */
  push(state: ReviewState): void;
}

/** The session and batch that a panel reviews. */
export interface ReviewTarget {
  readonly sessionId: number;
  /** `null` for the newest batch, also after a new iteration. */
  readonly iterationId: number | null;
  /** A list of images to look through instead of a batch. */
  readonly list?: ImageList | undefined;
}

/**
 * The logic of a review panel, without VS Code. It handles one request at a time, so that no state is read while a verdict
 * is being written. It remembers which verdicts the page shows: a decision based on an outdated page writes nothing.
 */
export class ReviewController {
  readonly #host: ReviewPanelHost;
  readonly #target: ReviewTarget;
  #sampleId: number | undefined;
  #lastState: ReviewState | null = null;
  readonly #serially = createSerialQueue();

  constructor(host: ReviewPanelHost, target: ReviewTarget, sampleId?: number) {
    this.#host = host;
    this.#target = target;
    this.#sampleId = sampleId;
  }

  /** The requests of the page. Payloads must be validated before. */
  get handlers(): Handlers<ReviewFromWebview> {
    return {
      events: {},
      requests: {
        'review/ready': () =>
          this.#serially(async () => ({
            strings: this.#host.strings(),
            state: await this.#state(),
          })),
        'review/open': ({ sampleId, rescan }) => this.#serially(() => this.#open(sampleId, rescan === true)),
        'review/submit': (message) => this.#serially(() => this.#submit(message)),
        'review/draft': ({ sampleId, draft }) => this.#serially(() => this.#keepDraft(sampleId, draft)),
        'review/undo': ({ overwrite }) => this.#serially(() => this.#undo(overwrite)),
        'review/add-class': ({ name }) => this.#serially(() => this.#addClass(name)),
        'review/train-next': () => this.#serially(() => this.#trainNext()),
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
    this.#host.push(await this.#serially(() => this.#open(sampleId, false)));
  }

  /** Reads everything again, and sends it if it changed or `always` is set. */
  async refresh(always = false): Promise<void> {
    const { before, state } = await this.#serially(async () => ({
      before: this.#lastState,
      state: await this.#state(),
    }));
    if (always || JSON.stringify(before) !== JSON.stringify(state)) this.#host.push(state);
  }

  async #state(): Promise<ReviewState> {
    const queue = await this.#queue();
    this.#lastState = queue === null ? await this.#emptyState() : await this.#view(queue);
    return this.#lastState;
  }

  #queue(): Promise<ReviewQueue | null> {
    return this.#read(this.#target.iterationId ?? undefined, { sampleId: this.#sampleId });
  }

  #read(
    iterationId: number | undefined,
    options: { readonly sampleId: number | undefined; readonly ahead?: number },
  ): Promise<ReviewQueue | null> {
    const { sessionId, list } = this.#target;
    return list === undefined
      ? reviewQueue(this.#host.ports(), sessionId, { iterationId, ...options })
      : imageQueue(this.#host.ports(), sessionId, list, options);
  }

  async #view(queue: ReviewQueue): Promise<ReviewState> {
    const { previews, l10n } = this.#host;
    // The page stays at its sample if another window gives a verdict.
    this.#sampleId = queue.current?.sample.id;
    const upcoming: string[] = [];
    for (const image of queue.upcoming) {
      const path = await previews.pathIfReady(previewImage(image));
      if (path !== null) upcoming.push(path);
    }
    const { drafts } = this.#host.ports().store;
    const edited = await drafts.edited(queue.session.id);
    return toReviewState(queue, {
      l10n,
      edited: edited.map(({ sampleId, imageId }) => sampleId ?? sampleIdOfImage(imageId)),
      draft: queue.current === null ? null : await drafts.get(draftKey(queue.session.id, queue.current.sample)),
      imageUrl: (path) => this.#host.imageUrl(path),
      imagePath: queue.current === null ? null : await previews.pathFor(previewImage(queue.current)),
      upcoming,
      lockReason: this.#host.lockReason(),
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

  async #open(sampleId: number, rescan: boolean): Promise<ReviewState> {
    const { samples } = await this.#queueAt(sampleId);
    this.#sampleId = sampleId;
    if (rescan) {
      this.#requireUnlocked();
      const sample = requireRow(samples.find(({ id }) => id === sampleId) ?? null, 'sample', sampleId);
      await this.#host.ports().store.drafts.remove(draftKey(this.#target.sessionId, sample));
      if (await takeOverOutsideEdit(this.#host.ports(), sample)) this.#host.databaseChanged();
    }
    return this.#state();
  }

  async #submit({
    sampleId,
    decision,
    reviewSeconds,
    overwrite,
  }: ReviewFromWebview['requests']['review/submit']['payload']): Promise<ReviewState> {
    this.#requireUnlocked();
    const queue = await this.#queueAt(sampleId);
    const ports = this.#host.ports();
    const sample = requireRow(queue.samples.find(({ id }) => id === sampleId) ?? null, 'sample', sampleId);
    await this.#requireUpToDate(sample);
    const image = requireRow(await ports.store.images.get(sample.imageId), 'image', sample.imageId);
    const labels = queue.current?.sample.id === sampleId ? queue.current.labels : null;
    try {
      if (imageOfSampleId(sampleId) === null) {
        const common = { sample: sampleId, seconds: reviewSeconds, overwrite };
        await runDecision(ports, toDecision(decision, image, labels), common);
      } else {
        const predicted = queue.current?.sample.predictedBoxes ?? [];
        await submitImageVerdict(ports, image.id, toImageDecision(decision, image, labels, predicted), {
          before: sample.verdict,
          reviewSeconds,
          overwriteOutsideEdit: overwrite,
        });
      }
    } catch (error) {
      if (error instanceof AppError && error.code === 'verdict-changed') await this.#pushState();
      throw error;
    }
    this.#host.databaseChanged();
    this.#host.verdictGiven();
    this.#sampleId = nextOpen(queue.samples, sampleId)?.id ?? sampleId;
    return this.#state();
  }

  /** Stores edits of a sample of the batch. Other views do not show drafts, so nothing is refreshed. */
  async #keepDraft(sampleId: number, draft: DraftView | null): Promise<null> {
    this.#requireUnlocked();
    const { drafts } = this.#host.ports().store;
    const sample = await this.#editedSample(sampleId);
    const key = draftKey(this.#target.sessionId, sample);
    if (draft === null) await drafts.remove(key);
    else await drafts.put(key, draft);
    return null;
  }

  /** A sample of the queue that the page shows, read without the rest of the queue. */
  async #editedSample(sampleId: number): Promise<Pick<SampleRow, 'id' | 'imageId'>> {
    const imageId = imageOfSampleId(sampleId);
    if (imageId !== null && this.#target.list?.images.includes(imageId) === true) return { id: sampleId, imageId };
    const sample = imageId === null ? await this.#host.ports().store.samples.get(sampleId) : null;
    const isShown = sample?.iterationId === this.#lastState?.iterationId;
    return requireRow(isShown ? sample : null, 'sample', sampleId);
  }

  async #undo(overwrite: boolean): Promise<ReviewState> {
    this.#requireUnlocked();
    const ports = this.#host.ports();
    const { iteration, list } = await this.#requireQueue();
    if (list !== null) {
      const imageId = await undoImageVerdict(ports, list, { overwriteOutsideEdit: overwrite });
      this.#host.databaseChanged();
      this.#sampleId = sampleIdOfImage(imageId);
      return this.#state();
    }
    if (iteration === null) throw notAvailable(this.#host.l10n.t('There is no batch to review.'));
    if (
      (await undoableVerdict(ports, iteration.id)) === null &&
      (await ports.store.labelEvents.lastUndoable(iteration.id)) !== null
    ) {
      throw new WorkflowError(
        'nothing-to-undo',
        'The newest verdict was given in another window.',
        'Undo it there, or open its sample here and decide again.',
      );
    }
    const { sample } = await undoOperation.run(ports, { iteration: iteration.id, overwrite }, {});
    this.#host.databaseChanged();
    this.#sampleId = sample;
    return this.#state();
  }

  async #addClass(name: string): Promise<ReviewState> {
    this.#requireUnlocked();
    const { session } = await this.#requireQueue();
    await addClassOperation.run(this.#host.ports(), { session: session.id, name }, {});
    this.#host.databaseChanged();
    return this.#state();
  }

  async #trainNext(): Promise<null> {
    this.#requireUnlocked();
    const { l10n } = this.#host;
    const ports = this.#host.ports();
    const { session, iteration, newest } = await this.#requireQueue();
    if (iteration === null) throw notAvailable(l10n.t('There is no batch to review.'));
    if (newest?.id === iteration.id && iteration.status === 'reviewing') {
      const facts = await sessionFacts(ports, session, iteration);
      const finish = availableActions(session, iteration, facts).find(({ action }) => action === 'finish-review');
      if (finish?.enabled !== true) {
        throw notAvailable(obstacleText(l10n, finish) ?? l10n.t('There is no batch to review.'));
      }
      // Without a batch, the session could never get its first label.
      if (facts.labelledImages === 0) {
        throw notAvailable(l10n.t('There are no labelled images to train on.'));
      }
      const open = facts.openSamples;
      const question =
        open === 1
          ? l10n.t('One sample was not reviewed. It returns to the pool and may be selected again.')
          : l10n.t('{0} samples were not reviewed. They return to the pool and may be selected again.', open);
      if (open > 0 && !(await this.#host.confirm(question, l10n.t('Train Now')))) return null;
      await finishReviewOperation.run(ports, { iteration: iteration.id }, {});
      this.#host.databaseChanged();
    }
    this.#host.trainNext();
    return null;
  }

  async #requireQueue(): Promise<ReviewQueue> {
    const queue = await this.#queue();
    if (queue !== null) return queue;
    throw notAvailable(this.#host.l10n.t('There is no batch to review.'));
  }

  /** The queue with that sample as the current one. @throws WorkflowError `not-found` if it belongs to another batch. */
  async #queueAt(sampleId: number): Promise<ReviewQueue> {
    // The batch that the page shows, even if there is a newer one by now.
    const iterationId = this.#lastState?.iterationId ?? this.#target.iterationId ?? undefined;
    const queue = await this.#read(iterationId, { sampleId, ahead: 0 });
    const sample = queue?.samples.find(({ id }) => id === sampleId) ?? null;
    requireRow(sample, 'sample', sampleId);
    return queue ?? this.#requireQueue();
  }

  /** @throws VerdictChangedError if another window gave a verdict that the page does not show yet. */
  async #requireUpToDate(sample: SampleRow): Promise<void> {
    const seen = this.#lastState?.queue.find(({ sampleId }) => sampleId === sample.id);
    if (seen !== undefined && seen.verdict === sample.verdict) return;
    await this.#pushState();
    throw new VerdictChangedError(sample);
  }

  async #pushState(): Promise<void> {
    this.#host.push(await this.#state());
  }

  #requireUnlocked(): void {
    const reason = this.#host.lockReason();
    if (reason !== null) throw notAvailable(reason);
  }
}

function notAvailable(reason: string): WorkflowError {
  return new WorkflowError('not-now', reason, '');
}

function previewImage({ image, path }: Pick<ReviewSample, 'image' | 'path'>): {
  path: string;
  contentHash: string | null;
} {
  return { path, contentHash: image.contentHash };
}
