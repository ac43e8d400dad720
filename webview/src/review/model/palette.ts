export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/**
 * Hue (degrees) and lightness step of the first classes, after Okabe and Ito (2008, "Color Universal Design"), in an
 * order that keeps neighbours apart for the common colour deficiencies: they differ in lightness, not in hue alone.
 */
const first: readonly (readonly [number, number])[] = [
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

/** The colour of a class. The same class always has the same one; `lightness` 0…1 suits it to the background. */
export function classColor(classId: number, lightness: number): Rgb {
  const known = first[classId];
  const [hue, step] = known ?? [(classId * goldenAngle + 20) % 360, ((classId % 3) - 1) * 0.1];
  return oklchToRgb(lightness + step, 0.15, hue);
}

/** Lightness for colours that are drawn on a photo. */
export const onImage = 0.74;

export function css({ r, g, b }: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}

/** Black or white, whichever reads better on the colour (WCAG 2 contrast). */
export function readableOn(color: Rgb): '#000000' | '#ffffff' {
  const light = luminance(color);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? '#000000' : '#ffffff';
}

/** Contrast of two colours, 1…21 (WCAG 2). */
export function contrast(a: Rgb, b: Rgb): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

/** OKLCH (Ottosson 2020) to sRGB of 0…255; chroma shrinks until the colour fits. */
export function oklchToRgb(lightness: number, chroma: number, hue: number): Rgb {
  const angle = (hue * Math.PI) / 180;
  for (let c = chroma; ; c -= 0.01) {
    const linear = oklabToLinear(lightness, Math.max(0, c) * Math.cos(angle), Math.max(0, c) * Math.sin(angle));
    if (c <= 0 || linear.every((value) => value >= -1e-4 && value <= 1.0001)) {
      const [r = 0, g = 0, b = 0] = linear.map((value) => Math.round(255 * companded(Math.min(1, Math.max(0, value)))));
      return { r, g, b };
    }
  }
}

function oklabToLinear(lightness: number, a: number, b: number): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function companded(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}

function luminance({ r, g, b }: Rgb): number {
  const [x = 0, y = 0, z = 0] = [r, g, b].map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}
