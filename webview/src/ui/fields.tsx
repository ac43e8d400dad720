import { VSCodeCheckbox, VSCodeDropdown, VSCodeOption, VSCodeTextField } from '@vscode/webview-ui-toolkit/react';
import { useEffect, useRef, type ReactNode } from 'react';

export interface TextFieldProps {
  readonly label: string;
  /** Whether the label stands above the field; a screen reader gets it in any case. */
  readonly labelShown?: boolean;
  readonly value: string;
  readonly placeholder?: string;
  readonly onInput: (value: string) => void;
  readonly autoFocus?: boolean;
  readonly disabled?: boolean;
  readonly className?: string;
}

/** One line of text. */
export function TextField(props: TextFieldProps): ReactNode {
  const field = useRef<HTMLElement | null>(null);
  const { autoFocus } = props;
  useEffect(() => {
    if (autoFocus === true) field.current?.focus();
  }, [autoFocus]);
  return (
    <VSCodeTextField
      ref={(element: unknown) => {
        field.current = element instanceof HTMLElement ? element : null;
      }}
      className={props.className ?? ''}
      value={props.value}
      placeholder={props.placeholder ?? ''}
      disabled={props.disabled === true}
      aria-label={props.label}
      onInput={(event: unknown) => props.onInput(valueOf(event))}
    >
      {props.labelShown === true ? props.label : null}
    </VSCodeTextField>
  );
}

export interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
  readonly title?: string;
}

/** A checkbox with its label. The toolkit's also reports changes that the code made; only the user's come through. */
export function Checkbox(props: CheckboxProps): ReactNode {
  const shown = useNewest(props.checked);
  return (
    <VSCodeCheckbox
      checked={props.checked}
      disabled={props.disabled === true}
      title={props.title ?? ''}
      onChange={(event: unknown) => {
        const checked = checkedOf(event);
        if (checked !== null && checked !== shown.current) props.onChange(checked);
      }}
    >
      {props.label}
    </VSCodeCheckbox>
  );
}

export interface DropdownProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  readonly className?: string;
}

/** One of a few values. */
export function Dropdown(props: DropdownProps): ReactNode {
  const shown = useNewest(props.value);
  return (
    <VSCodeDropdown
      className={props.className ?? ''}
      value={props.value}
      disabled={props.disabled === true}
      aria-label={props.label}
      onChange={(event: unknown) => {
        const value = valueOf(event);
        if (value !== shown.current) props.onChange(value);
      }}
    >
      {props.options.map((option) => (
        <VSCodeOption key={option.value} value={option.value} selected={option.value === props.value}>
          {option.label}
        </VSCodeOption>
      ))}
    </VSCodeDropdown>
  );
}

/**
 * What is being shown right now. Set while rendering, for the toolkit reports a change while React commits it, before
 * any effect and to the handler of the render before.
 */
function useNewest<T>(value: T): { readonly current: T } {
  const newest = useRef(value);
  newest.current = value;
  return newest;
}

function targetOf(event: unknown): object | null {
  if (typeof event !== 'object' || event === null || !('target' in event)) return null;
  return typeof event.target === 'object' ? event.target : null;
}

function valueOf(event: unknown): string {
  const target = targetOf(event);
  return target !== null && 'value' in target && typeof target.value === 'string' ? target.value : '';
}

function checkedOf(event: unknown): boolean | null {
  const target = targetOf(event);
  return target !== null && 'checked' in target && typeof target.checked === 'boolean' ? target.checked : null;
}
