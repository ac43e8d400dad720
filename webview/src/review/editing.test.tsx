// @vitest-environment jsdom
import { act, fireEvent } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { buttonNamed, keyEvent, openReview, type Opened, useBrowserParts } from './testing/renderReview.tsx';
import { sample } from './testing/samples.ts';

useBrowserParts();

/** The boxes that a verdict would write now. */
function boxes(page: Opened): readonly (readonly number[])[] {
  const { draft } = page.panel.store.getState();
  return (draft?.history.present.boxes ?? []).map(({ x1, y1, x2, y2, classId }) => [x1, y1, x2, y2, classId]);
}

function imageFilter(): string {
  return document.querySelector<HTMLElement>('.review-stage')?.style.filter ?? '';
}

function selectedRow(): string {
  return document.querySelector('.box-row.selected .box-name')?.textContent ?? '';
}

function rows(): string[] {
  return [...document.querySelectorAll('.box-row')].map(
    (row) => `${row.className.includes('offered') ? '+' : ''}${row.querySelector('.box-name')?.textContent ?? ''}`,
  );
}

describe('editing with keys', () => {
  it('moves the selected box, a pixel or ten at a time, and its edges', async () => {
    const page = await openReview();
    await page.press('.', 'e', 'ArrowRight', 'Shift+ArrowDown');
    expect(boxes(page)[0]).toEqual([11, 20, 61, 70, 0]);
    await page.press('Alt+ArrowRight', 'Alt+ArrowDown');
    expect(boxes(page)[0]).toEqual([11, 20, 62, 71, 0]);
    await page.press('Alt+Shift+ArrowLeft', 'Alt+Shift+ArrowUp');
    expect(boxes(page)[0]).toEqual([10, 19, 62, 71, 0]);
  });

  it('drops one box after the other, in place, and keeps them again', async () => {
    const page = await openReview();
    await page.press('.', 'k', 'k');
    expect(rows()).toEqual(['+bolt', '+nut']);
    expect(page.panel.store.getState().selected).toBe(-1);
    await page.press('k');
    expect(rows()).toEqual(['bolt', '+nut']);
    await page.press('Ctrl+z', 'Ctrl+z', 'Ctrl+z');
    expect(rows()).toEqual(['bolt', 'nut']);
  });

  it.each([
    ['k', 'k', 'k', 'k'],
    ['k', '.', 'k', '.', 'k', '.', 'k'],
  ])('drops each of four boxes once by %s %s %s …', async (...keys) => {
    const page = await openReview();
    await page.press('m', 'm', '.');
    expect(selectedRow()).toBe('bolt');
    await page.press(...keys);
    const { draft } = page.panel.store.getState();
    expect(draft?.history.present.boxes).toEqual([]);
  });

  it('goes on in the order of doubt after the key for that', async () => {
    const page = await openReview();
    await page.press('m', 'm', 'Escape');
    const seen: string[] = [];
    for (const key of ['j', 'k', 'j', 'k', 'j', 'k']) {
      await page.press(key);
      if (key === 'j') seen.push(document.querySelector('.box-row.selected .box-confidence')?.textContent ?? '');
    }
    expect(seen).toEqual(['20%', '10%', '60%']);
  });

  it('goes from the last box to the first, and to the most doubtful one', async () => {
    const page = await openReview();
    await page.press(',');
    expect(selectedRow()).toBe('nut');
    await page.press('.');
    expect(selectedRow()).toBe('bolt');
    await page.press('Escape', 'j');
    expect(selectedRow()).toBe('nut');
    await page.press('j');
    expect(selectedRow()).toBe('bolt');
    await page.press('j');
    expect(selectedRow()).toBe('nut');
  });

  it('keeps only the selected box, in one step', async () => {
    const page = await openReview();
    await page.press('.', '.', 'Shift+k');
    expect(rows()).toEqual(['+bolt', 'nut']);
    await page.press('Ctrl+z');
    expect(rows()).toEqual(['bolt', 'nut']);
  });

  it('copies and pastes boxes, also into another image, and duplicates one', async () => {
    const page = await openReview();
    await page.press('.', 'Ctrl+c', 'Ctrl+v');
    expect(boxes(page).at(-1)).toEqual([22, 22, 72, 72, 0]);
    await page.press('Ctrl+d');
    expect(boxes(page).at(-1)).toEqual([34, 34, 84, 84, 0]);
    await page.press('Ctrl+z', 'Ctrl+z');
    expect(boxes(page)).toHaveLength(2);
    await page.press('Escape', 'PageDown', 'Ctrl+v');
    expect(boxes(page).at(-1)).toEqual([10, 10, 60, 60, 0]);
  });

  it('repeats the boxes of the image before, once', async () => {
    const page = await openReview();
    const before = boxes(page);
    await page.press('PageDown');
    const own = boxes(page);
    await page.press('Shift+v');
    expect(boxes(page)).toEqual([...own, ...before]);
    await page.press('Shift+v');
    expect(page.text()).toContain('There are no boxes to repeat.');
    await page.press('Ctrl+z');
    expect(boxes(page)).toEqual(own);
  });

  it('changes brightness and contrast without an edit, and keeps them for other images', async () => {
    const page = await openReview();
    await page.press('i', 'Shift+o', 'PageDown');
    expect(imageFilter()).toBe('brightness(1.25) contrast(0.8)');
    expect(page.panel.store.getState().draft?.history.past).toEqual([]);
    await page.press('p');
    expect(imageFilter()).toBe('');
  });

  it('keeps weaker predictions one after the other, the surest first', async () => {
    const page = await openReview();
    await page.press('m');
    expect(rows()).toEqual(['bolt', 'nut', 'washer']);
    expect(selectedRow()).toBe('washer');
    await page.press('m');
    expect(rows()).toEqual(['bolt', 'nut', 'washer', 'bolt']);
    await page.press('m');
    expect(page.text()).toContain('There is no weaker prediction.');
  });

  it('drops what is below the threshold from edited boxes, in one step', async () => {
    const page = await openReview();
    await page.press('m');
    const slider = document.querySelector<HTMLInputElement>('.ui-slider');
    act(() => void fireEvent.change(slider ?? document.body, { target: { value: '70' } }));
    await page.press('t');
    expect(rows()).toEqual(['bolt']);
    await page.press('t');
    expect(page.text()).toContain('No box is below the threshold.');
    await page.press('Ctrl+z');
    expect(rows()).toEqual(['bolt', 'nut', 'washer']);
  });

  it('sets the class by digit, and for the next drawn boxes', async () => {
    const page = await openReview();
    await page.press('.', '3');
    expect(boxes(page)[0]?.[4]).toBe(2);
    await page.press('9');
    expect(boxes(page)[0]?.[4]).toBe(2);
    expect(page.panel.store.getState().nextClass).toBe(2);
  });

  it('deletes, and selects the next box so that Delete works again', async () => {
    const page = await openReview();
    await page.press('.', 'Delete');
    expect(rows()).toEqual(['nut']);
    await page.press('Delete');
    expect(rows()).toEqual([]);
    expect(page.text()).toContain('No boxes are shown. Drag on the image to draw one.');
  });

  it('undoes and redoes steps, with consecutive nudges as one', async () => {
    const page = await openReview();
    await page.press('.', 'e', 'ArrowRight', 'ArrowRight', '2', 'Delete');
    await page.press('Ctrl+z');
    expect(boxes(page)[0]).toEqual([12, 10, 62, 60, 1]);
    await page.press('Ctrl+z', 'Ctrl+z');
    expect(boxes(page)[0]).toEqual([10, 10, 60, 60, 0]);
    await page.press('Ctrl+Shift+z');
    expect(boxes(page)[0]).toEqual([12, 10, 62, 60, 0]);
    await page.press('Ctrl+y', 'Ctrl+y', 'Ctrl+y');
    expect(boxes(page)).toHaveLength(1);
  });

  it('undoes no verdict with Ctrl+Z, and says that there is no edit', async () => {
    const page = await openReview();
    await page.press('a', '.', 'e', 'ArrowRight', 'Ctrl+z', 'Ctrl+z');
    expect(page.text()).toContain('There is no edit to undo.');
    expect(page.text()).toContain('12.jpg');
    expect(page.review.calls).not.toContain('undo');
  });

  it('opens other images with arrow keys unless they move a box, and keeps edits', async () => {
    const page = await openReview();
    await page.press('.', '3', 'e');
    expect(page.text()).toContain('The arrow keys move the box');
    await page.press('Escape', 'ArrowRight');
    expect(page.text()).toContain('12.jpg');
    expect(buttonNamed('Image 1: not reviewed, unsaved edits')).not.toBeNull();
    await page.press('ArrowLeft');
    expect(boxes(page)[0]?.[4]).toBe(2);
    expect(page.review.submissions).toEqual([]);
  });

  it('types a class name without giving verdicts, and adds it', async () => {
    const page = await openReview();
    await page.press('.', 'c');
    const input = document.querySelector<HTMLInputElement>('.class-picker input');
    expect(document.activeElement).toBe(input);
    if (input === null) throw new Error('no field');
    const seen: string[] = [];
    const listener = (event: KeyboardEvent): void => void seen.push(event.key);
    window.addEventListener('keydown', listener);
    await page.press('s', 'ArrowLeft', 'ArrowRight', 'Delete', 'Backspace', 'Home', 'PageDown', '.', '3', 'Shift+R');
    await page.press('Ctrl+s', 'Ctrl+z', 'Ctrl+y', 'Ctrl+ArrowLeft');
    expect(seen).toEqual([]);
    // Other keys are still left to VS Code.
    await page.press('F1', 'Ctrl+p');
    window.removeEventListener('keydown', listener);
    expect(seen).toEqual(['F1', 'p']);
    expect(page.text()).toContain('11.jpg');
    expect(boxes(page)).toHaveLength(2);
    expect(page.review.submissions).toEqual([]);
    act(() => void fireEvent.change(input, { target: { value: 'spring' } }));
    expect(page.text()).toContain('Add class “spring”');
    await page.press('Enter');
    expect(page.review.classNames).toEqual(['bolt', 'nut', 'washer', 'spring']);
    expect(boxes(page)[0]?.[4]).toBe(3);
    expect(document.querySelector('.class-picker')).toBeNull();
  });

  it('finds a class by part of its name', async () => {
    const page = await openReview();
    await page.press('.', 'c');
    const input = document.querySelector<HTMLInputElement>('.class-picker input');
    if (input === null) throw new Error('no field');
    act(() => void fireEvent.change(input, { target: { value: 'ash' } }));
    await page.press('Enter');
    expect(boxes(page)[0]?.[4]).toBe(2);
  });

  it('does not trap Tab on the image', async () => {
    const page = await openReview();
    const canvas = document.querySelector<HTMLElement>('.review-canvas');
    canvas?.focus();
    const tab = (): boolean => {
      const event = keyEvent('Tab');
      act(() => void canvas?.dispatchEvent(event));
      return event.defaultPrevented;
    };
    expect([tab(), tab(), tab()]).toEqual([true, true, false]);
    expect(page.panel.store.getState().selected).toBe(-2);
  });
});

