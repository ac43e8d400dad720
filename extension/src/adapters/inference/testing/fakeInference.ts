import { basename } from 'node:path';
import type { Inference, InferenceImage, InferenceResult } from '../../../workflow/ports/inference.ts';
import type { Candidate } from '../provider/chooseInference.ts';
import { InferenceError } from '../inferenceError.ts';

/** Fake inferences without a model, on a clock that only they advance. */

export type PredictedImage = InferenceResult & { readonly ok: true };

export interface Behaviour {
  /** Milliseconds per image. */
  readonly cost?: number;
  /** Images per batch. The results of a batch arrive together. */
  readonly batch?: number;
  readonly there?: boolean;
  /** Crashes in this call at this image, both counted from 1. */
  readonly failsAt?: readonly [call: number, image: number];
  /** Stops responding in every call from this image on. */
  readonly hangsAt?: number;
  /** Requests one image ahead of the current one, as an inference with a pipeline does. */
  readonly prefetches?: boolean;
  /** Replaces the expected result. */
  readonly alter?: (result: PredictedImage) => InferenceResult;
}

export interface Fake extends Candidate {
  /** The files that it predicted, in all calls. */
  readonly seen: string[];
  calls: number;
}

export const fakeClock = {
  ms: 0,
  now: (): number => fakeClock.ms,
};

/** Images `1.png`, `2.png`, … */
export function pictures(count: number): InferenceImage[] {
  return Array.from({ length: count }, (_, index) => ({ imageId: index + 1, absolutePath: `${index + 1}.png` }));
}

/** The result of a correct model; depends on the file name. */
export function expectedResult({ imageId, absolutePath }: InferenceImage): PredictedImage {
  const shift = Number.parseInt(basename(absolutePath), 10) % 7;
  const box = { x1: shift, y1: 0, x2: 100 + shift, y2: 100 };
  const classScores = { classIds: [0, 1], scores: [0.9, 0.2] };
  return {
    ok: true,
    imageId,
    width: 200,
    height: 200,
    bestScore: 0.9,
    detections: [{ classId: 0, confidence: 0.9, box, classScores, localisationEntropy: 0.3 }],
    flipped: [{ classId: 0, confidence: 0.9, box }],
    embedding: Float32Array.of(1, shift / 10, (shift * shift) / 50),
  };
}

export function fake(name: string, behaviour: Behaviour = {}): Fake {
  const {
    cost = 10,
    batch = 1,
    there = true,
    failsAt = [0, 0],
    hangsAt = 0,
    alter = (one: PredictedImage) => one,
  } = behaviour;
  const { prefetches = false } = behaviour;
  const self: Fake = {
    name: () => name,
    batch,
    seen: [],
    calls: 0,
    available: () => Promise.resolve(there),
    inference: { predict, close: () => Promise.resolve() },
  };

  async function* predict(_: unknown, images: Parameters<Inference['predict']>[1]): AsyncGenerator<InferenceResult> {
    self.calls += 1;
    let place = 0;
    for await (const together of batches(prefetches ? oneAhead(images) : images, batch)) {
      fakeClock.ms += cost * together.length;
      for (const image of together) {
        place += 1;
        if (self.calls === failsAt[0] && place === failsAt[1]) {
          throw new InferenceError('worker-failed', 'No memory.', 'Buy some.');
        }
        if (place === hangsAt) await new Promise(() => undefined);
        self.seen.push(image.absolutePath);
        yield alter(expectedResult(image));
      }
    }
  }
  return self;
}

async function* oneAhead(
  images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>,
): AsyncGenerator<InferenceImage> {
  const source = Symbol.asyncIterator in images ? images[Symbol.asyncIterator]() : images[Symbol.iterator]();
  let next = Promise.resolve(source.next());
  for (let step = await next; step.done !== true; step = await next) {
    next = Promise.resolve(source.next());
    yield step.value;
  }
}

async function* batches(
  images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>,
  size: number,
): AsyncGenerator<InferenceImage[]> {
  let open: InferenceImage[] = [];
  for await (const image of images) {
    open.push(image);
    if (open.length < size) continue;
    yield open;
    open = [];
  }
  if (open.length > 0) yield open;
}
