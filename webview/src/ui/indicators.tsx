import { VSCodeBadge, VSCodeLink, VSCodeProgressRing } from '@vscode/webview-ui-toolkit/react';
import type { ReactNode } from 'react';
import type { Announcement } from '../bridge/store.ts';

/** A short count or word in a pill. */
export function Badge({ children }: { children: ReactNode }): ReactNode {
  return <VSCodeBadge className="ui-badge">{children}</VSCodeBadge>;
}

/** Indicates that something is loading. */
export function ProgressRing({ label }: { label: string }): ReactNode {
  return <VSCodeProgressRing className="ui-ring" aria-label={label} />;
}

/** A link to an action of the page. */
export function Link({ children, onClick }: { children: ReactNode; onClick: () => void }): ReactNode {
  return (
    <VSCodeLink
      href="#"
      onClick={(event: unknown) => {
        if (event instanceof Event || isPreventable(event)) event.preventDefault();
        onClick();
      }}
    >
      {children}
    </VSCodeLink>
  );
}

/** Progress: `value` of `max`. */
export function ProgressBar({ value, max, label }: { value: number; max: number; label: string }): ReactNode {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <div
      className="ui-progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={value}
    >
      <div className="ui-progress-done" style={{ width: `${(share * 100).toFixed(2)}%` }} />
    </div>
  );
}

/** The label of a key. */
export function Key({ children }: { children: ReactNode }): ReactNode {
  return <kbd className="ui-key">{children}</kbd>;
}

/** Announces a sentence to screen readers. */
export function LiveRegion({ text, count }: Announcement): ReactNode {
  return (
    <div className="ui-visually-hidden" role="status" aria-live="polite">
      {text === '' ? null : <span key={count}>{text}</span>}
    </div>
  );
}

function isPreventable(event: unknown): event is { preventDefault: () => void } {
  return (
    typeof event === 'object' &&
    event !== null &&
    'preventDefault' in event &&
    typeof event.preventDefault === 'function'
  );
}
