import type { Random } from '../../core/random.ts';
import { between, chance, gaussian, wholeBetween } from '../draw/draws.ts';
import type { Frame } from '../draw/frame.ts';
import { smoothStep } from '../draw/noise.ts';
import { eachStroke, setOver } from '../draw/over.ts';
import { mapStrokes, onImage, wander, type StrokePoint } from '../draw/strokes.ts';
import type { Point, View } from '../draw/view.ts';

/** Specks and short fibres over the whole picture. */
export function layDust(frame: Frame, view: View, random: Random): void {
  const lines: StrokePoint[][] = [];
  const count = wholeBetween(random, 15, 60);
  for (let i = 0; i < count; i++) {
    const x = between(random, 0, frame.width);
    const y = between(random, 0, frame.height);
    const fibre = chance(random, 0.1);
    const points = wander(random, { x, y }, between(random, 0, 6.3), fibre ? between(random, 8, 26) : 1, 2, 2.5, 0.2);
    const radius = fibre ? 0.5 : between(random, 0.5, 1.3);
    const strength = between(random, 0.2, 0.75);
    lines.push(points.map((point) => ({ ...point, radius: radius * Math.sqrt(view.scale), strength })));
  }
  const pale = chance(random, 0.7);
  for (const line of lines) {
    eachStroke(
      frame,
      mapStrokes([line], 1.6, frame.width, frame.height),
      (at, q, strength) => {
        const opacity = strength * Math.exp(-q * q * 1.4);
        if ((frame.overA[at] ?? 0) >= opacity) return;
        const tone = pale ? 0.5 : 0.05;
        setOver(frame, at, [tone, tone * 0.98, tone * 0.93], opacity);
      },
      true,
    );
  }
}

/** Swarf: short curled chips of metal with a shadow. */
export function layChips(frame: Frame, view: View, random: Random, around: Point): void {
  const count = wholeBetween(random, 1, 5);
  const tint = chance(random, 0.25);
  for (let n = 0; n < count; n++) {
    const start = { x: around.x + gaussian(random) * 70, y: around.y + gaussian(random) * 70 };
    const length = between(random, 10, 34);
    const curl = between(random, 1.5, 5.5) * (chance(random, 0.5) ? 1 : -1);
    const points = wander(random, start, between(random, 0, 6.3), length, 1.6, curl, 0.12);
    const radius = between(random, 1.1, 2.2) * view.scale;
    const line = onImage(
      view,
      points,
      (t) => radius * (0.5 + 0.5 * Math.sin(Math.PI * Math.min(1, t + 0.12))),
      () => 1,
    );
    const shadow = line.map((point) => ({ ...point, x: point.x + 2.5, y: point.y + 2.8, radius: point.radius * 1.5 }));
    const beat = between(random, 0.3, 0.7);
    eachStroke(
      frame,
      mapStrokes([shadow], 1.6, frame.width, frame.height),
      (at, q) => {
        setOver(frame, at, [0.01, 0.01, 0.01], Math.max(frame.overA[at] ?? 0, 0.5 * Math.exp(-q * q)));
      },
      true,
    );
    eachStroke(
      frame,
      mapStrokes([line], 1.1, frame.width, frame.height),
      (at, q, _strength, side, index) => {
        const glint = Math.max(0, Math.sin(index * beat)) * 0.5 + 0.55 * Math.exp(-(side + 0.35) * (side + 0.35) * 9);
        const tone = 0.1 + 0.85 * glint;
        setOver(frame, at, tint ? [tone, tone * 0.82, tone * 0.5] : [tone, tone, tone * 1.02], smoothStep(1.1, 0.8, q));
      },
      true,
    );
  }
}
