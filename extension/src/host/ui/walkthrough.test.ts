import type * as Vscode from 'vscode';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeContext } from '../../../test/support/fakeVscode.ts';

type Tab = Pick<Vscode.Tab, 'isActive' | 'input'>;

/** A window's context keys and tabs. */
const window = vi.hoisted(() => ({
  keys: [] as string[],
  tabs: [] as Tab[],
  listener: null as ((event: { opened: Tab[]; changed: Tab[] }) => void) | null,
}));
vi.mock('vscode', () => ({
  commands: {
    executeCommand: async (_: string, key: string, value: boolean) => void window.keys.push(`${key} ${value}`),
  },
  window: {
    tabGroups: {
      get all() {
        return [{ tabs: window.tabs }];
      },
      onDidChangeTabs: (listener: typeof window.listener) => {
        window.listener = listener;
        return { dispose: () => (window.listener = null) };
      },
    },
  },
}));
const { completeStep, followWalkthrough } = await import('./walkthrough.ts');

const walkthroughTab: Tab = { isActive: true, input: undefined };
const fileTab: Tab = { isActive: true, input: {} };
const ticked = (step: string): string[] => [`activeLearning:done.${step} true`, `activeLearning:done.${step} false`];
let memory: Vscode.Memento;

beforeEach(() => {
  vi.useFakeTimers();
  memory = fakeContext('', '').globalState as unknown as Vscode.Memento;
  Object.assign(window, { keys: [], tabs: [], listener: null });
});

afterEach(() => vi.useRealTimers());

test('a step is ticked when it is done, and once', () => {
  followWalkthrough(memory);
  completeStep('review');
  completeStep('review');
  expect(window.keys).toEqual(ticked('review'));
});

test('steps that were done in an earlier window are ticked several times after the walkthrough opens', () => {
  followWalkthrough(memory).dispose();
  completeStep('environment');
  completeStep('train');
  window.keys = [];
  const following = followWalkthrough(memory);
  window.listener?.({ opened: [fileTab], changed: [] });
  vi.advanceTimersByTime(60_000);
  expect(window.keys).toEqual([]);
  window.listener?.({ opened: [walkthroughTab], changed: [] });
  const once = [...ticked('environment'), ...ticked('train')];
  vi.advanceTimersByTime(100);
  expect(window.keys).toEqual(once);
  vi.advanceTimersByTime(60_000);
  expect(window.keys).toEqual(Array.from({ length: 5 }, () => once).flat());
  window.listener?.({ opened: [], changed: [walkthroughTab] });
  following.dispose();
  vi.advanceTimersByTime(60_000);
  expect(window.keys).toHaveLength(5 * once.length);
  expect(window.listener).toBeNull();
});

test('a walkthrough that a window restores is ticked too', () => {
  followWalkthrough(memory).dispose();
  completeStep('export');
  window.keys = [];
  window.tabs = [walkthroughTab];
  followWalkthrough(memory);
  vi.advanceTimersByTime(0);
  expect(window.keys).toEqual(ticked('export'));
});
