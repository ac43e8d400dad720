import { type ReactNode, useEffect, useState } from 'react';
import { usePanelState } from '../hooks/usePanel.ts';

/** Milliseconds. */
const shownFor = 1500;

/** Says on the image why the last key did nothing. The announcement of the page says it to screen readers. */
export function Refusal(): ReactNode {
  const { text, count } = usePanelState((state) => state.refusal);
  const [over, setOver] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setOver(count), shownFor);
    return () => clearTimeout(timer);
  }, [count]);
  if (count === over) return null;
  return (
    // A new element each time, so that the cue is seen again.
    <div key={count} className="review-refusal" data-count={count} aria-hidden="true">
      {text}
    </div>
  );
}
