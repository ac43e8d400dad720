type MarkerShape = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'inverted';

interface LineStyle {
  /** Lengths in CSS pixels; empty for a solid line. */
  readonly dash: readonly number[];
  readonly marker: MarkerShape;
}

/** Distinguish the lines of a chart without colours. */
const styles: readonly LineStyle[] = [
  { dash: [], marker: 'circle' },
  { dash: [9, 4], marker: 'square' },
  { dash: [2, 3], marker: 'triangle' },
  { dash: [10, 3, 2, 3], marker: 'diamond' },
  { dash: [5, 3], marker: 'cross' },
  { dash: [12, 3, 2, 3, 2, 3], marker: 'inverted' },
];

export function lineStyle(style: number): LineStyle {
  return styles[style % styles.length] ?? { dash: [], marker: 'circle' };
}

/** The item for a line. After the last item, the first follows. */
export function itemForLine<T>(items: readonly T[], style: number, otherwise: T): T {
  return items[style % Math.max(1, items.length)] ?? otherwise;
}

/** The corners of a marker around (0, 0); null for a circle. */
export function markerCorners(marker: MarkerShape, radius: number): readonly (readonly [number, number])[] | null {
  const r = radius;
  switch (marker) {
    case 'circle':
      return null;
    case 'square':
      return box(r * 0.88);
    case 'triangle':
      return [
        [0, -r * 1.15],
        [r * 1.1, r * 0.8],
        [-r * 1.1, r * 0.8],
      ];
    case 'inverted':
      return [
        [0, r * 1.15],
        [-r * 1.1, -r * 0.8],
        [r * 1.1, -r * 0.8],
      ];
    case 'diamond':
      return [
        [0, -r * 1.25],
        [r * 1.25, 0],
        [0, r * 1.25],
        [-r * 1.25, 0],
      ];
    case 'cross':
      return plus(r * 1.15, r * 0.4);
  }
}

function box(half: number): readonly (readonly [number, number])[] {
  return [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
  ];
}

function plus(long: number, thin: number): readonly (readonly [number, number])[] {
  return [
    [-thin, -long],
    [thin, -long],
    [thin, -thin],
    [long, -thin],
    [long, thin],
    [thin, thin],
    [thin, long],
    [-thin, long],
    [-thin, thin],
    [-long, thin],
    [-long, -thin],
    [-thin, -thin],
  ];
}

/**
 * The points of a line with a marker: one in `every` points, the last one, and points without a neighbour, which the line
 * does not show.
 */
export function markedPoints(
  values: readonly (number | null | undefined)[],
  from: number,
  to: number,
  every: number,
  bridged: boolean,
): number[] {
  const present = values.flatMap((value, index) => (value == null || index < from || index > to ? [] : [index]));
  const last = present.at(-1);
  const alone = (index: number): boolean => !bridged && values[index - 1] == null && values[index + 1] == null;
  return present.filter((index, place) => place % Math.max(1, every) === 0 || index === last || alone(index));
}
