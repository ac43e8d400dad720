/** The part of a wheel event of the DOM that decides its meaning. */
export interface WheelTurn {
  readonly deltaX: number;
  readonly deltaY: number;
  readonly deltaMode: number;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
}

type WheelIntent =
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'pan'; readonly dx: number; readonly dy: number };

/**
 * A mouse wheel and a pinch (which browsers report with Ctrl) zoom, and two fingers on a touchpad pan. Horizontal movement
 * or small steps mean a touchpad.
 */
export function wheelIntent(turn: WheelTurn): WheelIntent {
  const unit = turn.deltaMode === 1 ? 33 : turn.deltaMode === 2 ? 400 : 1;
  const dx = turn.deltaX * unit;
  const dy = turn.deltaY * unit;
  if (turn.ctrlKey) return { kind: 'zoom', factor: Math.exp(-limit(dy) * 0.01) };
  if (turn.shiftKey) return { kind: 'pan', dx: -(dx === 0 ? dy : dx), dy: 0 };
  const isTouchpad = turn.deltaMode === 0 && (dx !== 0 || Math.abs(dy) < 50);
  return isTouchpad ? { kind: 'pan', dx: -dx, dy: -dy } : { kind: 'zoom', factor: Math.exp(-limit(dy) * 0.0022) };
}

function limit(delta: number): number {
  return Math.min(Math.max(delta, -200), 200);
}
