import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark' | 'high-contrast-dark' | 'high-contrast-light';

/** The kind of colour theme that VS Code marked the page with. */
export function currentTheme(): Theme {
  const { classList } = document.body;
  // VS Code gives the light high-contrast theme both high-contrast classes.
  if (classList.contains('vscode-high-contrast-light')) return 'high-contrast-light';
  if (classList.contains('vscode-high-contrast')) return 'high-contrast-dark';
  return classList.contains('vscode-light') ? 'light' : 'dark';
}

/** Follows the theme while the page lives. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme);
}

/** The value of a theme colour, for a canvas, which does not know CSS variables. */
export function themeColor(name: `--vscode-${string}`, otherwise: string): string {
  return getComputedStyle(document.body).getPropertyValue(name).trim() || otherwise;
}

/** Whether the user asked for little motion, in VS Code or in the system. */
export function prefersReducedMotion(): boolean {
  if (document.body.classList.contains('vscode-reduce-motion')) return true;
  return typeof window.matchMedia === 'function' && window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

function subscribe(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  return () => observer.disconnect();
}
