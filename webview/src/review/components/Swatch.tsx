import type { ReactNode } from 'react';
import { classColor, css, onImage, readableOn } from '../model/palette.ts';

/** The colour of a class as on the canvas, with the digit that gives it. */
export function Swatch({ classId, dashed }: { classId: number; dashed?: boolean }): ReactNode {
  const color = classColor(classId, onImage);
  const style =
    dashed === true
      ? { borderColor: css(color), background: 'transparent', color: 'inherit' }
      : { borderColor: css(color), background: css(color), color: readableOn(color) };
  return (
    <span className={`swatch ${dashed === true ? 'dashed' : ''}`} style={style} aria-hidden="true">
      {classId < 10 ? (classId + 1) % 10 : ''}
    </span>
  );
}
