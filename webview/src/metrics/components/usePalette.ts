import { useEffect, useState } from 'react';
import { readPalette, watchTheme, type Palette } from '../chart/palette.ts';

/** The palette of the current theme. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(readPalette);
  useEffect(() => {
    let frame = 0;
    const read = (): void => {
      const next = readPalette();
      // VS Code often writes the same style; redraw the charts only after a change.
      setPalette((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
    };
    const stop = watchTheme(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(read);
    });
    read();
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, []);
  return palette;
}
