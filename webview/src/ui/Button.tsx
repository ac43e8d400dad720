import { VSCodeButton } from '@vscode/webview-ui-toolkit/react';
import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';

interface ButtonProps {
  readonly children: ReactNode;
  readonly onClick: () => void;
  readonly primary?: boolean;
  /** Codicon before the text. */
  readonly icon?: string;
  readonly disabled?: boolean;
  readonly title?: string;
  readonly className?: string;
  /** Focuses the button when it appears. */
  readonly autoFocus?: boolean;
  readonly pressed?: boolean;
}

/** A button with a text. */
export function Button(props: ButtonProps): ReactNode {
  return (
    <VSCodeButton
      appearance={props.primary === true ? 'primary' : 'secondary'}
      className={`ui-button ${props.className ?? ''}`}
      disabled={props.disabled === true}
      title={props.title ?? ''}
      autofocus={props.autoFocus === true}
      ref={props.autoFocus === true ? focusOnce : null}
      onClick={() => {
        // A disabled element of the toolkit still receives clicks of scripts and tests.
        if (props.disabled !== true) props.onClick();
      }}
      {...(props.pressed === undefined ? {} : { 'aria-pressed': props.pressed ? 'true' : 'false' })}
    >
      {props.icon === undefined ? null : <Icon name={props.icon} slot="start" />}
      {props.children}
    </VSCodeButton>
  );
}

interface IconButtonProps {
  readonly icon: string;
  /** Its name, for the tooltip and screen readers. */
  readonly label: string;
  /** Shown after the name in the tooltip, such as a key. */
  readonly hint?: string;
  readonly onClick: () => void;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly className?: string;
}

/** A button that is only an icon. */
export function IconButton(props: IconButtonProps): ReactNode {
  const title = props.hint === undefined || props.hint === '' ? props.label : `${props.label} (${props.hint})`;
  return (
    <VSCodeButton
      appearance="icon"
      className={`ui-icon-button ${props.pressed === true ? 'ui-pressed' : ''} ${props.className ?? ''}`}
      disabled={props.disabled === true}
      title={title}
      aria-label={props.label}
      onClick={() => {
        if (props.disabled !== true) props.onClick();
      }}
      {...(props.pressed === undefined ? {} : { 'aria-pressed': props.pressed ? 'true' : 'false' })}
    >
      <Icon name={props.icon} />
    </VSCodeButton>
  );
}

function focusOnce(element: unknown): void {
  if (element instanceof HTMLElement) queueMicrotask(() => element.focus());
}
