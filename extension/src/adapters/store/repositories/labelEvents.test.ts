import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Verdict } from '../../../core/session/types.ts';
import type { NewLabelEvent } from '../../../workflow/ports/store/labelEvents.ts';
import type { StoreCore } from '../storeCore.ts';
import { at, createProject, lease, newEvent, newSample, Workbench } from '../testing/fixtures.ts';
import { verdicts } from '../rows/vocabulary.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

const empty = new Uint8Array();
const words = Object.keys(verdicts) as Verdict[];

describe('label events', () => {
  it('change image and sample together, after the file is on disk', () => {
    const store = bench.open();
    const { imageIds, sampleIds } = createProject(store);
    const imageId = at(imageIds, 0);
    const sampleId = at(sampleIds, 0);
    const event = store.labelEvents.begin(newEvent(imageId, { sampleId, verdictAfter: 'corrected' }));
    expect(event).toEqual({
      ...newEvent(imageId, { sampleId, verdictAfter: 'corrected' }),
      id: event.id,
      state: 'pending',
      group: null,
      createdAt: event.createdAt,
    });
    expect(store.labelEvents.pending()).toEqual([event]);
    expect(store.images.get(imageId)).toMatchObject({ labelHash: null, state: 'unlabelled' });
    expect(store.samples.get(sampleId)).toMatchObject({ verdict: null, reviewedAt: null });

    store.labelEvents.complete(event.id, { labelHash: 'h1', reviewSeconds: 3.5 });
    expect(store.labelEvents.pending()).toEqual([]);
    expect(store.labelEvents.history(imageId)).toEqual([{ ...event, state: 'done' }]);
    expect(store.images.get(imageId)).toMatchObject({ labelHash: 'h1', state: 'labelled' });
    const sample = store.samples.get(sampleId);
    expect(sample).toMatchObject({ verdict: 'corrected', reviewSeconds: 3.5 });
    expect(sample?.reviewedAt).toMatch(/^2026-/u);
    expect(store.samples.get(at(sampleIds, 1))?.verdict).toBeNull();
  });

  it('are completed once: a repeated call has no effect, a different end is rejected', () => {
    const store = bench.open();
    const { imageIds, sampleIds } = createProject(store);
    const imageId = at(imageIds, 0);
    const sampleId = at(sampleIds, 0);
    const done = store.labelEvents.begin(newEvent(imageId, { sampleId }));
    store.labelEvents.complete(done.id, { labelHash: 'h1', reviewSeconds: 2 });
    store.labelEvents.complete(done.id, { labelHash: 'other', reviewSeconds: 2 });
    expect(store.images.get(imageId)?.labelHash).toBe('h1');
    expect(store.samples.get(sampleId)?.reviewSeconds).toBe(2);
    const ended = expect.objectContaining({ code: 'event-ended' });
    expect(() => store.labelEvents.end(done.id, 'abandoned')).toThrow(ended);

    for (const state of ['abandoned', 'conflict'] as const) {
      const event = store.labelEvents.begin(newEvent(at(imageIds, 5)));
      store.labelEvents.end(event.id, state);
      store.labelEvents.end(event.id, state);
      expect(() => store.labelEvents.complete(event.id, { labelHash: 'h' })).toThrow(ended);
      expect(store.labelEvents.history(at(imageIds, 5)).at(-1)).toEqual({ ...event, state });
    }
    expect(store.images.get(at(imageIds, 5))).toMatchObject({ labelHash: null, state: 'unlabelled' });
    const missing = expect.objectContaining({ code: 'not-found' });
    expect(() => store.labelEvents.complete(99, { labelHash: null })).toThrow(missing);
    expect(() => store.labelEvents.end(99, 'abandoned')).toThrow(missing);
  });

  it('of a group are listed until they are undone, the newest first', () => {
    const store = bench.open();
    const { imageIds } = createProject(store);
    const done = (place: number, changes: Partial<NewLabelEvent>) => {
      const event = store.labelEvents.begin(newEvent(at(imageIds, place), changes));
      store.labelEvents.complete(event.id, { labelHash: 'h' });
      return event.id;
    };
    const first = done(0, { group: 'g' });
    const second = done(1, { group: 'g' });
    done(2, { group: 'other' });
    done(3, {});
    store.labelEvents.begin(newEvent(at(imageIds, 4), { group: 'g' }));
    const standing = (): number[] => store.labelEvents.standing('g').map(({ id }) => id);
    expect(standing()).toEqual([second, first]);
    const undo = done(1, { cause: 'undo', undoes: second, group: 'undo' });
    expect(standing()).toEqual([first]);
    expect(store.labelEvents.standing('undo')).toMatchObject([{ id: undo, group: 'undo' }]);
  });

  it('reject an image that another owner is changing', () => {
    const store = bench.open();
    const { imageIds } = createProject(store);
    const imageId = at(imageIds, 0);
    const event = store.labelEvents.begin(newEvent(imageId, { owner: lease('one', 4711) }));
    expect(() => store.labelEvents.begin(newEvent(imageId, { owner: lease('two') }))).toThrow(
      expect.objectContaining({ code: 'image-busy', message: expect.stringContaining('4711') }),
    );
    expect(store.labelEvents.begin(newEvent(at(imageIds, 1), { owner: lease('two') })).state).toBe('pending');
    // An event that the same owner left pending after a failure must be ended before the next one.
    expect(() => store.labelEvents.begin(newEvent(imageId, { owner: lease('one', 4711) }))).toThrow(
      expect.objectContaining({ code: 'image-busy' }),
    );
    for (const { id } of store.labelEvents.history(imageId)) store.labelEvents.end(id, 'abandoned');
    expect(store.labelEvents.begin(newEvent(imageId, { owner: lease('two') })).id).toBeGreaterThan(event.id);
  });

  it('reject a sample whose verdict has changed', () => {
    const store = bench.open();
    const { imageIds, sampleIds } = createProject(store);
    const imageId = at(imageIds, 0);
    const sampleId = at(sampleIds, 0);
    store.labelEvents.complete(store.labelEvents.begin(newEvent(imageId, { sampleId })).id, { labelHash: 'h' });
    const changed = expect.objectContaining({ code: 'verdict-changed', message: expect.stringContaining('accepted') });
    expect(() => store.labelEvents.begin(newEvent(imageId, { sampleId, verdictAfter: 'corrected' }))).toThrow(changed);
    expect(() => store.labelEvents.begin(newEvent(imageId, { sampleId, verdictBefore: 'skipped' }))).toThrow(changed);
    const event = newEvent(imageId, { sampleId, verdictBefore: 'accepted', verdictAfter: 'corrected' });
    const begun = store.labelEvents.begin(event);
    expect(begun).toMatchObject({ verdictAfter: 'corrected' });
    store.labelEvents.end(begun.id, 'abandoned');
    expect(() => store.labelEvents.begin(newEvent(imageId, { sampleId: 99 }))).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(() => store.labelEvents.begin(newEvent(at(imageIds, 1), { sampleId }))).toThrow(
      expect.objectContaining({ code: 'invalid-value' }),
    );
    expect(() => store.labelEvents.begin(newEvent(999))).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('without a sample change only the image, and an undo restores verdict, state and hash', () => {
    const store = bench.open();
    const { imageIds, sampleIds } = createProject(store);
    const imageId = at(imageIds, 0);
    const sampleId = at(sampleIds, 0);
    const outside = store.labelEvents.begin(
      newEvent(imageId, { cause: 'outside', verdictAfter: null, after: empty, stateAfter: 'labelled' }),
    );
    store.labelEvents.complete(outside.id, { labelHash: 'empty' });
    expect(store.images.get(imageId)).toMatchObject({ labelHash: 'empty', state: 'labelled' });
    expect(store.samples.get(sampleId)?.verdict).toBeNull();

    const unusable = store.labelEvents.begin(
      newEvent(imageId, {
        sampleId,
        before: empty,
        after: null,
        verdictAfter: 'rejected-unusable',
        stateBefore: 'labelled',
        stateAfter: 'unusable',
      }),
    );
    store.labelEvents.complete(unusable.id, { labelHash: null, reviewSeconds: 1 });
    expect(store.images.get(imageId)).toMatchObject({ labelHash: null, state: 'unusable' });

    const undo = store.labelEvents.begin(
      newEvent(imageId, {
        sampleId,
        cause: 'undo',
        before: null,
        after: empty,
        verdictBefore: 'rejected-unusable',
        verdictAfter: null,
        stateBefore: 'unusable',
        stateAfter: 'labelled',
        undoes: unusable.id,
      }),
    );
    expect(undo.before).toBeNull();
    expect(undo.after).toEqual(empty);
    store.labelEvents.complete(undo.id, { labelHash: 'empty' });
    expect(store.images.get(imageId)).toMatchObject({ labelHash: 'empty', state: 'labelled' });
    // The user still spent those seconds.
    expect(store.samples.get(sampleId)).toMatchObject({ verdict: null, reviewedAt: null, reviewSeconds: 1 });
    const again = store.labelEvents.begin(newEvent(imageId, { sampleId, before: empty }));
    store.labelEvents.complete(again.id, { labelHash: 'h', reviewSeconds: 2.5 });
    expect(store.samples.get(sampleId)).toMatchObject({ verdict: 'accepted', reviewSeconds: 3.5 });
    expect(store.labelEvents.history(imageId).map(({ id }) => id)).toEqual([
      outside.id,
      unusable.id,
      undo.id,
      again.id,
    ]);
  });

  it('cannot be undone twice, before completion, or on another image', () => {
    const store = bench.open();
    const { imageIds } = createProject(store);
    const imageId = at(imageIds, 5);
    const undoOf = (undoes: number, image = imageId) =>
      newEvent(image, { cause: 'undo', verdictAfter: null, after: null, undoes });
    const unfit = expect.objectContaining({ code: 'invalid-value' });
    const given = store.labelEvents.begin(newEvent(imageId, { verdictAfter: null }));
    store.labelEvents.end(given.id, 'abandoned');
    expect(() => store.labelEvents.begin(undoOf(given.id))).toThrow(unfit);
    const event = store.labelEvents.begin(newEvent(imageId, { verdictAfter: null }));
    store.labelEvents.complete(event.id, { labelHash: 'h' });
    expect(() => store.labelEvents.begin(undoOf(event.id, at(imageIds, 4)))).toThrow(unfit);
    expect(() => store.labelEvents.begin(undoOf(999))).toThrow(expect.objectContaining({ code: 'not-found' }));
    store.labelEvents.end(store.labelEvents.begin(undoOf(event.id)).id, 'abandoned');
    store.labelEvents.complete(store.labelEvents.begin(undoOf(event.id)).id, { labelHash: null });
    expect(() => store.labelEvents.begin(undoOf(event.id))).toThrow(
      expect.objectContaining({ code: 'verdict-changed', message: expect.stringContaining('undone already') }),
    );
  });
});

type Step =
  | { kind: 'verdict'; sample: number; verdict: Verdict; completed: boolean }
  | { kind: 'undo'; iteration: 0 | 1; completed: boolean }
  | { kind: 'redo'; iteration: 0 | 1; completed: boolean }
  | { kind: 'outside'; sample: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('verdict' as const),
    sample: fc.nat({ max: 5 }),
    verdict: fc.constantFrom(...words),
    completed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('undo' as const),
    iteration: fc.constantFrom(0 as const, 1 as const),
    completed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('redo' as const),
    iteration: fc.constantFrom(0 as const, 1 as const),
    completed: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('outside' as const), sample: fc.nat({ max: 5 }) }),
);

