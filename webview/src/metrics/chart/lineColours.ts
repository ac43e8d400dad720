import { readable, type Rgb } from '../../ui/colours.ts';

/**
 * One colour for each line. The theme's colour is used unless an earlier line has almost the same hue, as in themes that
 * give two tokens one hue.
 * @param themeColours null if the theme has no such colour.
 * @param fallbacks our colours, one for each line.
 * @param ratio the minimum contrast with the background.
 */
export function lineColours(
  themeColours: readonly (Rgb | null)[],
  fallbacks: readonly Rgb[],
  background: Rgb,
  ratio: number,
): Rgb[] {
  const chosen: Rgb[] = [];
  for (const [index, fallback] of fallbacks.entries()) {
    const themeColour = themeColours[index] ?? null;
    const unusable = themeColour === null || chosen.some((other) => haveSimilarHue(other, themeColour));
    chosen.push(readable(unusable ? fallback : themeColour, background, ratio));
  }
  return chosen;
}

/** Whether two colours have almost the same hue, or both are grey. */
function haveSimilarHue(a: Rgb, b: Rgb): boolean {
  const [first, second] = [hue(a), hue(b)];
  if (first === null || second === null) return first === second;
  const distance = Math.abs(first - second);
  return Math.min(distance, 360 - distance) < 25;
}

/** The hue in degrees; null for grey. */
function hue([red, green, blue]: Rgb): number | null {
  const highest = Math.max(red, green, blue);
  const range = highest - Math.min(red, green, blue);
  if (range < 24) return null;
  if (highest === red) return (60 * ((green - blue) / range) + 360) % 360;
  return highest === green ? 60 * ((blue - red) / range + 2) : 60 * ((red - green) / range + 4);
}
