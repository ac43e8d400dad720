import { expect, test } from 'vitest';
import type { DatasetSource } from '../../core/dataset/types.ts';
import { addClass } from './classes.ts';
import type { Ports } from '../ports/ports.ts';
import type { ClassFile } from '../ports/classFile.ts';
import type { DatasetRow } from '../ports/store/datasets.ts';
import type { Lease } from '../ports/store/leases.ts';

const owner: Lease = { pid: 1, startTime: '1', nonce: 'mine' };
const stranger: Lease = { pid: 2, startTime: '1', nonce: 'other window' };

/** A dataset and its file in memory: what the use case does with ports, not what adapters do. */
function desk(source: DatasetSource, known: readonly string[], inFile: readonly string[] = known, holder?: Lease) {
  let dataset: DatasetRow = { id: 1, source, classNames: known, createdAt: '', validationDrawn: false };
  const file = { names: [...inFile], writes: 0 };
  const leases: string[] = [];
  const classFile: ClassFile = {
    read: async () => [...file.names],
    append: async (_path, expected, name) => {
      expect(expected).toEqual(file.names);
      file.names.push(name);
      file.writes++;
    },
  };
  const ports = {
    classFile,
    system: { owner, isAlive: async () => true },
    store: {
      datasets: {
        get: async (id: number) => (id === 1 ? dataset : null),
        update: async (_id: number, change: Partial<DatasetRow>) => void (dataset = { ...dataset, ...change }),
      },
      leases: {
        acquire: async (name: string) => {
          leases.push(name);
          return holder ? { acquired: false, holder } : { acquired: true };
        },
        release: async (name: string) => void leases.push(`released ${name}`),
      },
    },
  } as unknown as Ports;
  return { add: (name: string) => addClass(ports, 1, name), file, leases, row: () => dataset };
}

const yaml: DatasetSource = { kind: 'yaml', path: '/data/data.yaml', poolFolders: [] };

test('the file comes first, then the snapshot, under a lease', async () => {
  const { add, file, leases, row } = desk(yaml, ['a', 'b']);
  expect(await add(' c ')).toMatchObject({ classNames: ['a', 'b', 'c'] });
  expect(file.names).toEqual(['a', 'b', 'c']);
  expect(row().classNames).toEqual(['a', 'b', 'c']);
  expect(leases).toEqual(['classes:1', 'released classes:1']);
});

test('a plain folder keeps its names in the database, in both places that name them', async () => {
  const source: DatasetSource = { kind: 'folder', path: '/data', classNames: ['a'], poolFolders: ['/pool'] };
  const { add, file, row } = desk(source, ['a']);
  await add('b');
  expect(row()).toMatchObject({ classNames: ['a', 'b'], source: { ...source, classNames: ['a', 'b'] } });
  expect(file.writes).toBe(0);
});

test('a name that an earlier attempt had written already is taken over, not written twice', async () => {
  const { add, file, row } = desk(yaml, ['a'], ['a', 'b']);
  await add('b');
  expect(file).toMatchObject({ names: ['a', 'b'], writes: 0 });
  expect(row().classNames).toEqual(['a', 'b']);
});

test('names that somebody appended or renamed in the file are taken over with it', async () => {
  const { add, row } = desk(yaml, ['a', 'b'], ['alpha', 'b', 'c']);
  await add('d');
  expect(row().classNames).toEqual(['alpha', 'b', 'c', 'd']);
});

test.each([
  ['reordered', ['b', 'a']],
  ['removed', ['a']],
])('nothing is added to names that were %s', async (_kind, inFile) => {
  const { add, file, row } = desk(yaml, ['a', 'b'], inFile);
  await expect(add('c')).rejects.toMatchObject({ code: 'classes-reordered', where: '/data/data.yaml' });
  expect(file.writes).toBe(0);
  expect(row().classNames).toEqual(['a', 'b']);
});

test.each([
  ['', 'class-name-invalid'],
  ['   ', 'class-name-invalid'],
  ['x'.repeat(101), 'class-name-invalid'],
  ['a\nb', 'class-name-invalid'],
  ['zero\u200Bwidth', 'class-name-invalid'],
  ['B', 'class-exists'],
  ['re\u0301sume\u0301', 'class-exists'],
])('%j is refused', async (name, code) => {
  const { add, file } = desk(yaml, ['a', 'b', 'r\u00E9sum\u00E9']);
  await expect(add(name)).rejects.toMatchObject({ code });
  expect(file.writes).toBe(0);
});

test('another window that adds a class at this moment goes first', async () => {
  const { add, file } = desk(yaml, ['a'], ['a'], stranger);
  await expect(add('b')).rejects.toMatchObject({ code: 'busy-elsewhere' });
  expect(file.writes).toBe(0);
});
