import type { Random } from '../../core/random.ts';
import { between, pickWeighted } from '../draw/draws.ts';
import type { Rgb } from '../draw/frame.ts';
import { drawMilled } from './milled.ts';
import type { Part } from './part.ts';
import type { Setting } from '../draw/setting.ts';
import { drawShaft, drawTurned } from './turned.ts';

const metals: readonly (readonly [Rgb, number])[] = [
  [[0.6, 0.6, 0.61], 42],
  [[0.75, 0.76, 0.775], 34],
  [[0.5, 0.505, 0.52], 14],
  [[0.64, 0.6, 0.55], 5],
  [[0.78, 0.62, 0.34], 5],
  [[0.72, 0.47, 0.34], 2],
  [[0.3, 0.3, 0.31], 4],
  [[0.68, 0.66, 0.5], 2],
];

/** The station sees few kinds of parts, mostly faces from near; on the shop floor there is everything. */
const kinds: Readonly<Record<Setting, readonly (readonly [Part['kind'], number])[]>> = {
  station: [
    ['face', 70],
    ['plate', 14],
    ['flange', 12],
    ['ring', 4],
  ],
  'shop floor': [
    ['face', 16],
    ['plate', 20],
    ['flange', 20],
    ['ring', 10],
    ['bracket', 12],
    ['shaft', 16],
    ['gear', 6],
  ],
};

/** Draws a part: its shape, holes, metal and finish. */
export function drawPart(random: Random, setting: Setting): Part {
  const kind = pickWeighted(random, kinds[setting]);
  const base = pickWeighted(random, setting === 'station' ? metals.slice(0, 3) : metals);
  const warmth = between(random, -0.025, 0.025);
  const metal: Rgb = [base[0] + warmth, base[1], base[2] - warmth];
  if (kind === 'shaft') return drawShaft(random, metal);
  if (kind === 'flange' || kind === 'ring' || kind === 'gear') return drawTurned(random, kind, metal);
  return drawMilled(random, kind, metal);
}
