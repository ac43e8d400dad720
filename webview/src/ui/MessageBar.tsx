import { type ReactNode, useEffect, useRef } from 'react';
import { Icon } from './Icon.tsx';

type MessageKind = 'info' | 'question' | 'warning' | 'error';

const icons: Readonly<Record<MessageKind, string>> = {
  info: 'info',
  question: 'question',
  warning: 'warning',
  error: 'error',
};

interface MessageBarProps {
  readonly kind: MessageKind;
  readonly title: string;
  readonly detail?: string;
  /**
   * Focuses the message when it appears, so that the next Tab reaches its buttons. Not a button: pressing the same key
   * again must not choose.
   */
  readonly focused?: boolean;
  /** Buttons. */
  readonly children?: ReactNode;
}

/** A message in the flow of the page, which covers nothing. */
export function MessageBar({ kind, title, detail, focused, children }: MessageBarProps): ReactNode {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (focused === true) bar.current?.focus({ preventScroll: true });
  }, [focused, title]);
  return (
    <div
      ref={bar}
      tabIndex={-1}
      className={`ui-message ui-message-${kind}`}
      role={kind === 'error' || kind === 'warning' ? 'alert' : 'group'}
      aria-label={title}
    >
      <Icon name={icons[kind]} />
      <div className="ui-message-text">
        <strong>{title}</strong>
        {detail === undefined || detail === '' ? null : <span> {detail}</span>}
      </div>
      {children === undefined ? null : <div className="ui-message-actions">{children}</div>}
    </div>
  );
}
