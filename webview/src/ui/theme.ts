export type Theme = 'light' | 'dark' | 'high-contrast-dark' | 'high-contrast-light';

/** The kind of the current colour theme. */
export function currentTheme(): Theme {
  const { classList } = document.body;
  // VS Code gives the light high-contrast theme both high-contrast classes.
  if (classList.contains('vscode-high-contrast-light')) return 'high-contrast-light';
  if (classList.contains('vscode-high-contrast')) return 'high-contrast-dark';
  return classList.contains('vscode-light') ? 'light' : 'dark';
}

/** The value of a theme colour, for a canvas, which cannot use CSS variables. */
export function themeColor(name: `--vscode-${string}`, otherwise: string): string {
  return getComputedStyle(document.body).getPropertyValue(name).trim() || otherwise;
}
