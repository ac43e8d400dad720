import { LabelError } from '../../core/dataset/errors.ts';
import { contentProblem } from '../../core/dataset/labelFile.ts';
import { labelPathOf } from '../../core/dataset/labelPaths.ts';
import { labelProblem } from '../../core/dataset/labelProblems.ts';
import type { DatasetProblem } from '../../core/dataset/types.ts';
import type { ImageLocation, LabelContent, LabelSource } from '../ports/labelSource.ts';

/** A label as read from disk. `problem` is set if it is unusable; the image then counts nowhere. */
export type LabelReading =
  | { readonly label: LabelContent | null; readonly problem: null }
  | { readonly label: null; readonly problem: DatasetProblem };

/**
 * Reads the label of an image. An unusable label affects only its image: a folder or FIFO instead of the file, a broken
 * link, a missing permission, another encoding, or a pointer file of Git LFS.
 * @throws errors that do not concern this label alone.
 */
export async function readLabel(labels: Pick<LabelSource, 'read'>, image: ImageLocation): Promise<LabelReading> {
  try {
    const label = await labels.read(image);
    const code = label === null ? null : contentProblem(label.text);
    if (code === null) return { label, problem: null };
    const file = labelPathOf(`${image.rootPath}/${image.relativePath}`);
    const { message, hint } = labelProblem({ code, line: 1 });
    const named = message.replace('The label file', `The label file ${file}`);
    return {
      label: null,
      problem: { severity: 'error', code, message: `${named} Its image is left out.`, hint, file },
    };
  } catch (error) {
    if (!(error instanceof LabelError) || error.code !== 'unreadable') throw error;
    const { message, hint, where } = error;
    const problem = { severity: 'error', code: 'label-unreadable', message, hint } as const;
    return { label: null, problem: where === undefined ? problem : { ...problem, file: where } };
  }
}
