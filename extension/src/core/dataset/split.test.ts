import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitValidation, type SplitItem } from './split.ts';
import { growValidation } from './validationGrowth.ts';

const items = (
  count: number,
  classesOf: (i: number) => number[],
  groupOf: (i: number) => string | null = () => null,
): SplitItem[] => Array.from({ length: count }, (_, id) => ({ id, classIds: classesOf(id), group: groupOf(id) }));

const share = (all: readonly SplitItem[], ids: readonly number[], classId: number): number => {
  const holders = all.filter((item) => item.classIds.includes(classId));
  return holders.filter((item) => ids.includes(item.id)).length / holders.length;
};

const areTogether = (a: SplitItem, b: SplitItem): boolean =>
  (a.group !== null && a.group === b.group) || (a.contentHash !== null && a.contentHash === b.contentHash);

const image = (id: number, group: string | null = null): { id: number; group: string | null } => ({ id, group });

describe('splitValidation', () => {
  it('sets a fifth aside, and a fifth of each class, rare ones too', () => {
    const all = items(500, (i) => [
      ...(i % 2 === 0 ? [0] : []),
      ...(i % 3 === 0 ? [1] : []),
      ...(i % 50 === 1 ? [2] : []),
    ]);
    const ids = splitValidation(all, { share: 0.2, seed: 1 });
    expect(ids.length).toBeGreaterThan(90);
    expect(ids.length).toBeLessThan(110);
    expect(share(all, ids, 0)).toBeCloseTo(0.2, 1);
    expect(share(all, ids, 1)).toBeCloseTo(0.2, 1);
    expect(share(all, ids, 2)).toBeCloseTo(0.2, 9);
  });

  it('depends on the seed alone', () => {
    const all = items(100, (i) => [i % 4]);
    const ids = splitValidation(all, { share: 0.2, seed: 7 });
    expect(splitValidation(all, { share: 0.2, seed: 7 })).toEqual(ids);
    expect(splitValidation(all, { share: 0.2, seed: 8 })).not.toEqual(ids);
  });

  it('keeps a class that one image shows in training', () => {
    const all = items(20, (i) => (i === 3 ? [0, 1] : [0]));
    expect(splitValidation(all, { share: 0.2, seed: 3 })).not.toContain(3);
  });

  it('never divides a group, whatever joins it', () => {
    const one = fc.record({
      classIds: fc.array(fc.nat(3), { maxLength: 3 }),
      group: fc.option(fc.constantFrom('a', 'b', 'c', 'd')),
      contentHash: fc.option(fc.constantFrom('1', '2', '3', '4', '5')),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), fc.nat(), (rows, seed) => {
        const all = rows.map((row, id) => ({ ...row, id }));
        const chosen = new Set(splitValidation(all, { share: 0.2, seed }));
        const divided = all.flatMap((a) =>
          all.filter((b) => areTogether(a, b) && chosen.has(a.id) !== chosen.has(b.id)),
        );
        expect(divided).toEqual([]);
      }),
    );
  });

  it('gives both sides something where it can', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), (count, seed) => {
        const ids = splitValidation(
          items(count, (i) => [i % 3]),
          { share: 0.2, seed },
        );
        expect(ids.length).toBeGreaterThan(0);
        expect(ids.length).toBeLessThan(count);
        expect(Math.abs(ids.length - count * 0.2)).toBeLessThanOrEqual(3);
      }),
    );
    expect(
      splitValidation(
        items(
          5,
          () => [0],
          () => 'one',
        ),
        { share: 0.2, seed: 0 },
      ),
    ).toEqual([]);
    expect(splitValidation([], { share: 0.2, seed: 0 })).toEqual([]);
  });
});

describe('growValidation', () => {
  it('takes half of the slice by lot', () => {
    const slice = Array.from({ length: 10 }, (_, id) => image(id));
    const counts = slice.map(() => 0);
    for (let seed = 0; seed < 400; seed++) {
      const ids = growValidation({ slice, validation: [], training: [], seed });
      expect(ids).toHaveLength(5);
      for (const id of ids) counts[id] = (counts[id] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(50);
  });

  it('stops at 100 images', () => {
    const validation = Array.from({ length: 98 }, (_, id) => image(1000 + id));
    const slice = Array.from({ length: 10 }, (_, id) => image(id));
    expect(growValidation({ slice, validation, training: [], seed: 1 })).toHaveLength(2);
    expect(growValidation({ slice, validation: [...validation, image(1), image(2)], training: [], seed: 1 })).toEqual(
      [],
    );
  });

  it('never takes what resembles a training image, always what resembles a validation image', () => {
    const slice = [image(0, 'trained'), image(1, 'validated'), image(2), image(3), image(4, 'both')];
    const validation = [image(9, 'validated'), image(7, 'both')];
    const training = [image(8, 'trained'), image(6, 'both')];
    for (let seed = 0; seed < 20; seed++) {
      const ids = growValidation({ slice, validation, training, seed });
      expect(ids).toContain(1);
      expect(ids).not.toContain(0);
      expect(ids).not.toContain(4);
    }
  });
});
