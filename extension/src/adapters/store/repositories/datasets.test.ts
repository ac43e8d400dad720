import { afterEach, describe, expect, it } from 'vitest';
import { createProject, at, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

describe('datasets', () => {
  it('keeps source and class names in their order', () => {
    const store = bench.open();
    const yaml = store.datasets.create({ kind: 'yaml', path: '/a/däta #1.yaml', poolFolders: ['/pool'] }, ['b', 'a']);
    const folder = store.datasets.create({ kind: 'folder', path: '/b', classNames: ['x'], poolFolders: [] }, [
      'x',
      '"quoted"',
      '日本',
    ]);
    expect(yaml.createdAt).toBe('2026-01-01T00:00:01.000Z');
    expect(yaml.classNames).toEqual(['b', 'a']);
    expect(yaml.source).toEqual({ kind: 'yaml', path: '/a/däta #1.yaml', poolFolders: ['/pool'] });
    expect(store.datasets.get(yaml.id)).toEqual(yaml);
    expect(store.datasets.list()).toEqual([yaml, folder]);
    expect(store.datasets.get(99)).toBeNull();
  });

  it('changes only the given fields', () => {
    const store = bench.open();
    const row = store.datasets.create({ kind: 'yaml', path: '/a.yaml', poolFolders: [] }, ['a']);
    store.datasets.update(row.id, { classNames: ['a', 'b'] });
    expect(store.datasets.get(row.id)).toEqual({ ...row, classNames: ['a', 'b'] });
    const source = { kind: 'yaml', path: '/moved.yaml', poolFolders: [] } as const;
    store.datasets.update(row.id, { source });
    expect(store.datasets.get(row.id)).toEqual({ ...row, classNames: ['a', 'b'], source });
    expect(() => store.datasets.update(99, {})).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('reuses the row of a known folder, and moves a folder by changing one row', () => {
    const store = bench.open();
    const { datasetId, rootId, imageIds } = createProject(store);
    expect(store.datasets.addRoot(datasetId, '/data', 'pool')).toEqual({
      id: rootId,
      datasetId,
      path: '/data',
      kind: 'dataset',
    });
    const pool = store.datasets.addRoot(datasetId, '/pool', 'pool');
    expect(() => store.datasets.moveRoot(rootId, '/pool')).toThrow(expect.objectContaining({ code: 'duplicate-path' }));
    store.datasets.moveRoot(rootId, '/elsewhere');
    store.datasets.moveRoot(pool.id, '/pool');
    expect(store.datasets.roots(datasetId)).toEqual([
      { id: rootId, datasetId, path: '/elsewhere', kind: 'dataset' },
      pool,
    ]);
    expect(store.images.get(at(imageIds, 0))?.rootId).toBe(rootId);
    expect(() => store.datasets.moveRoot(99, '/x')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => store.datasets.addRoot(99, '/x', 'pool')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('numbers validation revisions within a dataset and never changes them', () => {
    const store = bench.open();
    const { datasetId, imageIds } = createProject(store);
    expect(store.datasets.latestRevision(datasetId)).toBeNull();
    const members = [
      { imageId: at(imageIds, 1), labelHash: 'h1' },
      { imageId: at(imageIds, 0), labelHash: 'h0' },
    ];
    const first = store.datasets.addRevision(datasetId, members);
    expect(first.number).toBe(1);
    expect(first.members).toEqual(members.toReversed());
    const second = store.datasets.addRevision(datasetId, [{ imageId: at(imageIds, 0), labelHash: 'h0b' }]);
    expect(second.number).toBe(2);
    expect(store.datasets.latestRevision(datasetId)).toEqual(second);
    expect(store.datasets.revision(first.id)).toEqual(first);
    expect(store.datasets.revision(99)).toBeNull();

    const other = store.datasets.create({ kind: 'yaml', path: '/o.yaml', poolFolders: [] }, ['a']);
    expect(store.datasets.addRevision(other.id, []).number).toBe(1);
  });

  it('rejects members of another dataset, and then adds nothing', () => {
    const store = bench.open();
    const { imageIds } = createProject(store);
    const other = store.datasets.create({ kind: 'yaml', path: '/o.yaml', poolFolders: [] }, ['a']);
    expect(() => store.datasets.addRevision(other.id, [{ imageId: at(imageIds, 0), labelHash: 'h' }])).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(store.datasets.latestRevision(other.id)).toBeNull();
  });
});
