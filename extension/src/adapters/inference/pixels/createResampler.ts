import { resampleInto, type Resampler } from './resample.ts';
import { createSimdResampler } from './simdResampler.ts';

/** The fastest resampler for this machine. All resamplers give identical results. */
export function createResampler(): Resampler {
  return createSimdResampler() ?? createPlainResampler();
}

/** For machines without vector instructions. */
export function createPlainResampler(): Resampler {
  let memory = new Float32Array(0);
  return {
    resample: (image, placement) => {
      const length = 3 * placement.width * placement.height;
      if (memory.length < length) memory = new Float32Array(length);
      resampleInto(image, placement, memory);
      return memory.subarray(0, length);
    },
  };
}