interface Decided {
  readonly id: number;
  readonly sample: number;
  readonly before: Verdict | null;
}

interface Undone extends Decided {
  readonly after: Verdict | null;
}

/** Two iterations over the same three images, so that only their samples distinguish them. */
class Review {
  readonly store: StoreCore;
  readonly iterationIds: readonly [number, number];
  readonly samples: readonly { id: number; imageId: number }[];
  readonly verdicts: (Verdict | null)[] = [null, null, null, null, null, null];
  readonly stacks: [Decided[], Decided[]] = [[], []];
  /** The undos that can be redone. */
  readonly undone: [Undone[], Undone[]] = [[], []];

  constructor(store: StoreCore) {
    this.store = store;
    const { iterationId, imageIds, sessionId } = createProject(store, 3, 3);
    const second = store.iterations.create(sessionId, 1, 'reviewing');
    store.samples.replaceBatch(
      second.id,
      imageIds.map((imageId, rank) => newSample(imageId, rank)),
    );
    this.iterationIds = [iterationId, second.id];
    this.samples = this.iterationIds.flatMap((id) => store.samples.list(id));
  }

  apply(action: Step): void {
    if (action.kind === 'verdict') this.#decide(action.sample, action.verdict, action.completed);
    else if (action.kind === 'undo') this.#undo(action.iteration, action.completed);
    else if (action.kind === 'redo') this.#redo(action.iteration, action.completed);
    else {
      const event = newEvent(at(this.samples, action.sample).imageId, { cause: 'outside', verdictAfter: null });
      this.#end(this.store.labelEvents.begin(event).id, true);
    }
  }

