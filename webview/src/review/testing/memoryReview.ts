import { RequestFailed } from '../../../../extension/src/protocol/channel.ts';
import type { AcceptedMany, AcceptMany, ConfidentView } from '../../../../extension/src/protocol/confidentImages.ts';
import type {
  BoxView,
  ChangeView,
  DecisionMessage,
  DraftView,
  PredictionView,
  ReviewFromHost,
  ReviewFromWebview,
  ReviewState,
  SampleView,
  ThresholdsView,
  VerdictLine,
  VerdictView,
} from '../../../../extension/src/protocol/review.ts';
import { MemoryHost } from '../../bridge/memoryHost.ts';
import { verdictOf } from '../verdicts.ts';

/** A sample of the in-memory review, before any verdict. */
export interface MemorySample {
  readonly sampleId: number;
  readonly imageUrl: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly predictions: readonly PredictionView[];
  readonly reasons: readonly string[];
  readonly scores: SampleView['scores'];
  readonly blind?: boolean;
}

interface Judged {
  verdict: VerdictView | null;
  labels: readonly BoxView[] | null;
}

interface Given {
  readonly sampleId: number;
  readonly before: Judged;
  readonly after: Judged;
  /** The same for verdicts that were given together. */
  readonly group?: string;
}

type Submission = ReviewFromWebview['requests']['review/submit']['payload'];

/** A host that keeps verdicts in memory and follows the rules of the real one. */
export class MemoryReview {
  readonly host: MemoryHost<ReviewFromWebview, ReviewFromHost>;
  readonly submissions: Submission[] = [];
  readonly calls: string[] = [];
  /** The changes of labels by sample. */
  readonly history = new Map<number, readonly ChangeView[]>();
  /** The stored edits by sample. */
  readonly drafts = new Map<number, DraftView>();
  readonly #samples: readonly MemorySample[];
  readonly #judged = new Map<number, Judged>();
  readonly #seconds = new Map<number, number>();
  readonly #order: Given[] = [];
  readonly #undone: Given[] = [];
  /** The open sample. */
  current: number;
  classNames: string[];
  thresholds: ThresholdsView = { base: 0.25, classes: {}, chosen: null };
  editable = true;
  /** Whether the page gets samples ahead of time. */
  readsAhead = true;
  notice: string | null = null;
  strings: Record<string, string> = {};
  /** Whether the user had opened the current sample before a reload. */
  chosen = false;
  /** The error of each draft. */
  failDrafts: RequestFailed | null = null;
  /** How many verdicts an undo of several leaves as they are. */
  keptByUndo = 0;
  /** The images that could not be accepted together with others. */
  failMany: AcceptedMany['failed'] = null;
  /** The error of the next other request. */
  failNext: RequestFailed | null = null;
  /** Awaited before each answer, to simulate a slow host. */
  before: () => Promise<void> = async () => undefined;

