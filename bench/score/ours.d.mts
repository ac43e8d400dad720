import type { ProductPaths } from '../../extension/src/composition/productPaths.ts';
import type { Ports } from '../../extension/src/workflow/ports/ports.ts';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';
import type { ModelVersionRow } from '../../extension/src/workflow/ports/store/models.ts';

export function openOurs(options: {
  readonly folder: string;
  readonly paths: readonly string[];
  readonly model: ModelFiles;
  readonly imageSize: number;
  readonly productPaths: ProductPaths;
}): Promise<{
  readonly ports: Ports;
  run(files?: ModelFiles): Promise<{ readonly version: ModelVersionRow; readonly seconds: number }>;
  close(): Promise<void>;
}>;
