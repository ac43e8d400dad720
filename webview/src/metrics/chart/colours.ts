/** Red, green and blue in 0…255. */
export type Rgb = readonly [red: number, green: number, blue: number];

const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];

/** Reads `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` and `rgba(…)`; the opacity is left out. Null for anything else. */
export function parseColour(text: string): Rgb | null {
  const trimmed = text.trim().toLowerCase();
  const short = /^#([\da-f])([\da-f])([\da-f])[\da-f]?$/.exec(trimmed);
  if (short) return rgbOf(short, (digit) => Number.parseInt(digit + digit, 16));
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})(?:[\da-f]{2})?$/.exec(trimmed);
  if (long) return rgbOf(long, (digits) => Number.parseInt(digits, 16));
  const call = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/.exec(trimmed);
  return call ? rgbOf(call, Number) : null;
}

/** The contrast ratio of WCAG 2, 1…21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

export function isDark(background: Rgb): boolean {
  return contrast(background, white) > contrast(background, black);
}

/** The colour, moved towards black or white until it stands out from the background by `ratio`. */
export function readable(colour: Rgb, background: Rgb, ratio: number): Rgb {
  const target = isDark(background) ? white : black;
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, target, share);
    if (contrast(mixed, background) >= ratio) return mixed;
  }
  return target;
}

/** A mixture with `share` (0…1) of `b`. */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [0, 1, 2].map((part) => Math.round((a[part] ?? 0) * (1 - share) + (b[part] ?? 0) * share)) as unknown as Rgb;
}

export function toCss([red, green, blue]: Rgb, opacity = 1): string {
  return opacity === 1 ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}

/**
 * The colours of lines 0, 1, …: the theme's, where they stand out from the background and from each other (a theme may
 * give two tokens nearly one hue), otherwise ours.
 * @param tokens the theme's colours, null where it has none. @param own ours, as many.
 */
export function lineColours(
  tokens: readonly (Rgb | null)[],
  own: readonly Rgb[],
  background: Rgb,
  ratio: number,
): Rgb[] {
  const chosen: Rgb[] = [];
  for (const [place, fallback] of own.entries()) {
    const token = tokens[place] ?? null;
    const taken = token === null || chosen.some((other) => alike(other, token));
    chosen.push(readable(taken ? fallback : token, background, ratio));
  }
  return chosen;
}

/** Whether two colours have nearly one hue, or are both greys. */
function alike(a: Rgb, b: Rgb): boolean {
  const [first, second] = [hue(a), hue(b)];
  if (first === null || second === null) return first === second;
  const apart = Math.abs(first - second);
  return Math.min(apart, 360 - apart) < 25;
}

function hue([red, green, blue]: Rgb): number | null {
  const highest = Math.max(red, green, blue);
  const range = highest - Math.min(red, green, blue);
  if (range < 24) return null;
  if (highest === red) return (60 * ((green - blue) / range) + 360) % 360;
  return highest === green ? 60 * ((blue - red) / range + 2) : 60 * ((red - green) / range + 4);
}

/** WCAG 2, relative luminance. */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function rgbOf(found: RegExpExecArray, read: (text: string) => number): Rgb {
  return [read(found[1] ?? '0'), read(found[2] ?? '0'), read(found[3] ?? '0')];
}
