import '../../ui/testing/jsdomGaps.ts';
import { act, cleanup, fireEvent, render } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';
import { setTranslations } from '../../bridge/translate.ts';
import { GridApp } from '../GridApp.tsx';
import { GridPanel } from '../panel/gridPanel.ts';
import type { MemoryGrid } from './memoryGrid.ts';

/** Adds what jsdom lacks: the scrolled area is 800 × 600 pixels, which are 5 columns. */
export function useBrowserParts(): void {
  beforeEach(() => {
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe(): void {}
        disconnect(): void {}
      },
    );
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(800);
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
  });
  afterEach(() => {
    cleanup();
    setTranslations({});
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}

export interface OpenedGrid {
  readonly panel: GridPanel;
  /** Presses keys such as `Shift+ArrowRight` on the focused cell. */
  press(...chords: string[]): Promise<void>;
  /** Clicks a cell. @param chord keys that are held, such as `Shift`. */
  click(place: number, chord?: string): Promise<void>;
  scrollTo(top: number): Promise<void>;
}

export async function openGrid(grid: MemoryGrid): Promise<OpenedGrid> {
  const panel = new GridPanel(grid.host.context);
  render(<GridApp panel={panel} />);
  await settle();
  return {
    panel,
    press: async (...chords) => {
      for (const chord of chords) {
        const keys = chord.split('+');
        const init = { key: keys.at(-1) ?? '', shiftKey: keys.includes('Shift'), ctrlKey: keys.includes('Control') };
        fireEvent.keyDown(document.querySelector('.cell[tabindex="0"]') ?? document.body, init);
        await settle();
      }
    },
    click: async (place, chord) => {
      fireEvent.mouseDown(cellAt(place), { button: 0, shiftKey: chord === 'Shift', ctrlKey: chord === 'Control' });
      await settle();
    },
    scrollTo: async (top) => {
      const scroller = document.querySelector('.scroller');
      if (scroller === null) throw new Error('Nothing scrolls.');
      scroller.scrollTop = top;
      fireEvent.scroll(scroller);
      await settle();
    },
  };
}

export function cellAt(place: number): HTMLElement {
  const cell = document.querySelector<HTMLElement>(`[data-place="${place}"]`);
  if (cell === null) throw new Error(`There is no cell ${place}.`);
  return cell;
}

/** The places that are drawn. */
export function drawn(): number[] {
  return [...document.querySelectorAll<HTMLElement>('[data-place]')].map(({ dataset }) => Number(dataset['place']));
}

/** The names in the cells that are drawn and read. */
export function shownNames(): string[] {
  return [...document.querySelectorAll('.name')]
    .map(({ textContent }) => textContent ?? '')
    .filter((name) => name !== '');
}

/** Waits until all requests are answered and shown. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await act(() => new Promise((resolve) => setTimeout(resolve, 0)));
}
