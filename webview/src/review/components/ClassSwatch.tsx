import type { ReactNode } from 'react';
import { textColourOn, toCss } from '../../ui/colours.ts';
import { classColour } from '../../ui/classColours.ts';

/** The colour of a class, with its digit key. */
export function ClassSwatch({ classId, dashed }: { classId: number; dashed?: boolean }): ReactNode {
  const colour = classColour(classId);
  const style =
    dashed === true
      ? { borderColor: toCss(colour), background: 'transparent', color: 'inherit' }
      : { borderColor: toCss(colour), background: toCss(colour), color: textColourOn(colour) };
  return (
    <span className={`swatch ${dashed === true ? 'dashed' : ''}`} style={style} aria-hidden="true">
      {classId < 10 ? (classId + 1) % 10 : ''}
    </span>
  );
}
