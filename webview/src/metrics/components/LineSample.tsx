import type { ReactNode } from 'react';
import { lineStyle, markerCorners, itemForLine } from '../chart/lineStyles.ts';
import type { Palette } from '../chart/palette.ts';

/** A sample of a line: its colour, dashes and marker. */
export function LineSample({ style, palette }: { readonly style: number; readonly palette: Palette }): ReactNode {
  const { dash, marker } = lineStyle(style);
  const colour = itemForLine(palette.lines, style, palette.text);
  const corners = markerCorners(marker, 3.5);
  const outline = { fill: colour, stroke: palette.background, strokeWidth: 1 };
  return (
    <svg className="swatch" width="30" height="12" viewBox="-15 -6 30 12" aria-hidden="true" focusable="false">
      <line
        x1="-15"
        x2="15"
        y1="0"
        y2="0"
        stroke={colour}
        strokeWidth={palette.lineWidth}
        strokeDasharray={dash.join(' ')}
      />
      {corners === null ? (
        <circle r="3.5" {...outline} />
      ) : (
        <polygon points={corners.map((corner) => corner.join(',')).join(' ')} {...outline} />
      )}
    </svg>
  );
}
