import type { ReactNode } from 'react';

/** A codicon by name, such as `check`. Decoration: the text beside it, or the button around it, says what it means. */
export function Icon({ name, slot, spin }: { name: string; slot?: string; spin?: boolean }): ReactNode {
  const className = `codicon codicon-${name}${spin === true ? ' codicon-modifier-spin' : ''}`;
  return <span className={className} aria-hidden="true" {...(slot === undefined ? {} : { slot })} />;
}
