import { VSCodeDropdown, VSCodeOption } from '@vscode/webview-ui-toolkit/react';
import { useRef, type ReactNode } from 'react';

interface DropdownProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  readonly className?: string;
}

/** Selects one of a few values. */
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
 * The rendered value. Set while rendering, because the toolkit reports changes while React commits them: before any effect,
 * and to the handler of the previous render.
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
