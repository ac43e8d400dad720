import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmbeddingStore } from './embeddingStore.ts';
import { entry, hashOf, space, vectorOf } from './testing/vectors.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'embeddings ü-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (): string => join(folder, 'embeddings-d1-abc.bin');
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const images = (ids: readonly number[]): { imageId: number; contentHash: string }[] =>
  ids.map((imageId) => ({ imageId, contentHash: hashOf(`${imageId} 0`) }));

/** Compares with the precision of half floats, 11 bits. */
function expectVectors(vectors: Float32Array, ids: ArrayLike<number>, version = 0): void {
  expect(vectors).toHaveLength(ids.length * space.dimensions);
  let worst = 0;
  for (let row = 0; row < ids.length; row++) {
    for (const [i, value] of vectorOf(ids[row] ?? 0, version).entries()) {
      const error = Math.abs((vectors[row * space.dimensions + i] ?? Number.NaN) - value);
      worst = Math.max(worst, error / (Math.abs(value) + 2 ** -14));
    }
  }
  expect(worst).toBeLessThanOrEqual(2 ** -11);
}

function cosine(a: Float32Array, b: Float32Array): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
}

describe('embeddings', () => {
  it('are loaded by image id, from this process and from another one', async () => {
    const store = createEmbeddingStore(folder);
    await store.put(space, [entry(7), entry(3), entry(2 ** 40)]);
    await store.put(
      space,
      range(100, 5300).map((id) => entry(id)),
    );
    for (const reader of [store, createEmbeddingStore(folder)]) {
      const some = await reader.load(space, [2 ** 40, 9, 3, 7, 3, 4242]);
      expect([...some.imageIds]).toEqual([3, 7, 4242, 2 ** 40]);
      expectVectors(some.vectors, some.imageIds);
      const all = await reader.load(space, range(0, 6000));
      expect([...all.imageIds]).toEqual([3, 7, ...range(100, 5300)]);
      expectVectors(all.vectors, all.imageIds);
    }
  });

  it('of no images are empty', async () => {
    const store = createEmbeddingStore(join(folder, 'not', 'there'));
    expect(await store.lacking(space, images([1, 2]))).toEqual([1, 2]);
    expect((await store.load(space, [1])).imageIds).toHaveLength(0);
    await store.put(space, []);
    expect((await store.load(space, [])).vectors).toHaveLength(0);
    await store.dropOthers('d', 'x');
  });

  it('are lacking after the content changed, until new ones are put', async () => {
    const store = createEmbeddingStore(folder);
    await store.put(space, [entry(1), entry(2), entry(3, 5)]);
    expect(await store.lacking(space, images([4, 3, 2, 1]))).toEqual([4, 3]);
    await store.put(space, [entry(3)]);
    expect(await store.lacking(space, images([4, 3, 2, 1]))).toEqual([4]);
    expectVectors((await store.load(space, [3])).vectors, [3]);
    // The old hash does not find the old vector either.
    expect(await store.lacking(space, [{ imageId: 3, contentHash: hashOf('3 5') }])).toEqual([3]);
  });

  it('keep enough precision for cosines', async () => {
    const store = createEmbeddingStore(folder);
    const ids = range(1, 200);
    await store.put(
      space,
      ids.map((id) => entry(id)),
    );
    const { vectors } = await store.load(space, ids);
    // Far from the origin, like pooled activations: centring amplifies the rounding.
    const centre = Float32Array.from(
      { length: space.dimensions },
      (_, i) => ids.reduce((sum, id) => sum + (vectorOf(id)[i] ?? 0), 0) / ids.length,
    );
    const centred = (row: number, from: (row: number) => Float32Array): Float32Array =>
      from(row).map((value, i) => value - (centre[i] ?? 0));
    const kept = (row: number): Float32Array =>
      centred(row, (at) => vectors.slice(at * space.dimensions, (at + 1) * space.dimensions));
    const exact = (row: number): Float32Array => centred(row, (at) => vectorOf(at + 1));
    let worst = 0;
    for (let a = 0; a < 40; a++) {
      for (let b = a; b < 40; b++) {
        worst = Math.max(worst, Math.abs(cosine(kept(a), kept(b)) - cosine(exact(a), exact(b))));
      }
    }
    expect(worst).toBeLessThan(5e-4);
    expect(worst).toBeGreaterThan(0);
    // Two bytes per number and 40 per image.
    expect(statSync(file()).size).toBe(40 + 199 * (40 + 48 * 2));
  });

  it('beyond the range of half precision use single precision', async () => {
    const store = createEmbeddingStore(folder);
    const vector = vectorOf(1).map((value, i) => (i === 0 ? 70_000.5 : value));
    await store.put(space, [{ ...entry(1), vector }]);
    expect((await store.load(space, [1])).vectors).toEqual(vector);
  });

  it('with invalid numbers are rejected and not stored', async () => {
    const store = createEmbeddingStore(folder);
    const bad = [
      { ...entry(2), vector: new Float32Array(3) },
      { ...entry(2), vector: vectorOf(2).fill(Number.NaN, 4, 5) },
      { ...entry(2), contentHash: 'short' },
    ];
    for (const one of bad) {
      await expect(store.put(space, [entry(1), one])).rejects.toMatchObject({ code: 'vector-invalid' });
    }
    expect(await store.lacking(space, images([1, 2]))).toEqual([1, 2]);
    await store.put(space, [entry(1)]);
    expect(await store.lacking(space, images([1, 2]))).toEqual([2]);
  });

  it('are lacking after the file was deleted', async () => {
    const store = createEmbeddingStore(folder);
    await store.put(space, [entry(1), entry(2)]);
    expect(await store.lacking(space, images([1, 2]))).toEqual([]);
    rmSync(file());
    expect(await store.lacking(space, images([1, 2]))).toEqual([1, 2]);
    await store.put(space, [entry(2)]);
    expect(await store.lacking(space, images([1, 2]))).toEqual([1]);
    expect([...(await store.load(space, [1, 2])).imageIds]).toEqual([2]);
  });

  it('report an unusable folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    const store = createEmbeddingStore(join(folder, 'file'));
    await expect(store.put(space, [entry(1)])).rejects.toMatchObject({ name: 'EmbeddingError', code: 'write-failed' });
  });
});

