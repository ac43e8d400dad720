import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import type { EmbeddingMatrix } from '../selection/embeddings.ts';
import { HashIndex } from './hashIndex.ts';
import { LookalikeGroups, LookalikeIndex, type Picture } from './lookalikes.ts';
import { differingBits, hashText, parseHash, perceptualHash, type PerceptualHash } from './perceptualHash.ts';
import { copied, patches } from './testing.ts';

const bitsBetween = (a: PerceptualHash, b: PerceptualHash, words: readonly number[] = [0, 1, 2, 3]): number =>
  words.reduce((sum, word) => sum + differingBits(a[word] ?? 0, b[word] ?? 0), 0);
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('perceptual hashes', () => {
  it('hardly change for a copy, and are far apart for other pictures', () => {
    const random = createRandom(1);
    const pictures = numbers(200).map(patches);
    const hashes = pictures.map(perceptualHash);
    const copies = pictures.map((grey) => perceptualHash(copied(grey, random)));
    const own = hashes.map((hash, i) => bitsBetween(hash, copies[i] ?? hash));
    expect(own.filter((bits) => bits > 14)).toEqual([]);
    const others = hashes.flatMap((hash, i) => copies.slice(0, i).map((copy) => bitsBetween(hash, copy)));
    expect(others).toHaveLength(19_900);
    expect(Math.min(...others)).toBeGreaterThan(16);
  });

  it('of all blank pictures are the same, whatever their noise', () => {
    const random = createRandom(2);
    const blank = (brightness: number): PerceptualHash =>
      perceptualHash(new Uint8Array(36 * 32).map(() => brightness + Math.round((random() - 0.5) * 1.2)));
    expect(numbers(20).map((n) => hashText(blank(10 + n * 12)))).toEqual(numbers(20).map(() => '0'.repeat(32)));
  });

  it('are written as 32 hex digits and come back', () => {
    for (const grey of numbers(50).map(patches)) {
      const hash = perceptualHash(grey);
      expect(hashText(hash)).toMatch(/^[0-9a-f]{32}$/);
      expect(parseHash(hashText(hash))).toEqual(hash);
    }
    for (const text of ['', 'f'.repeat(31), 'g'.repeat(32), 'F'.repeat(32), `${'0'.repeat(32)}0`]) {
      expect(parseHash(text)).toBeNull();
    }
  });

  it('differ in as many bits as are set in one of them alone', () => {
    expect(differingBits(0, 0xffffffff)).toBe(32);
    expect(differingBits(0x80000001, 1)).toBe(1);
    expect(differingBits(0b1010, 0b0101)).toBe(4);
  });
});

/** A hash whose bits are drawn, so that it is far from all others. */
function drawn(random: () => number): PerceptualHash {
  const word = (): number => Math.floor(random() * 2 ** 32);
  return [word(), word(), word(), word()];
}

function flipped(hash: PerceptualHash, count: number, random: () => number): PerceptualHash {
  const words: [number, number, number, number] = [...hash];
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(Math.floor(random() * 64));
  for (const bit of chosen) words[bit >> 5] = ((words[bit >> 5] ?? 0) ^ (1 << (bit & 31))) >>> 0;
  return words;
}

describe('the index of hashes', () => {
  it('gives every hash within 7 bits, each once, and few others', () => {
    const random = createRandom(3);
    const index = new HashIndex();
    const hashes = numbers(5000).map(() => drawn(random));
    const near = hashes.slice(0, 400).map((hash, i) => flipped(hash, i % 8, random));
    for (const hash of [...hashes, ...near]) index.add(hash);
    let given = 0;
    for (const [i, hash] of hashes.slice(0, 400).entries()) {
      const entries: number[] = [];
      index.near(hash, (entry) => entries.push(entry) > 0);
      expect(new Set(entries).size).toBe(entries.length);
      expect(entries).toEqual(expect.arrayContaining([i, 5000 + i]));
      given += entries.length;
    }
    // Drawn hashes fall into the 68 buckets of 65,536 by chance.
    expect(given / 400).toBeLessThan(2 + (5400 * 68 * 1.5) / 65_536);
  });

  it('stops when it is told to', () => {
    const index = new HashIndex();
    for (let i = 0; i < 10; i++) index.add([1, 2, 3, 4]);
    let seen = 0;
    index.near([1, 2, 3, 4], () => ++seen < 3);
    expect(seen).toBe(3);
  });
});

