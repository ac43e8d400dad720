import { AppError } from '../../../core/errors.ts';
import { availableActions } from '../../../core/session/actions.ts';
import type { Handlers } from '../../../protocol/channel.ts';
import type { ReviewFromWebview, ReviewState } from '../../../protocol/review.ts';
import { addClass } from '../../../workflow/dataset/classes.ts';
import { VerdictChangedError } from '../../../workflow/review/verdictConflict.ts';
import type { Ports } from '../../../workflow/ports/ports.ts';
import { WorkflowError, requireRow } from '../../../workflow/shared/errors.ts';
import type { ClassFile } from '../../../workflow/ports/classFile.ts';
import type { SampleRow } from '../../../workflow/ports/store/samples.ts';
import { finishReview, submitVerdict, undoVerdict } from '../../../workflow/review/review.ts';
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
import { toDecision } from './reviewDecision.ts';
import { emptyReviewState, toReviewState } from './reviewState.ts';

/** What a review needs of the editor. */
export interface ReviewOffice {
  /** The ports of the folder, which may be created again while the panel is open. */
  readonly ports: () => Ports;
  readonly classFile: ClassFile;
  readonly previews: Previews;
  readonly l10n: Localiser;
  /** The texts of the page in the user's language, by English text. */
  readonly strings: () => Readonly<Record<string, string>>;
  imageUrl(path: string): string;
  /** Why nothing may be changed; `null` where it may. */
  locked(): string | null;
  /** Asks the user; `action` is the title of the button that says yes. */
  confirm(question: string, action: string): Promise<boolean>;
  /** Begins the next iteration, in the background. */
  trainNext(): void;
  showMetrics(): void;
  /** Shows where keys are changed. */
  changeKeys(): Promise<void>;
  /** Something in the database changed by what was done here. */
  changed(): void;
  /** A verdict was given here. */
  judged(): void;
  /** A state that the page did not ask for. */
  push(state: ReviewState): void;
}

/** Which session, and which of its batches, is reviewed. */
export interface ReviewSubject {
  readonly sessionId: number;
  /** `null`: the newest batch; when the next iteration brings one, that. */
  readonly iterationId: number | null;
}

/**
 * The review behind a panel, without VS Code. One request at a time, so that no state is read while a verdict is being
 * written. It remembers which verdicts it has shown: a decision that was made on an outdated sight writes nothing.
 */