describe('a damaged file', () => {
  it('that was truncated anywhere keeps every complete block, and can be appended to', async () => {
    const first = createEmbeddingStore(folder);
    await first.put(space, [entry(1), entry(2)]);
    const whole = statSync(file()).size;
    await first.put(
      space,
      range(10, 13).map((id) => entry(id)),
    );
    const bytes = readFileSync(file());
    for (let size = bytes.length - 1; size >= 0; size -= 7) {
      writeFileSync(file(), bytes.subarray(0, size));
      const store = createEmbeddingStore(folder);
      const expected = size >= whole ? [1, 2] : [];
      expect([...(await store.load(space, range(0, 20))).imageIds]).toEqual(expected);
      await store.put(space, [entry(5)]);
      const after = await createEmbeddingStore(folder).load(space, range(0, 20));
      expect([...after.imageIds]).toEqual([...expected, 5]);
      expectVectors(after.vectors, after.imageIds);
      expect([...(await store.load(space, range(0, 20))).imageIds]).toEqual([...expected, 5]);
    }
  });

  it('with a damaged byte anywhere loses only that block', async () => {
    const first = createEmbeddingStore(folder);
    await first.put(space, [entry(1), entry(2)]);
    const second = statSync(file()).size;
    await first.put(space, [entry(3), entry(4)]);
    const third = statSync(file()).size;
    await first.put(space, [entry(5)]);
    const bytes = readFileSync(file());
    for (let at = second; at < third; at += 3) {
      const broken = Buffer.from(bytes);
      broken[at] = (broken[at] ?? 0) ^ 0x10;
      writeFileSync(file(), broken);
      const store = createEmbeddingStore(folder);
      const table = await store.load(space, range(0, 9));
      // The last bytes of a header are unused.
      const harmless = at >= second + 28 && at < second + 32;
      expect([at, [...table.imageIds]]).toEqual([at, harmless ? [1, 2, 3, 4, 5] : [1, 2, 5]]);
      expectVectors(table.vectors, table.imageIds);
      expect(await store.lacking(space, images(range(1, 6)))).toEqual(harmless ? [] : [3, 4]);
    }
  });

  it('of random bytes counts as empty', async () => {
    writeFileSync(file(), Buffer.from('AELBAELB'.repeat(400_000)));
    const store = createEmbeddingStore(folder);
    expect(await store.lacking(space, images([1]))).toEqual([1]);
    await store.put(space, [entry(1)]);
    appendFileSync(file(), 'AELB');
    expect(await store.lacking(space, images([1]))).toEqual([]);
  });

  it('that shrank is read again', async () => {
    const store = createEmbeddingStore(folder);
    await store.put(space, [entry(1)]);
    const size = statSync(file()).size;
    await store.put(space, [entry(2)]);
    expect(await store.lacking(space, images([1, 2]))).toEqual([]);
    truncateSync(file(), size);
    expect(await store.lacking(space, images([1, 2]))).toEqual([2]);
  });
});

