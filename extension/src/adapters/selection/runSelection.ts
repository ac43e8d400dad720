import { createRandom } from '../../core/random.ts';
import { plainKernel } from '../../core/selection/kernel.ts';
import { strategyById } from '../../core/selection/registry.ts';
import type { SelectionResult } from '../../core/selection/strategy.ts';
import type { SelectionRequest } from '../../workflow/ports/selector.ts';
import { createSimdKernel } from './simdKernel.ts';

/** Selects a batch on the calling thread, with the fastest available kernel. */
export function runSelection({ strategy, pool, context, seed }: SelectionRequest): SelectionResult {
  const kernel = createSimdKernel() ?? plainKernel;
  return strategyById(strategy).select(pool, { ...context, kernel, random: createRandom(seed) });
}