export class ReviewController {
  readonly #office: ReviewOffice;
  readonly #subject: ReviewSubject;
  #sampleId: number | undefined;
  #shown: ReviewState | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(office: ReviewOffice, subject: ReviewSubject, sampleId?: number) {
    this.#office = office;
    this.#subject = subject;
    this.#sampleId = sampleId;
  }

  /** What a page may ask for. Payloads must have been checked. */
  get handlers(): Handlers<ReviewFromWebview> {
    return {
      events: {},
      requests: {
        'review/ready': () =>
          this.#inTurn(async () => ({
            strings: this.#office.strings(),
            state: await this.#state(),
          })),
        'review/open': ({ sampleId, rescan }) => this.#inTurn(() => this.#open(sampleId, rescan === true)),
        'review/submit': (message) => this.#inTurn(() => this.#submit(message)),
        'review/undo': ({ overwrite }) => this.#inTurn(() => this.#undo(overwrite)),
        'review/add-class': ({ name }) => this.#inTurn(() => this.#addClass(name)),
        'review/train-next': () => this.#inTurn(() => this.#trainNext()),
        'review/show-metrics': async () => {
          this.#office.showMetrics();
          return null;
        },
        'review/change-keys': async () => {
          await this.#office.changeKeys();
          return null;
        },
      },
    };
  }

  /** Looks at a sample of the batch and pushes the state, as a command from outside the page. */
  async show(sampleId: number): Promise<void> {
    this.#office.push(await this.#inTurn(() => this.#open(sampleId, false)));
  }

  /** Reads everything again, and pushes it where it differs from what the page knows (or `always`). */
  async refresh(always = false): Promise<void> {
    const { before, state } = await this.#inTurn(async () => ({ before: this.#shown, state: await this.#state() }));
    if (always || JSON.stringify(before) !== JSON.stringify(state)) this.#office.push(state);
  }

  async #state(): Promise<ReviewState> {
    const queue = await this.#queue();
    this.#shown = queue === null ? await this.#emptyState() : await this.#view(queue);
    return this.#shown;
  }

  #queue(): Promise<ReviewQueue | null> {
    const { sessionId, iterationId } = this.#subject;
    return reviewQueue(this.#office.ports(), sessionId, {
      iterationId: iterationId ?? undefined,
      sampleId: this.#sampleId,
    });
  }

  async #view(queue: ReviewQueue): Promise<ReviewState> {
    const { previews, l10n } = this.#office;
    // Stays where it is when a verdict comes from another window.
    this.#sampleId = queue.current?.sample.id;
    const upcoming: string[] = [];
    for (const image of queue.upcoming) {
      const path = await previews.atHand(picture(image));
      if (path !== null) upcoming.push(path);
    }
    return toReviewState(queue, {
      l10n,
      imageUrl: (path) => this.#office.imageUrl(path),
      picture: queue.current === null ? null : await previews.pathFor(picture(queue.current)),
      upcoming,
      locked: this.#office.locked(),
    });
  }

  async #emptyState(): Promise<ReviewState> {
    const ports = this.#office.ports();
    const { session, actions } = await sessionStatus(ports, this.#subject.sessionId);
    const dataset = await ports.store.datasets.get(session.datasetId);
    const { l10n } = this.#office;
    const reason = obstacleText(
      l10n,
      actions.find(({ action }) => action === 'review'),
    );
    return emptyReviewState(session, dataset?.classNames ?? [], reason ?? l10n.t('There is no batch to review.'));
  }

  async #open(sampleId: number, rescan: boolean): Promise<ReviewState> {
    await this.#sampleOf(sampleId);
    this.#sampleId = sampleId;
    if (rescan) {
      this.#requireUnlocked();
      if (await takeOverOutsideEdit(this.#office.ports(), sampleId)) this.#office.changed();
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
    const queue = await this.#sampleOf(sampleId);
    const ports = this.#office.ports();
    const sample = requireRow(queue.samples.find(({ id }) => id === sampleId) ?? null, 'sample', sampleId);
    await this.#requireSeen(sample);
    const image = requireRow(await ports.store.images.get(sample.imageId), 'image', sample.imageId);
    const labels = queue.current?.sample.id === sampleId ? queue.current.labels : null;
    try {
      await submitVerdict(ports, sampleId, toDecision(decision, image, labels), {
        reviewSeconds,
        overwriteOutsideEdit: overwrite,
      });
    } catch (error) {
      if (error instanceof AppError && error.code === 'verdict-changed') await this.#pushFresh();
      throw error;
    }
    this.#office.changed();
    this.#office.judged();
    this.#sampleId = nextOpen(queue.samples, sampleId)?.id ?? sampleId;
    return this.#state();
  }

  async #undo(overwrite: boolean): Promise<ReviewState> {
    this.#requireUnlocked();
    const ports = this.#office.ports();
    const { iteration } = await this.#requireQueue();
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
    const sample = await undoVerdict(ports, iteration.id, { overwriteOutsideEdit: overwrite });
    this.#office.changed();
    this.#sampleId = sample.id;
    return this.#state();
  }

  async #addClass(name: string): Promise<ReviewState> {
    this.#requireUnlocked();
    const { session } = await this.#requireQueue();
    await addClass(this.#office.ports(), this.#office.classFile, session.datasetId, name);
    this.#office.changed();
    return this.#state();
  }

  async #trainNext(): Promise<null> {
    this.#requireUnlocked();
    const { l10n } = this.#office;
    const ports = this.#office.ports();
    const { session, iteration, newest } = await this.#requireQueue();
    if (newest.id === iteration.id && iteration.status === 'reviewing') {
      const facts = await sessionFacts(ports, session, iteration);
      const finish = availableActions(session, iteration, facts).find(({ action }) => action === 'finish-review');
      if (finish?.enabled !== true) {
        throw notNow(obstacleText(l10n, finish) ?? l10n.t('There is no batch to review.'));
      }
      // Without its batch the session would have no way to a first label.
      if (facts.labelledImages === 0) {
        throw notNow(l10n.t('No image is labelled yet, so there is nothing to train on.'));
      }
      const open = facts.openSamples;
      const question =
        open === 1
          ? l10n.t('One sample was not reviewed. It goes back to the pool and may be chosen again.')
          : l10n.t('{0} samples were not reviewed. They go back to the pool and may be chosen again.', open);
      if (open > 0 && !(await this.#office.confirm(question, l10n.t('Train Now')))) return null;
      await finishReview(ports, iteration.id);
      this.#office.changed();
    }
    this.#office.trainNext();
    return null;
  }

  async #requireQueue(): Promise<ReviewQueue> {
    const queue = await this.#queue();
    if (queue !== null) return queue;
    throw notNow(this.#office.l10n.t('There is no batch to review.'));
  }

  /** The queue, looked at from that sample. @throws WorkflowError `not-found` for a sample of another batch. */
  async #sampleOf(sampleId: number): Promise<ReviewQueue> {
    const { sessionId } = this.#subject;
    // The batch that the page shows, even where a newer one has come in the meantime.
    const iterationId = this.#shown?.iterationId || this.#subject.iterationId || undefined;
    const queue = await reviewQueue(this.#office.ports(), sessionId, { iterationId, sampleId, ahead: 0 });
    const sample = queue?.samples.find(({ id }) => id === sampleId) ?? null;
    requireRow(sample, 'sample', sampleId);
    return queue ?? this.#requireQueue();
  }

  /** @throws VerdictChangedError when the sample was judged elsewhere since the page was last told of it. */
  async #requireSeen(sample: SampleRow): Promise<void> {
    const seen = this.#shown?.queue.find(({ sampleId }) => sampleId === sample.id);
    if (seen !== undefined && seen.verdict === sample.verdict) return;
    await this.#pushFresh();
    throw new VerdictChangedError(sample);
  }

  async #pushFresh(): Promise<void> {
    this.#office.push(await this.#state());
  }

  #requireUnlocked(): void {
    const reason = this.#office.locked();
    if (reason !== null) throw notNow(reason);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function notNow(reason: string): WorkflowError {
  return new WorkflowError('not-now', reason, '');
}

function picture({ image, path }: Pick<ReviewSample, 'image' | 'path'>): { path: string; contentHash: string | null } {
  return { path, contentHash: image.contentHash };
}
