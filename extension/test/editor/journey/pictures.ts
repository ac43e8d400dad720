import type { Editor, ThemeName } from '../support/editor.ts';

export const journeyThemes: readonly ThemeName[] = ['light', 'highContrast', 'dark'];

/** How long the window needs to repaint after its colours or its size changed. */
const settleMs = 700;

/** Pictures of what is in sight in three themes, and in a narrow window; afterwards the theme is the dark one again. */
export async function picture(editor: Editor, name: string): Promise<void> {
  for (const theme of journeyThemes) {
    await editor.setTheme(theme);
    await settle(editor);
    await editor.screenshot(`${name}-${theme}`);
  }
  await editor.setSize('narrow');
  await settle(editor);
  await editor.screenshot(`${name}-narrow`);
  await editor.setSize('wide');
  await settle(editor);
}

export async function settle(editor: Editor): Promise<void> {
  await editor.page.waitForTimeout(settleMs);
}
