import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import type { EmbeddingMatrix } from '../selection/embeddings.ts';
import { groupsOf, type NearDuplicateGroup } from './groups.ts';
import { HashIndex } from './hashIndex.ts';
import { hexNumber } from './hexNumber.ts';
import { NearDuplicateFinder } from './nearDuplicates.ts';
import { differingBits, hashText, parseHash, perceptualHash, type PerceptualHash } from './perceptualHash.ts';
import { contentKey, HashedImages, type HashedImage } from './hashedImages.ts';
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

  it('are cut into numbers, and contents are known by their first 13 digits', () => {
    expect(hexNumber('00ff', 2, 4)).toBe(255);
    expect(hexNumber('ffffffff', 0, 8)).toBe(2 ** 32 - 1);
    for (const [text, to] of [['12', 3] as const, ['1G', 2] as const]) expect(hexNumber(text, 0, to)).toBeNaN();
    const contentHash = '89abcdef01234' + 'f'.repeat(51);
    expect(contentKey(contentHash)).toBe(0x89abcdef01234);
    expect(contentKey('another text')).not.toBe(contentKey('another texts'));
    expect(contentKey(null)).toBeNaN();
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

function indexOf(hashes: readonly PerceptualHash[]): HashIndex {
  return new HashIndex(Uint32Array.from(hashes.flat()), new Uint8Array(hashes.length).fill(1));
}

describe('the index of hashes', () => {
  it('gives every hash within 7 bits, and no other', () => {
    const random = createRandom(3);
    const hashes = numbers(5000).map(() => drawn(random));
    const all = [...hashes, ...hashes.slice(0, 400).map((hash, i) => flipped(hash, i % 8, random))];
    const index = indexOf(all);
    for (const [i, hash] of hashes.slice(0, 400).entries()) {
      for (const most of [3, 7]) {
        const found = new Map<number, number>();
        const search = { before: all.length, patience: 1e9 };
        index.near(hash[0], hash[1], most, search, (entry, bits) => found.set(entry, bits));
        const wanted = all.flatMap((other, entry) => {
          const bits = bitsBetween(hash, other, [0, 1]);
          return bits <= most ? [[entry, bits] as const] : [];
        });
        expect([...found].toSorted(([a], [b]) => a - b)).toEqual(wanted);
      }
      expect(bitsBetween(hash, all[5000 + i] ?? hash, [0, 1])).toBe(i % 8);
    }
  });

  it.each([2, 6, 7])('marks whatever has an earlier hash within %i bits, and little else', (most) => {
    const random = createRandom(most);
    const hashes = numbers(3000).map(() => drawn(random));
    const all = [...hashes, ...hashes.slice(0, 400).map((hash, i) => flipped(hash, i % 9, random))];
    const marked = [...indexOf(all).withEarlier(most).entries()].flatMap(([entry, mark]) =>
      mark === 1 ? [entry] : [],
    );
    expect(marked).toEqual(numbers(400).flatMap((i) => (i % 9 <= most ? [3000 + i] : [])));
  });

  it('marks all of what is too much to compare', () => {
    const random = createRandom(8);
    const scene = numbers(100).map((): PerceptualHash => [0x1234, drawn(random)[0], 0, 0]);
    const marked = indexOf([[0xffff0000, 0, 0, 0], ...scene]).withEarlier(6);
    expect(marked[0]).toBe(0);
    expect(marked.subarray(1)).toEqual(new Uint8Array(100).fill(1));
  });

  it('looks only at what counts, and stops when its patience ends', () => {
    const same: PerceptualHash = [1, 2, 3, 4];
    const index = new HashIndex(Uint32Array.from([...same, ...same, ...same, ...same]), Uint8Array.of(1, 1, 0, 1));
    const near = (before: number, allowed?: Uint8Array, patience = 100): number[] => {
      const entries = new Set<number>();
      index.near(1, 2, 7, { before, patience, ...(allowed ? { allowed } : {}) }, (entry) => entries.add(entry));
      return [...entries];
    };
    expect(near(4)).toEqual([0, 1, 3]);
    expect(near(3)).toEqual([0, 1]);
    expect(near(4, Uint8Array.of(0, 1, 1, 1))).toEqual([1, 3]);
    expect(near(4, undefined, 2)).toEqual([0, 1]);
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
const picture = (imageId: number, hash: PerceptualHash | null, contentHash: string | null = null): HashedImage => ({
  imageId,
  hash,
  contentHash,
});

const listOf = (...all: readonly HashedImage[]): HashedImages => {
  const list = new HashedImages();
  for (const one of all) list.add(one);
  return list;
};

const finder = (vectors: EmbeddingMatrix | null, ...all: readonly HashedImage[]): NearDuplicateFinder =>
  new NearDuplicateFinder(listOf(...all), vectors);

const grouped = (...all: readonly HashedImage[]): NearDuplicateGroup[] => groupsOf(listOf(...all), null);
const idsOf = ({ first, others }: NearDuplicateGroup): number[] => [first, ...others.map(({ imageId }) => imageId)];

describe('lists of pictures', () => {
  it('are joined one after the other', () => {
    const joined = HashedImages.joined([
      listOf(picture(7, base, 'c')),
      listOf(),
      listOf(picture(2, null, 'a'), picture(3, withBits(3))),
    ]);
    expect(joined.size).toBe(3);
    expect(numbers(3).map((entry) => joined.imageIdOf(entry))).toEqual([7, 2, 3]);
    expect(numbers(3).map((entry) => joined.hashOf(entry))).toEqual([base, null, withBits(3)]);
    expect([joined.firstOf(contentKey('a')), joined.firstOf(contentKey('b'))]).toEqual([1, -1]);
  });
});

describe('near duplicates', () => {
  it.each([
    [0, 0.84, false],
    [4, 0.86, true],
    [5, 0.94, false],
    [6, 0.96, true],
    [7, 1, false],
  ])('that differ in %i bits with a cosine of %d: %s', (bits, cosine, alike) => {
    const index = finder(matrix({ 1: 1, 2: cosine }), picture(1, base));
    expect(index.find(picture(2, withBits(bits)))?.imageId).toBe(alike ? 1 : undefined);
  });

  it.each([
    [2, true],
    [3, false],
  ])('that differ in %i bits, without a vector of one: %s', (bits, alike) => {
    for (const vectors of [null, matrix({ 1: 1 }), matrix({ 2: 1 })]) {
      const index = finder(vectors, picture(1, base));
      expect(index.find(picture(2, withBits(bits))) !== null).toBe(alike);
    }
  });

  it('must agree in their gradients', () => {
    const index = finder(matrix({ 1: 1, 2: 1 }), picture(1, base));
    expect(index.find(picture(2, [base[0], base[1], (base[2] ^ 0x3ff) >>> 0, base[3]]))).not.toBeNull();
    expect(index.find(picture(2, [base[0], base[1], (base[2] ^ 0x7ff) >>> 0, base[3]]))).toBeNull();
  });

  it('need no hash for the same file; an image is not its own duplicate; the best match is returned', () => {
    const index = finder(
      matrix({ 1: 0.99, 2: 0.9, 3: 1 }),
      picture(1, base, 'a'.repeat(64)),
      picture(2, base, 'b'.repeat(64)),
    );
    expect(index.find(picture(9, null, 'b'.repeat(64)))).toMatchObject({ imageId: 2, sameFile: true });
    expect(index.find(picture(3, base))).toMatchObject({ imageId: 1, bits: 0, cosine: expect.closeTo(0.99) });
    expect(index.find(picture(1, base, 'a'.repeat(64)))).toMatchObject({ imageId: 2 });
    expect(index.find(picture(9, null, null))).toBeNull();
    expect(finder(null).find(picture(1, base))).toBeNull();
  });

  it('form groups around the first that came, and no chains', () => {
    // 1 and 2 are alike, 2 and 3 are, but not 1 and 3; 4 is a copy of the file of 3; nobody is like 5.
    const groups = grouped(
      picture(1, base, 'a1'),
      picture(2, withBits(2), 'a2'),
      picture(3, withBits(4), 'a3'),
      picture(4, null, 'a3'),
      picture(5, withBits(20), 'a5'),
      picture(6, withBits(2), 'a2'),
    );
    expect(groups.map(idsOf)).toEqual([
      [1, 2, 6],
      [3, 4],
    ]);
    expect(groups[1]?.others).toEqual([{ imageId: 4, sameFile: true, bits: 0, cosine: 1 }]);
  });

  it('find jittered copies among pictures that are no copies', () => {
    const random = createRandom(5);
    const groups = grouped(
      ...numbers(300).map((i) => picture(i, perceptualHash(patches(i)))),
      ...numbers(300).map((i) => picture(1000 + i, perceptualHash(copied(patches(i), random)))),
    );
    expect(groups.filter((group) => idsOf(group).some((id) => id % 1000 !== group.first))).toEqual([]);
    expect(groups.length).toBeGreaterThan(240);
  });
});
