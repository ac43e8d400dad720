import '../../ui/testing/jsdomGaps.ts';
import { act, cleanup, render } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';
import { MemoryReview, type MemorySample } from './memoryReview.ts';
import { listenAsVscode } from './vscodeKeys.ts';
import type { ReviewAction } from '../../../../extension/src/protocol/review.ts';
import { setTranslations } from '../../bridge/translate.ts';
import { ReviewPanel } from '../panel/reviewPanel.ts';
import { ReviewApp } from '../ReviewApp.tsx';
import { classNames, threeSamples } from './samples.ts';

/** Functions that stop the simulations of VS Code. */
const stops: (() => void)[] = [];

/** Adds what jsdom lacks. Images decode immediately; decoding fails if the address contains `broken`. */
export function useBrowserParts(): void {
  beforeEach(() => {
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe(): void {}
        disconnect(): void {}
        unobserve(): void {}
      },
    );
    // As if the browser drew a frame at once.
    vi.stubGlobal('requestAnimationFrame', (draw: FrameRequestCallback) => setTimeout(() => draw(0), 0));
    vi.stubGlobal('cancelAnimationFrame', (frame: number) => clearTimeout(frame));
    HTMLCanvasElement.prototype.getContext = () => null;
    HTMLImageElement.prototype.decode = decode;
    Element.prototype.setPointerCapture = () => undefined;
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(800);
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  });
  afterEach(() => {
    cleanup();
    for (const stop of stops.splice(0)) stop();
    setTranslations({});
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    document.body.className = '';
  });
}

export interface Opened {
  readonly review: MemoryReview;
  readonly panel: ReviewPanel;
  /** Presses keys such as `Shift+ArrowRight` on the focused element, and waits until the page is idle. */
  press(...chords: string[]): Promise<void>;
  /** Clicks the button with this text or label. */
  click(name: string): Promise<void>;
  text(): string;
  settle(): Promise<void>;
  /** Delivers the oldest pending commands of a slow VS Code one after another; by default all of them. */
  commandsCome(count?: number): Promise<void>;
  /** Advances the clock of the panel. */
  wait(seconds: number): void;
  close(): void;
}

interface OpenOptions {
  readonly samples?: readonly MemorySample[];
  readonly saved?: unknown;
  readonly prepare?: (review: MemoryReview) => void;
  /** The user's own keybindings by chord; null removes one. */
  readonly keybindings?: Readonly<Record<string, ReviewAction | null>>;
  /** VS Code answers keys only in `commandsCome`. */
  readonly slowCommands?: boolean;
}

/** Opens the panel with a host in memory. */
export async function openReview(options: OpenOptions = {}): Promise<Opened> {
  const { samples, saved, prepare, keybindings = {}, slowCommands = false } = options;
  const review = new MemoryReview(samples ?? threeSamples(), classNames, saved);
  prepare?.(review);
  for (const stop of stops.splice(0)) stop();
  const due: (() => void)[] = [];
  const answer = (send: () => void): void => void (slowCommands ? due.push(send) : send());
  stops.push(listenAsVscode(review, new Map(Object.entries(keybindings)), answer));
  let now = 0;
  const panel = new ReviewPanel(review.host.context, () => now);
  const { unmount } = render(<ReviewApp panel={panel} />);
  await settle();
  return {
    review,
    panel,
    settle,
    text: () => document.body.textContent ?? '',
    wait: (seconds) => {
      now += seconds * 1000;
      panel.noteActivity();
    },
    press: async (...chords) => {
      for (const chord of chords) {
        act(() => void (document.activeElement ?? document.body).dispatchEvent(keyEvent(chord)));
        await settle();
      }
    },
    click: async (name) => {
      const button = buttonNamed(name);
      if (button === null) throw new Error(`There is no button ${name}.`);
      act(() => button.click());
      await settle();
    },
    commandsCome: async (count = due.length) => {
      for (const send of due.splice(0, count)) {
        act(send);
        await settle();
      }
    },
    close: () => {
      unmount();
      panel.dispose();
    },
  };
}

/** Waits until all requests are answered and shown. */
async function settle(): Promise<void> {
  for (let i = 0; i < 8; i++) await act(() => new Promise((resolve) => setTimeout(resolve, 0)));
}

function decode(this: HTMLImageElement): Promise<void> {
  return this.src.includes('broken') ? Promise.reject(new Error('broken')) : Promise.resolve();
}

/** Delays the answers of a host. @returns a function that releases them. */
export function holdAnswers(review: MemoryReview): () => void {
  const held: (() => void)[] = [];
  review.before = () => new Promise((resolve) => held.push(resolve));
  return () => {
    review.before = () => Promise.resolve();
    for (const resolve of held) act(resolve);
  };
}

/** A button of the toolkit or the page by its text or label. */
export function buttonNamed(name: string): HTMLElement | null {
  const buttons = document.querySelectorAll<HTMLElement>('vscode-button, button');
  for (const button of buttons) {
    const label = button.getAttribute('aria-label') ?? textWithoutKeys(button);
    if (label === name) return button;
  }
  return null;
}

export function keyEvent(chord: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const parts = chord.split('+');
  const last = parts.at(-1) ?? '';
  const shift = parts.includes('Shift');
  const letter = last.length === 1 ? (shift ? last.toUpperCase() : last.toLowerCase()) : last;
  return new KeyboardEvent('keydown', {
    key: letter === 'Space' ? ' ' : letter,
    ctrlKey: parts.includes('Ctrl'),
    altKey: parts.includes('Alt'),
    shiftKey: shift,
    bubbles: true,
    cancelable: true,
    composed: true,
    ...more,
  });
}

function textWithoutKeys(button: HTMLElement): string {
  const copy = button.cloneNode(true);
  if (!(copy instanceof HTMLElement)) return '';
  for (const key of copy.querySelectorAll('kbd')) key.remove();
  return copy.textContent?.trim() ?? '';
}
