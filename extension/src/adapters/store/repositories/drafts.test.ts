import { afterEach, describe, expect, it } from 'vitest';
import type { DraftKey } from '../../../workflow/ports/store/drafts.ts';
import type { StoreCore } from '../storeCore.ts';
import { at, createProject, newEvent, newSample, thrownBy, Workbench, type Project } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

const draft = { basis: '[null,null]', history: '{"version":1}', edited: true };

function keyOf({ sessionId, imageIds, sampleIds }: Project, place: number): DraftKey {
  return { sessionId, imageId: at(imageIds, place), sampleId: at(sampleIds, place) };
}

/** Completes a change of the first image's labels, and its undo. */
function judge(store: StoreCore, imageId: number, cause: 'verdict' | 'edit', sampleId: number | null): () => void {
  const event = store.labelEvents.begin(newEvent(imageId, { sampleId, cause }));
  store.labelEvents.complete(event.id, { labelHash: 'h' });
  return () => {
    const { verdictAfter, verdictBefore } = event;
    const undone = {
      cause: 'undo',
      undoes: event.id,
      verdictBefore: verdictAfter,
      verdictAfter: verdictBefore,
    } as const;
    const undo = store.labelEvents.begin(newEvent(imageId, { sampleId, ...undone }));
    store.labelEvents.complete(undo.id, { labelHash: null });
  };
}

describe('drafts', () => {
  it('are replaced, found after the database was opened again, and listed if they change boxes', () => {
    const databasePath = bench.databasePath();
    const first = bench.open(databasePath);
    const project = createProject(first);
    const [a, b] = [keyOf(project, 0), keyOf(project, 1)];
    const bare = { ...a, sampleId: null };
    first.drafts.put(a, { ...draft, edited: false });
    first.drafts.put(a, draft);
    first.drafts.put(b, { ...draft, edited: false });
    first.drafts.put(bare, { ...draft, history: 'older' });
    first.drafts.put(bare, { ...draft, history: 'outside the batch' });
    first.close();
    const store = bench.open(databasePath);
    expect(store.drafts.get(a)).toEqual(draft);
    expect(store.drafts.get(b)).toEqual({ ...draft, edited: false });
    expect(store.drafts.get(bare)).toMatchObject({ history: 'outside the batch' });
    expect(store.drafts.get(keyOf(project, 2))).toBeNull();
    expect(store.drafts.edited(project.sessionId)).toEqual([a, bare]);
    store.drafts.remove(a);
    expect(store.drafts.edited(project.sessionId)).toEqual([bare]);
  });

  it('go with the verdict once it is complete, but not with its undo', () => {
    const store = bench.open(bench.databasePath());
    const project = createProject(store);
    const [sample, image] = [keyOf(project, 0), { ...keyOf(project, 0), sampleId: null }];
    store.drafts.put(sample, draft);
    store.drafts.put(image, draft);
    const takeBack = judge(store, sample.imageId, 'verdict', sample.sampleId);
    expect(store.drafts.edited(project.sessionId)).toEqual([image]);
    store.drafts.put(sample, draft);
    takeBack();
    judge(store, sample.imageId, 'edit', null)();
    expect(store.drafts.edited(project.sessionId)).toEqual([sample]);
  });

  it('stay while a verdict is pending', () => {
    const store = bench.open(bench.databasePath());
    const key = keyOf(createProject(store), 0);
    store.drafts.put(key, draft);
    store.labelEvents.begin(newEvent(key.imageId, { sampleId: key.sampleId }));
    expect(store.drafts.get(key)).toEqual(draft);
  });

  it('go with the sample and the session', () => {
    const store = bench.open(bench.databasePath());
    const project = createProject(store);
    const { sessionId, iterationId, imageIds } = project;
    store.drafts.put(keyOf(project, 0), draft);
    store.samples.replaceBatch(iterationId, [newSample(at(imageIds, 0), 1)]);
    expect(store.drafts.edited(sessionId)).toEqual([]);
    store.drafts.put({ sessionId, imageId: at(imageIds, 1), sampleId: null }, draft);
    store.sessions.delete(sessionId);
    expect(store.drafts.edited(sessionId)).toEqual([]);
  });

  it('need their session, image and sample', () => {
    const store = bench.open(bench.databasePath());
    const project = createProject(store);
    const key = keyOf(project, 0);
    for (const wrong of [{ sessionId: 77 }, { imageId: 77 }, { sampleId: 77 }, { imageId: at(project.imageIds, 1) }]) {
      expect(thrownBy(() => store.drafts.put({ ...key, ...wrong }, draft))).toMatchObject({ code: 'not-found' });
    }
  });
});
