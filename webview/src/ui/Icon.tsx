import type { ReactNode } from 'react';

/** A codicon by name, such as `check`. Hidden from screen readers, which read the text or button around it. */
export function Icon({ name, slot, spin }: { name: string; slot?: string; spin?: boolean }): ReactNode {
  const className = `codicon codicon-${name}${spin === true ? ' codicon-modifier-spin' : ''}`;
  return <span className={className} aria-hidden="true" {...(slot === undefined ? {} : { slot })} />;
}
