import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import type { Palette } from '../chart/palette.ts';
import type { PointDetails } from '../model/chart.ts';
import { LineSample } from './LineSample.tsx';

interface TooltipProps {
  readonly details: readonly PointDetails[];
  /** Position of the point in the chart, in CSS pixels. */
  readonly left: number;
  readonly palette: Palette;
}

const gap = 12;

/** The values of a point, on the side of the point that has space. */
export function Tooltip({ details, left, palette }: TooltipProps): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [room, setRoom] = useState(0);
  useLayoutEffect(() => {
    setWidth(element.current?.offsetWidth ?? 0);
    setRoom(element.current?.offsetParent?.clientWidth ?? 0);
  }, [details]);
  const right = left + gap + width <= room;
  const at = right ? left + gap : Math.max(0, left - gap - width);
  return (
    <div className="tooltip" ref={element} aria-hidden="true" style={{ transform: `translateX(${Math.round(at)}px)` }}>
      {details.map(({ title, values, notes }) => (
        <div key={title} className="tooltip-part">
          <strong>{title}</strong>
          {values.map((one) => (
            <div key={one.key} className="tooltip-row">
              <LineSample style={one.style} palette={palette} />
              <span>{one.title}</span>
              <span className="tooltip-value">{one.value}</span>
            </div>
          ))}
          {notes.map((note) => (
            <div key={note} className="tooltip-note">
              {note}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
