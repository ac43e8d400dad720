import type { GridBoxView } from '../../../../extension/src/protocol/grid.ts';

/** The boxes of one class as one SVG path, in fractions of the image. */
export interface BoxPath {
  readonly classId: number;
  readonly path: string;
}

/** One path a class, so that an image with hundreds of boxes stays a few elements. */
export function boxPaths(boxes: readonly GridBoxView[]): readonly BoxPath[] {
  const paths = new Map<number, string[]>();
  for (const { classId, x, y, width, height } of boxes) {
    const part = `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
    const known = paths.get(classId);
    if (known) known.push(part);
    else paths.set(classId, [part]);
  }
  return [...paths].map(([classId, parts]) => ({ classId, path: parts.join('') }));
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
