import { describe, expect, it } from 'vitest';
import type { InferenceImage } from '../../../workflow/ports/inference.ts';
import { pictures } from '../testing/fakeInference.ts';
import { RemainingImages } from './remaining.ts';

async function idsOf(images: AsyncIterable<InferenceImage>): Promise<number[]> {
  const found: number[] = [];
  for await (const { imageId } of images) found.push(imageId);
  return found;
}

function* failing(): Generator<InferenceImage> {
  yield* pictures(1);
  throw new Error('disk');
}

describe('Remaining', () => {
  it('yields the images read ahead, then the rest, and those without a result again', async () => {
    const rest = RemainingImages.of(pictures(5).slice(0, 2), pictures(5).slice(2).values());
    const images = rest[Symbol.asyncIterator]();
    for (let at = 0; at < 3; at++) await images.next();
    rest.done(2);
    expect(rest.isOver).toBe(false);
    expect(await idsOf(rest.again())).toStrictEqual([1, 3, 4, 5]);
  });

  it.each([['one'], ['a last one']])('loses no image that is being read when it is replaced: %s', async (which) => {
    const arrivals = which === 'one' ? pictures(4) : pictures(2);
    let arrive: (() => void) | undefined;
    const second = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    async function* source(): AsyncGenerator<InferenceImage> {
      for (const image of arrivals) {
        if (image.imageId === 2) await second;
        yield image;
      }
    }
    const rest = RemainingImages.of([], source());
    const dead = rest[Symbol.asyncIterator]();
    await dead.next();
    const late = dead.next();
    const found = idsOf(rest.again());
    await new Promise((resolve) => setImmediate(resolve));
    arrive?.();
    expect((await late).done).toBe(true);
    expect(await found).toStrictEqual(arrivals.map(({ imageId }) => imageId));
  });

  it('yields every image once to a consumer with several pending reads', async () => {
    const rest = RemainingImages.of([], pictures(6).values());
    const images = rest[Symbol.asyncIterator]();
    const steps = await Promise.all(Array.from({ length: 8 }, () => images.next()));
    expect(steps.map(({ value }) => (value as InferenceImage | undefined)?.imageId)).toStrictEqual([
      1,
      2,
      3,
      4,
      5,
      6,
      undefined,
      undefined,
    ]);
  });

  it('throws the error of its source on every read', async () => {
    const rest = RemainingImages.of([], failing());
    await expect(idsOf(rest)).rejects.toThrow('disk');
    expect(() => rest.throwIfSourceFailed()).toThrow('disk');
    // The image without a result comes first.
    const again = rest.again()[Symbol.asyncIterator]();
    expect((await again.next()).value).toMatchObject({ imageId: 1 });
    await expect(again.next()).rejects.toThrow('disk');
  });
});
