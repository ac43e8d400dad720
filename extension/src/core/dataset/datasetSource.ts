import * as z from 'zod';
import type { DatasetSource } from './types.ts';

const texts = z.array(z.string());

/** A dataset source as it is stored and printed. */
export const datasetSourceSchema: z.ZodType<DatasetSource> = z.union([
  z.object({ kind: z.literal('yaml'), path: z.string(), poolFolders: texts }),
  z.object({ kind: z.literal('folder'), path: z.string(), classNames: texts, poolFolders: texts }),
]);