function startWriter(first: number, count: number): ReturnType<typeof spawn> {
  const script = join(import.meta.dirname, 'testing', 'appendVectors.ts');
  return spawn(process.execPath, [script, folder, String(first), String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('several processes', () => {
  it('append at once without losing or mixing vectors', async () => {
    const ends = [1, 10_001, 20_001].map((first) => once(startWriter(first, 2000), 'close'));
    expect((await Promise.all(ends)).map(([code]) => code)).toEqual([0, 0, 0]);
    const ids = [1, 10_001, 20_001].flatMap((first) => range(first, first + 2000));
    const table = await createEmbeddingStore(folder).load(space, ids);
    expect([...table.imageIds]).toEqual(ids);
    expectVectors(table.vectors, table.imageIds);
  });

  it('see appended blocks of each other', async () => {
    const [one, other] = [createEmbeddingStore(folder), createEmbeddingStore(folder)];
    await one.put(space, [entry(1)]);
    expect(await other.lacking(space, images([1, 2]))).toEqual([2]);
    await other.put(space, [entry(2)]);
    expect(await one.lacking(space, images([1, 2]))).toEqual([]);
  });

  it.each([1, 9, 33])('that are killed after %i blocks lose no stored vector', async (blocks) => {
    const child = startWriter(1, 0);
    const printed: string[] = [];
    const ended = once(child, 'close');
    if (child.stdout === null) throw new Error('no output');
    for await (const line of createInterface({ input: child.stdout })) {
      printed.push(line);
      if (printed.length === blocks) child.kill('SIGKILL');
    }
    await ended;
    const last = Number(printed.at(-1));
    expect(last).toBeGreaterThanOrEqual(blocks * 100);
    // The end of the file may be an incomplete block.
    const store = createEmbeddingStore(folder);
    expect(await store.lacking(space, images(range(1, last + 1)))).toEqual([]);
    await store.put(space, [entry(10 ** 9)]);
    const table = await store.load(space, [...range(1, last + 1), 10 ** 9]);
    expect(table.imageIds).toHaveLength(last + 1);
    expectVectors(table.vectors, table.imageIds);
  });
});

describe('the centre of a space', () => {
  it('is the first stored one, also for another process', async () => {
    const store = createEmbeddingStore(folder);
    expect(await store.centre(space)).toBeNull();
    expect(await store.fixCentre(space, vectorOf(1))).toEqual(vectorOf(1));
    expect(await store.fixCentre(space, vectorOf(2))).toEqual(vectorOf(1));
    expect(await createEmbeddingStore(folder).centre(space)).toEqual(vectorOf(1));
    const [a, b] = await Promise.all([
      createEmbeddingStore(folder).fixCentre({ ...space, key: 'x' }, vectorOf(3)),
      createEmbeddingStore(folder).fixCentre({ ...space, key: 'x' }, vectorOf(4)),
    ]);
    expect(a).toEqual(b);
  });

  it('that is damaged counts as missing, and can be stored again', async () => {
    const store = createEmbeddingStore(folder);
    await store.fixCentre(space, vectorOf(1));
    const path = join(folder, 'embeddings-d1-abc.centre');
    writeFileSync(path, readFileSync(path).fill(7, 30, 31));
    expect(await store.centre(space)).toBeNull();
    expect(await store.fixCentre(space, vectorOf(2))).toEqual(vectorOf(2));
  });
});

it('removes all files of other spaces with the same prefix', async () => {
  const store = createEmbeddingStore(folder);
  const keys = ['s1-v1-a', 's1-v2-b', 's12-v1-c', 'd1-d'];
  for (const key of keys) {
    await store.put({ ...space, key }, [entry(1)]);
    await store.fixCentre({ ...space, key }, vectorOf(1));
  }
  await store.dropOthers('s1-v', 's1-v2-b');
  const left = await Promise.all(
    keys.map(async (key) => (await store.lacking({ ...space, key }, images([1]))).length === 0),
  );
  expect(left).toEqual([false, true, true, true]);
  expect(await store.centre({ ...space, key: 's1-v1-a' })).toBeNull();
});
