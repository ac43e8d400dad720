import * as vscode from 'vscode';
import { contextKeys } from '../ids.ts';
import type { Disposable } from '../lifecycle.ts';

/** The context keys that complete the steps of the walkthrough in package.json. */
const keys = {
  environment: contextKeys.doneEnvironment,
  session: contextKeys.doneSession,
  train: contextKeys.doneTrain,
  review: contextKeys.doneReview,
  export: contextKeys.doneExport,
} as const;

type Step = keyof typeof keys;

const doneKey = 'walkthrough.done';

/** When the steps are ticked after a page opens: VS Code reads the walkthrough a while after its tab is there. */
const tickDelays: readonly number[] = [0, 500, 2000, 5000, 15_000];

/** The steps that were done, in any workspace. */
let doneSteps: vscode.Memento | null = null;

/**
 * Ticks the done steps whenever the walkthrough opens, however it is opened, and remembers them in `memento`.
 *
 * VS Code ticks a step when its key turns true, but only once it has read the walkthrough, which it does when the page
 * first opens. A key that is true by then no longer counts in that window. So a key is true only for a moment, and again
 * after the page opened.
 */
export function followWalkthrough(memento: vscode.Memento): Disposable {
  doneSteps = memento;
  let timers: NodeJS.Timeout[] = [];
  const stop = (): void => timers.forEach(clearTimeout);
  const tickSoon = (tabs: readonly vscode.Tab[]): void => {
    // VS Code does not name the kind of this tab; a few others are unnamed too, and ticking for them changes nothing.
    if (!tabs.some(({ isActive, input }) => isActive && input === undefined)) return;
    stop();
    timers = tickDelays.map((delay) => setTimeout(() => remembered().forEach(tick), delay));
  };
  const tabGroups = vscode.window.tabGroups;
  const subscription = tabGroups.onDidChangeTabs(({ opened, changed }) => tickSoon([...opened, ...changed]));
  tickSoon(tabGroups.all.flatMap(({ tabs }) => tabs));
  return {
    dispose: () => {
      subscription.dispose();
      stop();
    },
  };
}

/** Ticks a step: what it asks for was done, not only begun. */
export function completeStep(step: Step): void {
  const steps = remembered();
  if (steps.includes(step)) return;
  void doneSteps?.update(doneKey, [...steps, step]);
  tick(step);
}

function remembered(): readonly Step[] {
  return doneSteps?.get<readonly Step[]>(doneKey) ?? [];
}

function tick(step: Step): void {
  for (const value of [true, false]) void vscode.commands.executeCommand('setContext', keys[step], value);
}
