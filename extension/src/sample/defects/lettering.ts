import type { Random } from '../../core/random.ts';
import { pick, wholeBetween } from '../draw/draws.ts';
import type { Point } from '../draw/view.ts';

/** Single-line glyphs on a grid 4 wide and 6 high: polylines as digit pairs "xy", separated by spaces. */
const glyphs: Readonly<Record<string, string>> = {
  '0': '1030 3041 4145 4536 3616 1605 0501 0110 0145',
  '1': '1120 2026 1636',
  '2': '0110 1030 3041 4142 4206 0646',
  '3': '0110 1030 3041 4142 4233 3344 4445 4536 3616 1605 2333',
  '4': '3004 0444 3036',
  '5': '4000 0003 0333 3344 4445 4536 3606',
  '6': '3010 1001 0105 0516 1636 3645 4544 4433 3303',
  '7': '0040 4016',
  '8': '1030 3041 4142 4233 3313 1302 0201 0110 1304 0405 0516 1636 3645 4544 4433',
  '9': '4313 1302 0201 0110 1030 3041 4145 4536 3616',
  A: '0620 2046 1434',
  B: '0006 0030 3041 4142 4233 3303 3344 4445 4536 3606',
  C: '4130 3010 1001 0105 0516 1636 3645',
  E: '4000 0006 0646 0333',
  F: '4000 0006 0333',
  H: '0006 4046 0343',
  K: '0006 4003 0346',
  L: '0006 0646',
  M: '0600 0023 2340 4046',
  N: '0600 0046 4640',
  P: '0600 0030 3041 4142 4233 3303',
  R: '0600 0030 3041 4142 4233 3303 2346',
  S: '4130 3010 1001 0102 0213 1333 3344 4445 4536 3616 1605',
  T: '0040 2026',
  X: '0046 0640',
  '-': '1333',
  '.': '2626',
  '/': '0640',
  ' ': '',
};

/** The strokes of a line of text, its middle at the origin, in units of its letter height. */
export function textStrokes(text: string): Point[][] {
  const strokes: Point[][] = [];
  const advance = 5.6 / 6;
  const start = -((text.length * advance - 1.6 / 6) / 2);
  [...text].forEach((letter, index) => {
    for (const stroke of (glyphs[letter] ?? '').split(' ').filter((code) => code.length === 4)) {
      const [x0, y0, x1, y1] = [...stroke].map(Number) as [number, number, number, number];
      const left = start + index * advance;
      strokes.push([
        { x: left + x0 / 6, y: y0 / 6 - 0.5 },
        { x: left + x1 / 6, y: y1 / 6 - 0.5 },
      ]);
    }
  });
  return strokes;
}

/** A part or serial number as it is found on machined parts. */
export function drawPartNumber(random: Random): string {
  const digits = (count: number): string => Array.from({ length: count }, () => wholeBetween(random, 0, 9)).join('');
  const letters = 'ABCEFHKLMNPRST';
  const letter = (): string => pick(random, [...letters]);
  return pick(random, [
    () => `${letter()}${digits(1)}-${digits(4)}`,
    () => `SN ${digits(6)}`,
    () => `${digits(2)}.${digits(3)}.${digits(2)}`,
    () => `${letter()}${letter()} ${digits(3)}/${digits(2)}`,
    () => `${digits(5)}-${letter()}`,
    () => `M${digits(2)}X${digits(2)}`,
  ])();
}