describe('a key that VS Code answers', () => {
  it('does nothing while the user types a class', async () => {
    const page = await openReview({ keybindings: { 'Ctrl+E': 'delete-box' } });
    await page.press('.', 'c', 'Ctrl+e');
    page.review.host.channel.send('review/action', { action: 'reject-background' });
    await page.settle();
    expect(boxes(page)).toHaveLength(2);
    expect(page.review.submissions).toEqual([]);
    await page.press('Escape', 'Ctrl+e');
    expect(boxes(page)).toHaveLength(1);
  });

  it('moves the box that the previous key selected', async () => {
    const page = await openReview();
    // Press all before VS Code has answered the first.
    act(() => {
      document.body.dispatchEvent(keyEvent('.'));
      document.body.dispatchEvent(keyEvent('e'));
      document.body.dispatchEvent(keyEvent('ArrowRight'));
    });
    await page.settle();
    expect(page.text()).toContain('11.jpg');
    expect(boxes(page)[0]).toEqual([11, 10, 61, 60, 0]);
    await page.press('PageDown');
    expect(page.text()).toContain('12.jpg');
  });
});

describe('uncertain boxes', () => {
  it('above the threshold that the user chose are shown in each image, and written by an accept', async () => {
    const page = await openReview();
    expect(rows()).toEqual(['bolt', 'nut']);
    const slider = document.querySelector<HTMLInputElement>('.ui-slider');
    if (slider === null) throw new Error('no slider');
    act(() => void fireEvent.change(slider, { target: { value: '15' } }));
    expect(rows()).toEqual(['bolt', 'nut', 'washer']);
    expect(page.text()).toContain('Saves 3 boxes');
    slider.focus();
    const seen: string[] = [];
    const listener = (event: KeyboardEvent): void => void seen.push(event.key);
    window.addEventListener('keydown', listener);
    await page.press('ArrowRight', 'ArrowLeft', 'PageUp', 'PageDown', 'Home', 'End');
    window.removeEventListener('keydown', listener);
    expect(seen).toEqual([]);
    expect(page.text()).toContain('11.jpg');
    expect(page.panel.store.getState().draft?.history.past).toEqual([]);
    expect(page.review.thresholds.chosen).toBe(0.15);
    expect(buttonNamed('Accept')).not.toBeNull();
    await page.press('a');
    expect(page.review.submissions[0]?.decision).toEqual({
      verdict: 'accepted',
      kept: [0, 1, 2],
      confirmBackground: false,
    });
    expect(page.panel.store.getState().host?.thresholds.chosen).toBe(0.15);
  });

  it('below the threshold that the user chose are not saved', async () => {
    const page = await openReview();
    const slider = document.querySelector<HTMLInputElement>('.ui-slider');
    if (slider === null) throw new Error('no slider');
    act(() => void fireEvent.change(slider, { target: { value: '70' } }));
    expect(page.text()).toContain('Saves 1 box');
    expect(buttonNamed('Accept')).not.toBeNull();
    await page.press('a');
    expect(page.review.submissions[0]?.decision).toMatchObject({ verdict: 'accepted', kept: [0] });
    await page.press('Ctrl+Home');
    const back = document.querySelector<HTMLElement>('.filter-value');
    act(() => void fireEvent.click(back ?? document.body));
    await page.settle();
    expect(page.review.thresholds.chosen).toBeNull();
  });

  it('that the user has edited stay, marked as faint, and are dropped on request', async () => {
    const page = await openReview();
    await page.press('m');
    const slider = document.querySelector<HTMLInputElement>('.ui-slider');
    if (slider === null) throw new Error('no slider');
    act(() => void fireEvent.change(slider, { target: { value: '70' } }));
    expect(page.text()).toContain('2 faint, still saved');
    expect(page.text()).toContain('Saves 3 boxes');
    await page.click('Drop 2');
    expect(page.text()).toContain('Saves 1 box');
  });

  it('of a class with a separate threshold are explained', async () => {
    const page = await openReview({
      prepare: (review) => {
        review.thresholds = { base: 0.25, classes: { 1: { from: 0.65, judged: 130, right: 52 } }, chosen: null };
      },
    });
    expect(rows()).toEqual(['bolt']);
    expect(page.text()).toContain('nut from 65%: 52 of 130 reviewed predictions were right.');
    const slider = document.querySelector<HTMLInputElement>('.ui-slider');
    act(() => void fireEvent.change(slider ?? document.body, { target: { value: '50' } }));
    expect(rows()).toEqual(['bolt', 'nut']);
    expect(page.text()).not.toContain('reviewed predictions were right');
  });
});

