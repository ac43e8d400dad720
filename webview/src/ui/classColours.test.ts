import { describe, expect, it } from 'vitest';
import { contrast, parseColour, textColourOn, type Rgb } from './colours.ts';
import { classColour } from './classColours.ts';

/** Simulations of full colour deficiency on linear RGB: Machado, Oliveira and Fernandes (2009), severity 1. */
const deficiencies: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  none: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function perceived(colour: Rgb, matrix: readonly (readonly [number, number, number])[]): number[] {
  const linear = colour.map((value) => (value / 255) ** 2.2);
  const rgb = matrix.map((row) =>
    Math.max(
      0,
      row.reduce((sum, weight, i) => sum + weight * (linear[i] ?? 0), 0),
    ),
  );
  // OKLab (Ottosson 2020), in which distances match perceived differences.
  const [r = 0, g = 0, b = 0] = rgb;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

describe('class colours', () => {
  it.each(Object.entries(deficiencies))('distinguish the first six classes with %s', (_name, matrix) => {
    const colours = Array.from({ length: 6 }, (_, id) => perceived(classColour(id), matrix));
    for (const [place, one] of colours.entries()) {
      for (const other of colours.slice(place + 1)) {
        const distance = Math.hypot(...one.map((value, i) => value - (other[i] ?? 0)));
        // Two just noticeable differences are about 0.04.
        expect(distance).toBeGreaterThan(0.04);
      }
    }
  });

  it('leave the text on them readable', () => {
    for (let id = 0; id < 200; id++) {
      const colour = classColour(id);
      const text = parseColour(textColourOn(colour));
      expect(text === null ? 0 : contrast(colour, text)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('are constant for a class, and differ between classes', () => {
    expect(classColour(3)).toEqual(classColour(3));
    const all = Array.from({ length: 80 }, (_, id) => JSON.stringify(classColour(id)));
    expect(new Set(all).size).toBeGreaterThan(75);
  });
});
