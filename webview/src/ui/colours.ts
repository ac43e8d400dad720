/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];

/** Parses `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` and `rgba(…)` without the opacity. Null for anything else. */
export function parseColour(text: string): Rgb | null {
  const trimmed = text.trim().toLowerCase();
  const short = /^#([\da-f])([\da-f])([\da-f])[\da-f]?$/.exec(trimmed);
  if (short) return rgbOf(short, (digit) => Number.parseInt(digit + digit, 16));
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})(?:[\da-f]{2})?$/.exec(trimmed);
  if (long) return rgbOf(long, (digits) => Number.parseInt(digits, 16));
  const call = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/.exec(trimmed);
  return call ? rgbOf(call, Number) : null;
}

/** The contrast ratio of WCAG 2: 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Whether white text is easier to read on the background than black text. */
export function isDark(background: Rgb): boolean {
  return contrast(background, white) > contrast(background, black);
}

/** The colour, moved towards black or white until its contrast with the background is `ratio` or more. */
export function readable(colour: Rgb, background: Rgb, ratio: number): Rgb {
  const target = isDark(background) ? white : black;
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, target, share);
    if (contrast(mixed, background) >= ratio) return mixed;
  }
  return target;
}

/** A mixture with `share` (0 to 1) of `b`. */
function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [0, 1, 2].map((part) => Math.round((a[part] ?? 0) * (1 - share) + (b[part] ?? 0) * share)) as unknown as Rgb;
}

/** Black or white, whichever is easier to read on the colour. */
export function textColourOn(colour: Rgb): '#000000' | '#ffffff' {
  return isDark(colour) ? '#ffffff' : '#000000';
}

export function toCss([red, green, blue]: Rgb, opacity = 1): string {
  return opacity === 1 ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}

/** The relative luminance of WCAG 2. */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function rgbOf(match: RegExpExecArray, parse: (text: string) => number): Rgb {
  return [parse(match[1] ?? '0'), parse(match[2] ?? '0'), parse(match[3] ?? '0')];
}