  #decide(sample: number, verdict: Verdict, completed: boolean): void {
    const { id: sampleId, imageId } = at(this.samples, sample);
    const before = this.verdicts[sample] ?? null;
    const event = newEvent(imageId, { sampleId, verdictBefore: before, verdictAfter: verdict });
    const { id } = this.store.labelEvents.begin(event);
    this.#end(id, completed);
    if (!completed) return;
    this.verdicts[sample] = verdict;
    const iteration = sample < 3 ? 0 : 1;
    this.stacks[iteration].push({ id, sample, before });
    this.undone[iteration] = [];
  }

  #undo(iteration: 0 | 1, completed: boolean): void {
    const target = this.store.labelEvents.lastUndoable(this.iterationIds[iteration]);
    const expected = this.stacks[iteration].at(-1);
    if (target?.id !== expected?.id) throw new Error(`undo offers ${target?.id} and not ${expected?.id}`);
    if (target === null || expected === undefined) return;
    const event = newEvent(target.imageId, {
      sampleId: target.sampleId,
      cause: 'undo',
      verdictBefore: target.verdictAfter,
      verdictAfter: target.verdictBefore,
      undoes: target.id,
    });
    const { id } = this.store.labelEvents.begin(event);
    this.#end(id, completed);
    if (!completed) return;
    this.undone[iteration].push({ ...expected, id, after: target.verdictAfter });
    this.stacks[iteration].pop();
    this.verdicts[expected.sample] = expected.before;
  }

  #redo(iteration: 0 | 1, completed: boolean): void {
    const target = this.store.labelEvents.lastRedoable(this.iterationIds[iteration]);
    const expected = this.undone[iteration].at(-1);
    if (target?.id !== expected?.id) throw new Error(`redo offers ${target?.id} and not ${expected?.id}`);
    if (target === null || expected === undefined) return;
    const { sample, before, after } = expected;
    const event = newEvent(target.imageId, {
      sampleId: target.sampleId,
      verdictBefore: before,
      verdictAfter: after,
      undoes: target.id,
    });
    const { id } = this.store.labelEvents.begin(event);
    this.#end(id, completed);
    if (!completed) return;
    this.undone[iteration].pop();
    this.stacks[iteration].push({ id, sample, before });
    this.verdicts[sample] = after;
  }

  #end(eventId: number, completed: boolean): void {
    if (completed) this.store.labelEvents.complete(eventId, { labelHash: 'h' });
    else this.store.labelEvents.end(eventId, 'abandoned');
  }
}

describe('lastUndoable', () => {
  it('walks back through an iteration like a stack, even with other events in between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const review = new Review(bench.open(':memory:'));
        try {
          for (const action of steps) review.apply(action);
          for (const iteration of [0, 1] as const) {
            const last = review.store.labelEvents.lastUndoable(review.iterationIds[iteration]);
            expect(last?.id).toBe(review.stacks[iteration].at(-1)?.id);
          }
          expect(review.samples.map(({ id }) => review.store.samples.get(id)?.verdict)).toEqual(review.verdicts);
          while (review.stacks.some((stack) => stack.length > 0)) {
            review.apply({ kind: 'undo', iteration: 0, completed: true });
            review.apply({ kind: 'undo', iteration: 1, completed: true });
          }
          expect(review.verdicts).toEqual([null, null, null, null, null, null]);
        } finally {
          review.store.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});