/** Vectors whose cosine with the first axis is given. */
function matrix(cosines: Readonly<Record<number, number>>): EmbeddingMatrix {
  const ids = Object.keys(cosines).map(Number);
  return {
    dimensions: 2,
    imageIds: Float64Array.from(ids),
    vectors: Float32Array.from(ids.flatMap((id) => [cosines[id] ?? 0, Math.sqrt(1 - (cosines[id] ?? 0) ** 2)])),
  };
}

const base: PerceptualHash = [0x0f0f0f0f, 0x12345678, 0x9abcdef0, 0x55aa55aa];
const withBits = (count: number): PerceptualHash => [(base[0] ^ (2 ** count - 1)) >>> 0, base[1], base[2], base[3]];
const picture = (imageId: number, hash: PerceptualHash | null, contentHash: string | null = null): Picture => ({
  imageId,
  hash,
  contentHash,
});

describe('lookalikes', () => {
  it.each([
    [0, 0.84, false],
    [4, 0.86, true],
    [5, 0.94, false],
    [6, 0.96, true],
    [7, 1, false],
  ])('that differ in %i bits with a cosine of %d: %s', (bits, cosine, alike) => {
    const index = new LookalikeIndex(matrix({ 1: 1, 2: cosine }));
    index.add(picture(1, base));
    expect(index.find(picture(2, withBits(bits)))?.imageId).toBe(alike ? 1 : undefined);
  });

  it.each([
    [2, true],
    [3, false],
  ])('that differ in %i bits, without a vector of one: %s', (bits, alike) => {
    for (const vectors of [null, matrix({ 1: 1 }), matrix({ 2: 1 })]) {
      const index = new LookalikeIndex(vectors);
      index.add(picture(1, base));
      expect(index.find(picture(2, withBits(bits))) !== null).toBe(alike);
    }
  });

  it('must agree in their gradients', () => {
    const index = new LookalikeIndex(matrix({ 1: 1, 2: 1 }));
    index.add(picture(1, base));
    expect(index.find(picture(2, [base[0], base[1], (base[2] ^ 0x3ff) >>> 0, base[3]]))).not.toBeNull();
    expect(index.find(picture(2, [base[0], base[1], (base[2] ^ 0x7ff) >>> 0, base[3]]))).toBeNull();
  });

  it('of the same file need no hash; a picture is not its own lookalike; the most like one is given', () => {
    const index = new LookalikeIndex(matrix({ 1: 0.99, 2: 0.9, 3: 1 }));
    index.add(picture(1, base, 'aaaaaaaaaaaaaaaa'));
    index.add(picture(2, base, 'bbbbbbbbbbbbbbbb'));
    expect(index.find(picture(9, null, 'bbbbbbbbbbbbbbbb'))).toMatchObject({ imageId: 2, sameFile: true });
    expect(index.find(picture(3, base))).toMatchObject({ imageId: 1, bits: 0, cosine: expect.closeTo(0.99) });
    expect(index.find(picture(1, base, 'aaaaaaaaaaaaaaaa'))).toMatchObject({ imageId: 2 });
    expect(index.find(picture(9, null, 'no hash'))).toBeNull();
    expect(new LookalikeIndex(null).find(picture(1, base))).toBeNull();
  });

  it('form groups around the first that came, and no chains', () => {
    const groups = new LookalikeGroups(null);
    // 1 and 2 are alike, 2 and 3 are, but not 1 and 3; 4 is a copy of the file of 3; nobody is like 5.
    groups.add(picture(1, base, 'a1'));
    groups.add(picture(2, withBits(2), 'a2'));
    groups.add(picture(3, withBits(4), 'a3'));
    groups.add(picture(4, null, 'a3'));
    groups.add(picture(5, withBits(20), 'a5'));
    expect(groups.groups().map(({ first, others }) => [first, ...others.map(({ imageId }) => imageId)])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('find jittered copies among pictures that are no copies', () => {
    const random = createRandom(5);
    const groups = new LookalikeGroups(null);
    for (const i of numbers(300)) groups.add(picture(i, perceptualHash(patches(i))));
    for (const i of numbers(300)) groups.add(picture(1000 + i, perceptualHash(copied(patches(i), random))));
    const found = groups.groups();
    const wrong = found.filter(({ first, others }) => others.some(({ imageId }) => imageId % 1000 !== first));
    expect(wrong).toEqual([]);
    expect(found.length).toBeGreaterThan(240);
  });
});