describe('the list of boxes', () => {
  it('has the same selection as the canvas, and describes each box', async () => {
    const page = await openReview();
    await page.press('.');
    expect(document.querySelector('[aria-current="true"] .box-name')?.textContent).toBe('bolt');
    await page.click('nut, 60%, 80 × 60, is saved');
    expect(page.panel.store.getState().selected).toBe(-2);
  });

  it('changes the selection with arrow keys without moving boxes', async () => {
    const page = await openReview();
    document.querySelector<HTMLElement>('.box-main')?.focus();
    await page.press('ArrowDown', 'ArrowDown', 'ArrowRight');
    expect(page.panel.store.getState().selected).toBe(-2);
    expect(boxes(page)[0]).toEqual([10, 10, 60, 60, 0]);
  });

  it('has only the visible rows of two thousand, and exposes their number', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => [i % 300, 1, (i % 300) + 20, 30, 0, 0.9] as const);
    await openReview({ samples: [sample(41, many)] });
    const shown = document.querySelectorAll('.box-row');
    expect(shown.length).toBeLessThan(60);
    expect(shown[0]?.getAttribute('aria-setsize')).toBe('2000');
  });

  it('restores the original boxes, and an undo brings the edits back', async () => {
    const page = await openReview();
    await page.press('.', 'Delete');
    await page.click('Revert');
    expect(rows()).toEqual(['bolt', 'nut']);
    expect(buttonNamed('Revert')).toBeNull();
    await page.press('Ctrl+z');
    expect(rows()).toEqual(['nut']);
  });
});
