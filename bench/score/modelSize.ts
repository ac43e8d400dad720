import { statSync } from 'node:fs';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';

/** A model with the megabytes of its weights, as the product stores them of its versions: workers are counted by them. */
export function withSize(model: ModelFiles): ModelFiles & { readonly sizeMb: number } {
  return { ...model, sizeMb: model.sizeMb ?? statSync(model.weightsPath ?? model.onnxPath).size / 1e6 };
}
