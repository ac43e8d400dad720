import { describe, expect, it } from 'vitest';
import { wheelIntent, type WheelTurn } from './wheel.ts';

function turn(more: Partial<WheelTurn>): WheelTurn {
  return { deltaX: 0, deltaY: 0, deltaMode: 0, ctrlKey: false, shiftKey: false, ...more };
}

describe('the wheel', () => {
  it('zooms with a mouse, in upwards and out downwards', () => {
    const inwards = wheelIntent(turn({ deltaY: -120 }));
    const outwards = wheelIntent(turn({ deltaY: 3, deltaMode: 1 }));
    expect(inwards.kind === 'zoom' && inwards.factor > 1).toBe(true);
    expect(outwards.kind === 'zoom' && outwards.factor < 1).toBe(true);
  });

  it('pans with two fingers on a touchpad', () => {
    expect(wheelIntent(turn({ deltaX: 4, deltaY: 12 }))).toEqual({ kind: 'pan', dx: -4, dy: -12 });
    expect(wheelIntent(turn({ deltaY: 7 }))).toEqual({ kind: 'pan', dx: -0, dy: -7 });
  });

  it('zooms with a pinch, and pans sideways with Shift', () => {
    expect(wheelIntent(turn({ deltaY: -2, ctrlKey: true })).kind).toBe('zoom');
    expect(wheelIntent(turn({ deltaY: 120, shiftKey: true }))).toEqual({ kind: 'pan', dx: -120, dy: 0 });
  });

  it('limits a large turn of the wheel', () => {
    const far = wheelIntent(turn({ deltaY: 100_000 }));
    expect(far.kind === 'zoom' && far.factor > 0.5).toBe(true);
  });
});
