// Text of files reaches the screen through the functions that make it harmless, and through nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Terminal } from '../src/cli/command.ts';
import { main } from '../src/cli/main.ts';
import { editorState } from './support/editorState.ts';
import { fakeVscode } from './support/fakeVscode.ts';

vi.mock('vscode', () => fakeVscode);

const { showInformation, showWarning, ListRows } = await import('../src/host/ui/window.ts');

const host = join(import.meta.dirname, '..', 'src', 'host');
const sources = readdirSync(host, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
);

describe('the window of VS Code', () => {
  test.each([
    ['messages', /\.show(?:Information|Warning|Error)Message\b/, [join('ui', 'window.ts')]],
    ['progress', /window\.withProgress\b/, [join('ui', 'window.ts')]],
    ['lists', /window\.(?:show|create)QuickPick\b/, [join('ui', 'window.ts'), join('session', 'multiStep.ts')]],
    ['Markdown', /\bMarkdownString\b|\bisTrusted = |\.supportHtml\b/, []],
  ])('shows %s through one place', (_, call, places) => {
    expect(sources.length).toBeGreaterThan(50);
    const found = sources.filter((path) => call.test(readFileSync(join(host, path), 'utf8')));
    expect(found.toSorted()).toEqual(places.toSorted());
  });

  test('shows a name with a link as text, in messages and their details', async () => {
    editorState.seen.length = 0;
    await showInformation('Class "[Fix](command:workbench.action.quit)\u001B[2J"', 'OK');
    await showWarning('Delete?', { modal: true, detail: 'part\u202Egpj' }, 'Delete');
    expect(editorState.seen).toMatchObject([
      { text: 'Class "[Fix] (command:workbench.action.quit)\\u001B[2J"', offers: ['OK'] },
      { severity: 'modal', detail: 'part\\u202Egpj', offers: ['Delete'] },
    ]);
  });

  test("shows the extension's icons in a list, and none from names", () => {
    const rows = [{ icon: 'folder', label: '$(error) images', description: '$(x)', path: '/data' }];
    const shown = new ListRows<(typeof rows)[number]>();
    const [item] = shown.itemsFor(rows);
    expect(item).toEqual({ label: '$(folder) \\$(error) images', description: '\\$(x)', path: '/data' });
    expect(shown.rowOf(item)).toBe(rows[0]);
  });
});

test('the command line prints no control character of a name', async () => {
  const lines: string[] = [];
  const terminal: Terminal = {
    print: (text) => void lines.push(text),
    note: (text) => void lines.push(text),
    signal: new AbortController().signal,
  };
  expect(await main(['\u001B]0;owned\u0007'], terminal)).toBe(2);
  expect(lines[0]).toBe('Error (usage): There is no command "\\u001B]0;owned\\u0007".');
});
