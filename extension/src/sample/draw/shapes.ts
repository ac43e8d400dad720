/** Signed distance to an outline in part units, negative inside. Exact or slightly short away from the edge. */
export type Field = (u: number, v: number) => number;

export function disc(cu: number, cv: number, radius: number): Field {
  return (u, v) => Math.sqrt((u - cu) * (u - cu) + (v - cv) * (v - cv)) - radius;
}

export function roundedBox(cu: number, cv: number, halfU: number, halfV: number, corner: number): Field {
  return (u, v) => {
    const du = Math.abs(u - cu) - halfU + corner;
    const dv = Math.abs(v - cv) - halfV + corner;
    if (du > 0 && dv > 0) return Math.sqrt(du * du + dv * dv) - corner;
    return Math.max(du, dv) - corner;
  };
}

/** A slot: everything within `radius` of a segment. */
export function slot(cu: number, cv: number, halfLength: number, radius: number, angle: number): Field {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return (u, v) => {
    const along = (u - cu) * cos + (v - cv) * sin;
    const across = (v - cv) * cos - (u - cu) * sin;
    const beyond = Math.max(0, Math.abs(along) - halfLength);
    return Math.sqrt(beyond * beyond + across * across) - radius;
  };
}

export function hexagon(cu: number, cv: number, inner: number, angle: number): Field {
  const normals = [0, 1, 2].map((side) => angle + (side * Math.PI) / 3);
  const [c0, c1, c2] = normals.map(Math.cos) as [number, number, number];
  const [s0, s1, s2] = normals.map(Math.sin) as [number, number, number];
  return (u, v) => {
    const du = u - cu;
    const dv = v - cv;
    return Math.max(Math.abs(du * c0 + dv * s0), Math.abs(du * c1 + dv * s1), Math.abs(du * c2 + dv * s2)) - inner;
  };
}

/** A spur gear: flat-topped teeth of the given height around a pitch circle. */
export function gear(radius: number, toothHeight: number, teeth: number): Field {
  return (u, v) => {
    const wave = Math.cos(teeth * Math.atan2(v, u)) * 2.2;
    const profile = wave / (1 + Math.abs(wave)) / 0.69;
    return (Math.sqrt(u * u + v * v) - radius - toothHeight * profile) * 0.75;
  };
}

export function union(a: Field, b: Field): Field {
  return (u, v) => Math.min(a(u, v), b(u, v));
}

export function without(a: Field, b: Field): Field {
  return (u, v) => Math.max(a(u, v), -b(u, v));
}

/** One stretch of a turned shaft along u. */
export interface ShaftStretch {
  readonly from: number;
  readonly to: number;
  readonly radius: number;
  readonly surface: 'turned' | 'thread' | 'knurl' | 'ground';
  /** Distance between turns of a thread or knurl, part units. */
  readonly pitch: number;
}

/** Radius of a shaft at u, with a chamfer of `chamfer` units at every shoulder; 0 beyond its ends. */
export function shaftRadius(stretches: readonly ShaftStretch[], chamfer: number, u: number): number {
  for (const stretch of stretches) {
    if (u < stretch.from || u >= stretch.to) continue;
    const edge = Math.min(u - stretch.from, stretch.to - u);
    const radius = edge < chamfer ? stretch.radius - (chamfer - edge) : stretch.radius;
    if (stretch.surface !== 'thread') return radius;
    return radius - 0.16 * stretch.pitch * (1 + Math.cos((2 * Math.PI * u) / stretch.pitch));
  }
  return 0;
}

/** The stretch that holds u, undefined beyond the ends. */
export function stretchAt(stretches: readonly ShaftStretch[], u: number): ShaftStretch | undefined {
  return stretches.find((stretch) => u >= stretch.from && u < stretch.to);
}

export function shaftOutline(stretches: readonly ShaftStretch[], chamfer: number): Field {
  const from = Math.min(...stretches.map((stretch) => stretch.from));
  const to = Math.max(...stretches.map((stretch) => stretch.to));
  return (u, v) => Math.max(Math.abs(v) - shaftRadius(stretches, chamfer, u), from - u, u - to);
}
