import { useEffect, useState } from 'react';
import { readPalette, watchTheme, type Palette } from '../chart/palette.ts';

/** The colours of the theme that is on, also after it changed. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(readPalette);
  useEffect(() => {
    let frame = 0;
    const read = (): void => {
      const next = readPalette();
      // VS Code writes its style often; only what differs draws the charts anew.
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
