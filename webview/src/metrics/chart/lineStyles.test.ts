import { describe, expect, it } from 'vitest';
import { contrast, parseColour, readable, type Rgb } from '../../ui/colours.ts';
import { lineColours } from './lineColours.ts';
import { lineStyle, markedPoints, markerCorners } from './lineStyles.ts';

const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];
const own: readonly Rgb[] = [
  [0, 99, 211],
  [184, 92, 0],
];

describe('colours', () => {
  it('are parsed in the formats of themes', () => {
    expect(parseColour(' #1a85ff ')).toEqual([26, 133, 255]);
    expect(parseColour('#fff')).toEqual([255, 255, 255]);
    expect(parseColour('#0102037f')).toEqual([1, 2, 3]);
    expect(parseColour('rgba(1, 2, 3, 0.5)')).toEqual([1, 2, 3]);
    expect(parseColour('rgb(1 2 3 / 50%)')).toEqual([1, 2, 3]);
    expect(parseColour('')).toBeNull();
    expect(parseColour('tomato')).toBeNull();
  });

  it('have the contrast that WCAG defines', () => {
    expect(contrast(white, black)).toBeCloseTo(21);
    expect(contrast([119, 119, 119], white)).toBeCloseTo(4.48, 2);
  });

  it('are changed until they have enough contrast', () => {
    for (const background of [white, black, [31, 31, 31], [128, 128, 128]] as const)
      for (const colour of [
        [255, 255, 0],
        [10, 10, 10],
        [128, 128, 128],
      ] as const)
        expect(contrast(readable(colour, background, 3), background)).toBeGreaterThanOrEqual(3);
    expect(readable([0, 99, 211], white, 3)).toEqual([0, 99, 211]);
  });

  it('come from the theme unless two have the same hue', () => {
    expect(
      lineColours(
        [
          [26, 100, 220],
          [140, 80, 0],
        ],
        own,
        white,
        3,
      ),
    ).toEqual([
      [26, 100, 220],
      [140, 80, 0],
    ]);
    // In the light high-contrast theme, blue and orange are almost the same blue.
    expect(
      lineColours(
        [
          [0, 99, 211],
          [15, 74, 133],
        ],
        own,
        white,
        3,
      )[1],
    ).toEqual(own[1]);
    expect(lineColours([null, null], own, white, 3)).toEqual(own);
  });
});

describe('lines', () => {
  it('can be distinguished without colours', () => {
    const looks = [0, 1, 2, 3, 4, 5].map((style) => JSON.stringify(lineStyle(style)));
    expect(new Set(looks).size).toBe(6);
    const shapes = [0, 1, 2, 3, 4, 5].map((style) => JSON.stringify(markerCorners(lineStyle(style).marker, 3)));
    expect(new Set(shapes).size).toBe(6);
    expect(lineStyle(7)).toEqual(lineStyle(1));
  });

  it('mark some points, the last one, and those without a neighbour', () => {
    const values = [1, 2, 3, null, 5, null, 7, 8, null];
    expect(markedPoints(values, 0, 8, 1, false)).toEqual([0, 1, 2, 4, 6, 7]);
    expect(markedPoints(values, 0, 8, 100, false)).toEqual([0, 4, 7]);
    expect(markedPoints(values, 0, 8, 100, true)).toEqual([0, 7]);
    expect(markedPoints([0.5], 0, 0, 10, true)).toEqual([0]);
    expect(markedPoints(values, 6, 7, 1, true)).toEqual([6, 7]);
    expect(markedPoints([null], 0, 0, 1, true)).toEqual([]);
  });
});
