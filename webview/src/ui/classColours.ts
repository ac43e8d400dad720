import type { Rgb } from './colours.ts';

/**
 * Hue (degrees) and lightness step of the first classes, after Okabe and Ito (2008, "Color Universal Design"). Classes
 * with neighbouring numbers also differ in lightness, so that people with a colour deficiency can distinguish them.
 */
const firstClasses: readonly (readonly [number, number])[] = [
  [233, 0.04],
  [70, 0.06],
  [165, -0.08],
  [345, 0],
  [103, 0.14],
  [300, -0.12],
  [40, -0.1],
  [195, 0.1],
];
const goldenAngle = 137.508;
/** OKLCH lightness (0 to 1) of colours on a photo. */
const lightness = 0.74;

/** The colour of a class on an image. */
export function classColour(classId: number): Rgb {
  const [hue, step] = firstClasses[classId] ?? [(classId * goldenAngle + 20) % 360, ((classId % 3) - 1) * 0.1];
  return oklchToRgb(lightness + step, 0.15, hue);
}

/** Converts OKLCH (Ottosson 2020) to sRGB; reduces the chroma until the colour is within sRGB. */
function oklchToRgb(l: number, chroma: number, hue: number): Rgb {
  const angle = (hue * Math.PI) / 180;
  for (let c = chroma; ; c -= 0.01) {
    const linear = oklabToLinear(l, Math.max(0, c) * Math.cos(angle), Math.max(0, c) * Math.sin(angle));
    if (c <= 0 || linear.every((value) => value >= -1e-4 && value <= 1.0001)) {
      const [red = 0, green = 0, blue = 0] = linear.map((value) =>
        Math.round(255 * companded(Math.min(1, Math.max(0, value)))),
      );
      return [red, green, blue];
    }
  }
}

function oklabToLinear(L: number, a: number, b: number): [number, number, number] {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function companded(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}