  constructor(samples: readonly MemorySample[], classNames: readonly string[], saved?: unknown) {
    this.#samples = samples;
    this.classNames = [...classNames];
    this.current = samples[0]?.sampleId ?? 0;
    this.host = new MemoryHost<ReviewFromWebview, ReviewFromHost>(
      {
        events: {},
        requests: {
          'review/ready': () =>
            this.#answer('ready', () => ({ strings: this.strings, state: this.state(), chosen: this.chosen })),
          'review/open': ({ sampleId, rescan, chosen }) =>
            this.#answer(rescan === true ? `rescan ${sampleId}` : `open ${sampleId}`, () => {
              this.current = sampleId;
              this.chosen = chosen === true;
              if (rescan === true) this.drafts.delete(sampleId);
              return this.state();
            }),
          'review/samples': async ({ sampleIds }) =>
            (this.readsAhead ? this.#samples : [])
              .filter(({ sampleId }) => sampleIds.includes(sampleId))
              .map((sample) => this.#view(sample)),
          'review/submit': (payload) => this.#answer('submit', () => this.#submit(payload)),
          'review/confident': () => this.#answer('confident', () => this.#confident()),
          'review/accept-many': (message) => this.#answer('accept-many', () => this.#acceptMany(message)),
          'review/threshold': async ({ chosen }) => {
            this.thresholds = { ...this.thresholds, chosen };
            return null;
          },
          'review/draft': async ({ sampleId, draft }) => {
            if (this.failDrafts !== null) throw this.failDrafts;
            if (draft === null) this.drafts.delete(sampleId);
            else this.drafts.set(sampleId, draft);
            return null;
          },
          'review/history': async ({ sampleId }) => this.history.get(sampleId) ?? [],
          'review/restore': ({ sampleId, eventId, side }) =>
            this.#answer(`restore ${eventId} ${side}`, () => {
              const change = this.history.get(sampleId)?.find((one) => one.eventId === eventId);
              if (change === undefined) throw failure('not-found');
              const verdict = side === 'before' ? change.verdictBefore : change.verdictAfter;
              this.#judged.set(sampleId, { verdict, labels: change[side] });
              return this.state();
            }),
          'review/redo': () => this.#answer('redo', () => this.#redo()),
          'review/undo': () => this.#answer('undo', () => this.#undo()),
          'review/add-class': ({ name }) =>
            this.#answer('add-class', () => {
              this.classNames = [...this.classNames, name];
              return this.state();
            }),
          'review/train-next': () => this.#answer('train-next', () => null),
          'review/show-metrics': () => this.#answer('show-metrics', () => null),
          'review/change-keys': () => this.#answer('change-keys', () => null),
        },
      },
      saved,
    );
  }

  state(): ReviewState {
    const place = this.#samples.findIndex((sample) => sample.sampleId === this.current);
    const sample = this.#samples[place];
    return {
      sessionId: 1,
      iterationId: 5,
      listTitle: null,
      sessionName: 'Metal parts',
      iterationNumber: 2,
      classNames: this.classNames,
      drafts: [...this.drafts].filter(([, { edited }]) => edited).map(([id]) => id),
      queue: this.#samples.map(({ sampleId }) => ({
        sampleId,
        verdict: this.judged(sampleId).verdict,
        seconds: this.#seconds.get(sampleId) ?? null,
      })),
      current: sample === undefined ? null : this.#view(sample),
      undo: this.#lineOf(this.#order.at(-1)),
      redo: this.#lineOf(this.#undone.at(-1)),
      thresholds: this.thresholds,
      editable: this.editable,
      notice: this.notice,
    };
  }

  judged(sampleId: number): Judged {
    return this.#judged.get(sampleId) ?? { verdict: null, labels: null };
  }

  judge(sampleId: number, verdict: VerdictView, labels: readonly BoxView[] | null): void {
    this.#judged.set(sampleId, { verdict, labels });
  }

  /** Takes over a verdict and its time. */
  time({ sampleId, verdict, seconds }: ReviewState['queue'][number]): void {
    if (verdict !== null) this.judge(sampleId, verdict, null);
    if (seconds !== null) this.#seconds.set(sampleId, seconds);
  }

  #view(sample: MemorySample): SampleView {
    const confidences = sample.predictions.map((one) => one.confidence);
    return {
      ...sample,
      ...this.judged(sample.sampleId),
      blind: sample.blind === true && this.judged(sample.sampleId).verdict === null,
      draft: this.drafts.get(sample.sampleId) ?? null,
      minConfidence: confidences.length === 0 ? null : Math.min(...confidences),
      maxConfidence: confidences.length === 0 ? null : Math.max(...confidences),
    };
  }

  #submit(payload: Submission): null {
    this.submissions.push(payload);
    const { sampleId, decision, reviewSeconds } = payload;
    this.drafts.delete(sampleId);
    this.#seconds.set(sampleId, (this.#seconds.get(sampleId) ?? 0) + reviewSeconds);
    const before = this.judged(sampleId);
    const shown = this.#samples.find((one) => one.sampleId === sampleId);
    const verdict = shown === undefined ? decision.verdict : verdictOf(decision, this.#view(shown));
    this.judge(sampleId, verdict, this.#labels(sampleId, decision));
    this.#order.push({ sampleId, before, after: this.judged(sampleId) });
    this.#undone.length = 0;
    return null;
  }

  #confident(): ConfidentView[] {
    return this.#samples
      .filter(({ sampleId }) => this.judged(sampleId).verdict === null && !this.drafts.has(sampleId))
      .map(({ sampleId, predictions }) => {
        const shown = predictions.filter(({ confidence }) => confidence >= this.thresholds.base);
        const lowest = Math.min(...shown.map(({ confidence }) => confidence));
        return { sampleId, kept: shown.map(({ index }) => index), lowest };
      })
      .filter(({ kept }) => kept.length > 0)
      .toSorted((a, b) => a.lowest - b.lowest);
  }

  #acceptMany({ samples }: AcceptMany): { readonly state: ReviewState; readonly outcome: AcceptedMany } {
    const group = `together ${this.calls.length}`;
    const open = samples.filter(({ sampleId }) => this.judged(sampleId).verdict === null);
    for (const { sampleId, kept } of open) {
      const before = this.judged(sampleId);
      const decision = { verdict: 'accepted', kept, confirmBackground: false } as const;
      this.judge(sampleId, 'accepted', this.#labels(sampleId, decision));
      this.#order.push({ sampleId, before, after: this.judged(sampleId), group });
    }
    this.#undone.length = 0;
    const next = this.#samples.find(({ sampleId }) => this.judged(sampleId).verdict === null);
    this.current = next?.sampleId ?? this.current;
    const leftOut = samples.length - open.length;
    return { state: this.state(), outcome: { accepted: open.length, leftOut, failed: this.failMany } };
  }

  #labels(sampleId: number, decision: DecisionMessage): readonly BoxView[] | null {
    switch (decision.verdict) {
      case 'corrected':
        return decision.boxes;
      case 'rejected-background':
        return [];
      case 'accepted': {
        const predictions = this.#samples.find((sample) => sample.sampleId === sampleId)?.predictions ?? [];
        const shown = predictions.filter((one) => decision.kept.includes(one.index));
        if (shown.length === 0 && !decision.confirmBackground) throw failure('no-boxes-shown');
        return shown.map(({ x1, y1, x2, y2, classId }) => ({ x1, y1, x2, y2, classId }));
      }
      default:
        return null;
    }
  }

  #undo(): ReviewState {
    const last = this.#order.pop();
    if (last === undefined) throw failure('nothing-to-undo');
    this.#undone.push(last);
    this.#judged.set(last.sampleId, last.before);
    this.current = last.sampleId;
    const isTogether = last.group !== undefined && this.#order.at(-1)?.group === last.group;
    return isTogether && this.#order.length > this.keptByUndo ? this.#undo() : this.state();
  }

  #redo(): ReviewState {
    const last = this.#undone.pop();
    if (last === undefined) throw failure('nothing-to-redo');
    this.#order.push(last);
    this.#judged.set(last.sampleId, last.after);
    this.drafts.delete(last.sampleId);
    this.current = last.sampleId;
    return this.state();
  }

  #lineOf(given: Given | undefined): VerdictLine | null {
    const verdict = given?.after.verdict;
    if (given === undefined || verdict === null || verdict === undefined) return null;
    const { group = null } = given;
    const together = this.#order.filter((one) => group !== null && one.group === group);
    return { verdict, name: `${given.sampleId}.jpg`, group, count: Math.max(1, together.length) };
  }

  async #answer<T>(call: string, work: () => T): Promise<T> {
    this.calls.push(call);
    await this.before();
    if (this.failNext !== null) {
      const error = this.failNext;
      this.failNext = null;
      throw error;
    }
    return work();
  }
}

export function failure(code: string, message = `It failed: ${code}.`, hint = 'Try again later.'): RequestFailed {
  return new RequestFailed({ code, message, hint });
}
