import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { actions } from '../../webview/src/review/model/actions.ts';
import { changeClassCommandIds, contextKeys, reviewCommandIds } from '../src/host/ids.ts';
import type { ReviewAction } from '../src/protocol/review.ts';
import type { HostContext } from '../src/host/context.ts';
import { fakeVscode } from './support/fakeVscode.ts';
import { holds } from './support/whenClause.ts';

vi.mock('vscode', () => fakeVscode);
const { registerCommands } = await import('../src/host/commands/register.ts');

interface Keybinding {
  readonly command: string;
  readonly key: string;
  readonly mac?: string;
  readonly when: string;
}

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
  readonly activationEvents: readonly string[];
  readonly contributes: { readonly keybindings: readonly Keybinding[] };
};
const texts = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.nls.json'), 'utf8')) as Record<
  string,
  string
>;
const { keybindings } = manifest.contributes;

/** The type of a panel as its activation event names it; another test holds that to the code. */
function viewTypeOf(panel: string): string | undefined {
  return manifest.activationEvents
    .map((event) => event.replace('onWebviewPanel:', ''))
    .find((viewType) => viewType.endsWith(`.${panel}`));
}
const metricsViewType = viewTypeOf('metrics');

/** What VS Code knows while the page of the review has the focus. */
const review = new Map<string, unknown>([
  [contextKeys.reviewActive, true],
  ['activeWebviewPanelId', viewTypeOf('review')],
]);

/**
 * The keys of VS Code for a focus outside the page, where the panel is still the active editor: a letter may be typed
 * there, and an arrow moves along the controls.
 */
const elsewhere = [
  'inputFocus',
  'listFocus',
  'sideBarFocus',
  'panelFocus',
  'auxiliaryBarFocus',
  'statusBarFocused',
  'bannerFocused',
  'notificationFocus',
  'inQuickOpen',
];

/** A keybinding as the page names the key: `ctrl+s` is `Ctrl+S`, and `shift+/` is `?`, as on most keyboards. */
function chordOfKeybinding(key: string): string {
  const signs: Record<string, string> = { 'shift+=': '+', 'shift+/': '?', numpad_add: '+', numpad_subtract: '-' };
  const names: Record<string, string> = {
    right: 'ArrowRight',
    left: 'ArrowLeft',
    pageup: 'PageUp',
    pagedown: 'PageDown',
    delete: 'Delete',
    backspace: 'Backspace',
    enter: 'Enter',
    ctrl: 'Ctrl',
    shift: 'Shift',
  };
  return (
    signs[key] ??
    key
      .split('+')
      .map((part) => names[part] ?? part.toUpperCase())
      .join('+')
  );
}

describe('keybindings', () => {
  test('the keys of the review equal those that its page shows', () => {
    for (const [action, command] of Object.entries(reviewCommandIds)) {
      const bindings = keybindings.filter((entry) => entry.command === command);
      const chords = new Set(bindings.map(({ key }) => chordOfKeybinding(key)));
      expect([...chords].toSorted(), action).toEqual(actions[action as ReviewAction].keys.toSorted());
    }
  });

  test('the titles of the commands equal those that the page shows, in title case', () => {
    for (const [action, command] of Object.entries(reviewCommandIds)) {
      const title = texts[`command.${command.replace('activeLearning.', '')}`];
      expect(title?.toLowerCase(), action).toBe(actions[action as ReviewAction].title.toLowerCase());
    }
  });

  test('digits select the class with that number', () => {
    const digits = keybindings.filter(({ command }) => changeClassCommandIds.includes(command));
    expect(digits.map(({ key, command }) => [key, command])).toEqual(
      ['', 'numpad'].flatMap((pad) =>
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((count) => [`${pad}${count % 10}`, changeClassCommandIds[count - 1]]),
      ),
    );
    expect(new Set(digits.map(({ command }) => texts[`command.${command.replace('activeLearning.', '')}`])).size).toBe(
      10,
    );
  });

  test('a digit and a user keybinding with a number select the class', async () => {
    const asked: unknown[] = [];
    const panels = { reviewAction: (...values: unknown[]) => asked.push(values) };
    const commands = registerCommands({ panels } as unknown as HostContext);
    for (const id of changeClassCommandIds) await fakeVscode.commands.executeCommand(id);
    await fakeVscode.commands.executeCommand(reviewCommandIds['change-class'], 3);
    await fakeVscode.commands.executeCommand(reviewCommandIds['change-class']);
    commands.dispose();
    const classIds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2, undefined];
    expect(asked).toEqual(classIds.map((classId) => ['change-class', classId]));
  });

  test('only the review has keybindings, with Command on a Mac instead of Control', () => {
    const commands = new Set([...Object.values(reviewCommandIds), ...changeClassCommandIds]);
    for (const { command, key, mac } of keybindings) {
      expect(commands, command).toContain(command);
      expect(mac, key).toBe(key.startsWith('ctrl+') ? key.replace('ctrl+', 'cmd+') : undefined);
    }
  });

  test.each(keybindings)('$key belongs to the review only while nothing else has the focus', ({ key, when }) => {
    expect(holds(when, review), key).toBe(true);
    expect(holds(when, new Map([...review, [contextKeys.reviewActive, false]])), key).toBe(false);
    expect(holds(when, new Map([...review, ['activeWebviewPanelId', metricsViewType]])), key).toBe(false);
    for (const focus of elsewhere) expect(holds(when, new Map([...review, [focus, true]])), focus).toBe(false);
  });
});
