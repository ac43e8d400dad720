import { classNames, type DefectClass } from './defects/defect.ts';
import type { SeenDefect } from './render.ts';

/** Counts of one group of images. */
export interface SampleCount {
  readonly images: number;
  /** Images without any defect. */
  readonly backgrounds: number;
  readonly boxes: Readonly<Record<DefectClass, number>>;
}

/** `data.yaml` without `path`: the folders are relative to the file itself, wherever it is moved. */
export function dataYaml(): string {
  const names = classNames.map((name, id) => `  ${id}: ${name}`).join('\n');
  return `# Sample project: defects on machined parts. See README.md.\ntrain: images/train\nval: images/val\nnames:\n${names}\n`;
}

/** YOLO rows `class x y w h`, relative to the picture, six decimals; empty without defects. */
export function labelText(seen: readonly SeenDefect[], width: number, height: number): string {
  return seen
    .map(({ kind, box }) => {
      const numbers = [
        (box.left + box.right) / 2 / width,
        (box.top + box.bottom) / 2 / height,
        (box.right - box.left) / width,
        (box.bottom - box.top) / height,
      ];
      return `${classNames.indexOf(kind)} ${numbers.map((value) => value.toFixed(6)).join(' ')}\n`;
    })
    .join('');
}

interface ReadmeFacts {
  readonly seed: number;
  readonly labelled: SampleCount;
  readonly pool: SampleCount;
  readonly validation: SampleCount;
}

function countRow(name: string, count: SampleCount): string {
  const boxes = classNames.map((kind) => count.boxes[kind]).join(' | ');
  return `| ${name} | ${count.images} | ${count.backgrounds} | ${boxes} |`;
}

/** The README of the folder: what it is and how to use it. */
export function readme(facts: ReadmeFacts): string {
  return `# Sample project: defects on machined parts

Rendered pictures of turned and milled parts with four kinds of defects, made to try the active-learning loop. No
photograph and no real part is shown; the pictures are free to use. Generated with seed ${facts.seed}.

| images | count | without defects | ${classNames.join(' | ')} |
|---|---|---|${classNames.map(() => '---|').join('')}
${countRow('labelled', facts.labelled)}
${countRow('pool, not labelled', facts.pool)}
${countRow('validation', facts.validation)}

- Open \`data.yaml\` and create a session: the first training takes the labelled images of \`images/train\`, those with a
  file in \`labels/train\`. An empty file there means a part without defects; no file means not labelled yet.
- The other images of \`images/train\` are the pool, from which the most valuable are chosen for your review.
- \`images/val\` is labelled completely and measures the progress. It never trains.
- \`part-0042-1\` and \`part-0042-2\` are two frames of one part, nearly the same picture.
- \`.truth/labels/train\` holds the labels of the pool, kept aside: compare your own with them, or let a simulation
  answer in your place. Copied to \`labels/train\`, they would label everything.
`;
}
