import { currentTheme, themeColor } from '../../ui/theme.ts';
import { isDark, parseColour, readable, toCss, type Rgb } from '../../ui/colours.ts';
import { lineColours } from './lineColours.ts';

/** The colours and font of the theme for a canvas, as CSS values. */
export interface Palette {
  readonly lines: readonly string[];
  readonly text: string;
  readonly grid: string;
  readonly background: string;
  /** The font of the axis labels. */
  readonly font: string;
  readonly lineWidth: number;
}

const tokens = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'] as const;

const ownOnLight: readonly Rgb[] = [
  [0, 99, 211],
  [184, 92, 0],
  [47, 125, 43],
  [122, 63, 176],
  [199, 46, 46],
  [180, 35, 122],
];

const ownOnDark: readonly Rgb[] = [
  [89, 164, 249],
  [224, 145, 58],
  [137, 209, 133],
  [195, 155, 230],
  [244, 135, 113],
  [242, 139, 192],
];

/** The palette of the current theme. */
export function readPalette(): Palette {
  const theme = currentTheme();
  const light = theme === 'light' || theme === 'high-contrast-light';
  const high = theme === 'high-contrast-dark' || theme === 'high-contrast-light';
  const background =
    parseColour(themeColor('--vscode-editor-background', '')) ?? (light ? [255, 255, 255] : [31, 31, 31]);
  const dark = isDark(background);
  const foreground = parseColour(themeColor('--vscode-foreground', '')) ?? (dark ? [204, 204, 204] : [59, 59, 59]);
  const muted = parseColour(themeColor('--vscode-descriptionForeground', '')) ?? foreground;
  const given = tokens.map((name) => parseColour(themeColor(`--vscode-charts-${name}`, '')));
  const style = getComputedStyle(document.body);
  const size = Number.parseFloat(style.fontSize);
  return {
    lines: lineColours(given, dark ? ownOnDark : ownOnLight, background, high ? 4.5 : 3).map((one) => toCss(one)),
    text: toCss(readable(high ? foreground : muted, background, high ? 7 : 4.5)),
    grid: toCss(foreground, high ? 0.35 : 0.13),
    background: toCss(background),
    font: `${Math.max(10, (Number.isFinite(size) ? size : 13) - 2)}px ${style.fontFamily || 'sans-serif'}`,
    lineWidth: high ? 2.5 : 2,
  };
}

/**
 * Calls the listener when the theme, its colours or the font change. VS Code sets the kind of the theme as class of the
 * body, and the colours as style of the root element.
 */
export function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style'] });
  return () => observer.disconnect();
}
