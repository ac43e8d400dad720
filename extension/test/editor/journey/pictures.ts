import type { Editor, ThemeName } from '../support/editor.ts';
import { findWebview } from '../support/parts.ts';
import { limit, product, type Journey } from './journey.ts';

const journeyThemes: readonly ThemeName[] = ['light', 'highContrast', 'dark'];

/** How long the window needs to repaint after its colours or its size changed. */
const settleMs = 700;

/** Whether the pictures are wanted in all themes and sizes, as `npm run pictures` does; they take two minutes. */
const inAllThemes = process.env['AL_PICTURES'] === '1';

/** Pictures of what is in sight in three themes, and in a narrow window; afterwards the theme is the dark one again. */
export async function picture({ editor, host }: Journey, name: string): Promise<void> {
  if (!inAllThemes) return void (await editor.screenshot(`${name}-dark`));
  for (const theme of journeyThemes) {
    await editor.setTheme(theme, host);
    await settle(editor);
    await editor.screenshot(`${name}-${theme}`);
  }
  await editor.setSize('narrow');
  await settle(editor);
  await editor.screenshot(`${name}-narrow`);
  await editor.setSize('wide');
  await settle(editor);
}

/** A picture of a window that is high enough for all of a long page or list. */
export async function tallPicture({ editor, host }: Journey, name: string, theme: ThemeName): Promise<void> {
  if (!inAllThemes) return;
  await editor.setTheme(theme, host);
  await editor.setSize({ width: 1440, height: 1800 });
  await settle(editor);
  await editor.screenshot(name);
  await editor.setSize('wide');
  await editor.setTheme('dark', host);
  await settle(editor);
}

/** A picture of the open image beside what the model predicted, for the README. */
export async function comparePicture({ editor }: Journey, name: string): Promise<void> {
  if (!inAllThemes) return;
  await editor.runCommand(`${product}: Compare with the Predictions`);
  await settle(editor);
  await editor.screenshot(`${name}-dark`);
  await editor.runCommand(`${product}: Compare with the Predictions`);
}

/** A picture of the session's images, for the README. */
export async function browsePicture({ editor, host }: Journey, name: string): Promise<void> {
  if (!inAllThemes) return;
  await editor.runCommand(`${product}: Browse Images`);
  await findWebview(editor.page, '[role=grid] img', limit);
  await settle(editor);
  await editor.screenshot(`${name}-dark`);
  await host.run((vscode) => vscode.commands.executeCommand('workbench.action.closeActiveEditor'), null);
}

export async function settle(editor: Editor): Promise<void> {
  await editor.page.waitForTimeout(settleMs);
}
