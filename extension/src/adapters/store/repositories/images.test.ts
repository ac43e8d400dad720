import { afterEach, describe, expect, it } from 'vitest';
import { at, createProject, newImage, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

describe('images', () => {
  it('returns ids in the requested order; known images keep theirs', () => {
    const store = bench.open();
    const { datasetId, rootId, imageIds } = createProject(store, 3);
    const ids = store.images.insert(datasetId, [
      newImage(rootId, 'new "1" & <2>.png', { captureGroup: 'video 1', problem: null }),
      newImage(rootId, 'images/2.jpg', { contentHash: 'changed' }),
      newImage(rootId, 'new "1" & <2>.png'),
      newImage(rootId, 'images/0.jpg'),
    ]);
    expect(ids).toEqual([ids[0], imageIds[2], ids[0], imageIds[0]]);
    expect(imageIds).not.toContain(ids[0]);
    expect(store.images.get(at(ids, 0))).toEqual({
      id: ids[0],
      datasetId,
      ...newImage(rootId, 'new "1" & <2>.png', { captureGroup: 'video 1' }),
    });
    expect(store.images.get(at(imageIds, 2))?.contentHash).toBe('content of images/2.jpg');
    expect(store.images.get(999)).toBeNull();
  });

  it('rejects a folder of another dataset, and then adds none of the list', () => {
    const store = bench.open();
    const { datasetId, rootId } = createProject(store, 1);
    const other = store.datasets.create({ kind: 'yaml', path: '/o.yaml', poolFolders: [] }, ['a']);
    expect(() => store.images.insert(other.id, [newImage(rootId, 'x.jpg')])).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(() => store.images.insert(datasetId, [newImage(rootId, 'y.jpg'), newImage(99, 'z.jpg')])).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(store.images.count({ datasetId })).toBe(1);
  });

  it('can change every field, and changes only the given ones', () => {
    const store = bench.open();
    const { imageIds } = createProject(store);
    const id = at(imageIds, 0);
    const before = store.images.get(id);
    const change = {
      contentHash: 'c2',
      labelHash: 'l2',
      width: 1,
      height: 2,
      split: 'val',
      state: 'labelled',
      captureGroup: 'g',
      size: 5,
      mtimeMs: 6.5,
      problem: 'truncated',
      perceptualHash: '0123456789abcdef0123456789abcdef',
    } as const;
    store.images.update([{ id }, { id: at(imageIds, 1), state: 'broken' }]);
    expect(store.images.get(id)).toEqual(before);
    store.images.update([{ id, ...change }]);
    expect(store.images.get(id)).toEqual({ ...before, ...change });
    store.images.update([{ id, labelHash: null, width: null, captureGroup: null, problem: null }]);
    expect(store.images.get(id)).toEqual({
      ...before,
      ...change,
      labelHash: null,
      width: null,
      captureGroup: null,
      problem: null,
    });
  });

  it('changes all of a list or none', () => {
    const store = bench.open();
    const { imageIds } = createProject(store);
    const id = at(imageIds, 0);
    expect(() =>
      store.images.update([
        { id, state: 'broken' },
        { id: 999, state: 'broken' },
      ]),
    ).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(store.images.get(id)?.state).toBe('unlabelled');
  });

  it('filters by state, split and ids, and pages by id', () => {
    const store = bench.open();
    const { datasetId, imageIds } = createProject(store, 6);
    const [a, b, c, d, e, f] = imageIds as [number, number, number, number, number, number];
    store.images.update([
      { id: a, state: 'labelled', split: 'val' },
      { id: b, state: 'labelled' },
      { id: c, state: 'later' },
      { id: d, split: 'pool' },
    ]);
    const ids = (filter: object): number[] => store.images.find({ datasetId, ...filter }).map(({ id }) => id);
    expect(ids({})).toEqual([a, b, c, d, e, f]);
    expect(ids({ states: ['labelled'] })).toEqual([a, b]);
    expect(ids({ states: ['labelled', 'later'], splits: ['train'] })).toEqual([b, c]);
    expect(ids({ ids: [f, a, 999] })).toEqual([a, f]);
    expect(ids({ ids: [] })).toEqual([]);
    expect(ids({ states: [] })).toEqual([]);
    expect(ids({ afterId: b, limit: 2 })).toEqual([c, d]);
    expect(ids({ afterId: d, limit: 2 })).toEqual([e, f]);
    expect(ids({ afterId: f, limit: 2 })).toEqual([]);
    expect(store.images.count({ datasetId })).toBe(6);
    expect(store.images.count({ datasetId, states: ['labelled'] })).toBe(2);
    const labelled = store.images.find({ datasetId, states: ['labelled'] }).map(({ id }) => id);
    expect([...store.images.ids({ datasetId, states: ['labelled'] })]).toEqual(labelled);
    const [first] = labelled;
    expect([...store.images.ids({ datasetId, states: ['labelled'], afterId: first ?? 0, limit: 1 })]).toEqual(
      labelled.slice(1, 2),
    );
    expect(store.images.count({ datasetId: 99 })).toBe(0);
  });

  it('lists by path, and only those of a folder and the folders below it', () => {
    const store = bench.open();
    const { datasetId, rootId } = createProject(store, 0, 0);
    const paths = ['b/2.jpg', 'b/100 % c/1.jpg', 'top.jpg', 'b2/1.jpg', 'a/1.jpg'];
    const ids = store.images.insert(
      datasetId,
      paths.map((path) => newImage(rootId, path)),
    );
    const listed = (filter: object): string[] =>
      Array.from(store.images.idsByPath({ datasetId, ...filter }), (id) => at(paths, ids.indexOf(id)));
    expect(listed({})).toEqual(paths.toSorted());
    expect(listed({ rootId, pathPrefix: 'b/' })).toEqual(['b/100 % c/1.jpg', 'b/2.jpg']);
    expect(listed({ rootId, pathPrefix: '' })).toHaveLength(paths.length);
    expect(listed({ rootId: rootId + 1 })).toEqual([]);
    expect(store.images.folders(datasetId)).toEqual(
      ['', 'a/', 'b/', 'b/100 % c/', 'b2/'].map((path) => ({ rootId, path, images: 1 })),
    );
  });

  it('accepts more ids than SQLite allows variables', () => {
    const store = bench.open();
    const { datasetId, imageIds } = createProject(store);
    const ids = [...Array.from({ length: 40_000 }, (_, index) => index + 1000), at(imageIds, 0)];
    expect(store.images.find({ datasetId, ids }).map(({ id }) => id)).toEqual([imageIds[0]]);
  });

  it('returns states and hashes of images in columns', () => {
    const store = bench.open();
    const { datasetId, imageIds } = createProject(store, 3);
    const [a, b, c] = imageIds as [number, number, number];
    store.images.update([
      { id: a, perceptualHash: 'f'.repeat(32) },
      { id: b, contentHash: null, state: 'labelled' },
      { id: c, split: 'test' },
    ]);
    expect(store.images.hashColumns({ datasetId })).toEqual({
      imageIds: Float64Array.of(a, b, c),
      contentHashes: ['content of images/0.jpg', null, 'content of images/2.jpg'],
      perceptualHashes: ['f'.repeat(32), null, null],
      heldOut: Uint8Array.of(0, 0, 1),
      labelled: Uint8Array.of(0, 1, 0),
    });
    expect(store.images.hashColumns({ datasetId, states: ['labelled'] }).imageIds).toEqual(Float64Array.of(b));
    expect(store.images.hashColumns({ datasetId, afterId: a, limit: 1 }).imageIds).toEqual(Float64Array.of(b));
  });
});
